// The same command gives the same bytes: whatever the clock, the folder, the language, the number of cores.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "cli/cli_test_support.h"
#include "support/own_places.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

namespace fs = std::filesystem;

struct Export {
  const char* name;  ///< of the file, without folder
  const char* command;
};

constexpr Export exports[] = {
    {"paint.png", "render --view paint --title --caption 'words' --crop --scale 1.5"},
    {"overlap.png", "render --view overlap checkerboard-k3-s2 --theme light --width-mm 85 --dpi 300"},
    {"overlap.svg", "render --view overlap checkerboard-k3-s2 --option overlap/sum=magnitude"},
    {"matrix.svg", "render --view matrix --focus output/1,2 --transparent"},
    {"phases.pdf", "render --view phases unet-up --width-mm 120"},
    {"compare.pdf", "render --view compare"},
    {"paint.gif", "animate --width 480 --fps 8 --hold 1 --repeat ping-pong"},
    {"zeros.webp", "animate --view insert-zeros --width 480"},
    {"gradients.csv", "data --view gradients gradients-1d"},
    {"overlap.tsv", "data --view overlap checkerboard-k3-s2"},
    {"paint.npy", "data --view paint --step 2"},
    {"linked.npz", "data --view linked"},
    {"raw.png", "data --view overlap checkerboard-k3-s2 --bits 16"},
};

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Runs the program in `folder`; the file lies there then.
int run_export(const fs::path& folder, const std::string& environment, const Export& each) {
  const std::string line = "cd '" + folder.string() + "' && " + environment + " '" + program("tconv") + "' " +
                           each.command + " --output " + each.name;
  return std::system(line.c_str());
}

TEST(Reproducible, TheSameCommandGivesTheSameBytes) {
  const TempDir one;
  const TempDir two;
  fs::create_directory(two / "another folder");
  for (const Export& each : exports) ASSERT_EQ(run_export(one.path(), "env TZ=UTC LC_ALL=C", each), 0) << each.command;
  // Dates in files have a resolution of a second, in archives of two.
  std::this_thread::sleep_for(std::chrono::milliseconds(2100));
  const std::string other = "env TZ=Asia/Tokyo LC_ALL=de_DE.UTF-8 LANG=de_DE.UTF-8 HOME=/nowhere taskset -c 0";
  for (const Export& each : exports) {
    ASSERT_EQ(run_export(two / "another folder", other, each), 0) << each.command;
    const std::string before = bytes_of(one / each.name);
    EXPECT_FALSE(before.empty()) << each.name;
    EXPECT_TRUE(before == bytes_of(two / "another folder" / each.name)) << each.command;
  }
}

/// Files of this project's own making, in whose bytes no library but zlib has a say, against the kept ones. After a
/// wanted change tests/golden/update.sh makes them anew; look at the difference before committing it.
TEST(Reproducible, FilesAreAsBefore) {
  const TempDir dir;
  const fs::path kept = sources() / "golden";
  for (const Export& each : exports) {
    const fs::path name(each.name);
    const std::string extension = name.extension().string();
    if (extension != ".svg" && extension != ".csv" && extension != ".tsv" && extension != ".npy" &&
        extension != ".npz") {
      continue;
    }
    ASSERT_EQ(run_export(dir.path(), "", each), 0) << each.command;
    const std::string now = bytes_of(dir / each.name);
    if (const char* update = std::getenv("TCONV_UPDATE_GOLDEN"); update != nullptr && *update != '\0') {
      std::ofstream(kept / each.name, std::ios::binary) << now;
      continue;
    }
    EXPECT_TRUE(bytes_of(kept / each.name) == now) << each.name << ": see tests/golden/update.sh";
  }
}

}  // namespace
}  // namespace tconv::test
