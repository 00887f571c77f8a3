// `tconv-studio --screenshot`: the whole window without a display, and what it says when it cannot.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "files/image.h"
#include "support/own_places.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

class Screenshot : public testing::Test {
 protected:
  struct Run {
    int code = -1;
    std::string out;
    std::string err;
    std::size_t lines() const { return static_cast<std::size_t>(std::ranges::count(err, '\n')); }
  };

  /// Runs the program with no display in reach.
  Run studio(const std::string& arguments, const std::string& environment = "") {
    const std::string command = "unset DISPLAY WAYLAND_DISPLAY; " + environment + " '" + program("tconv-studio") +
                                "' " + arguments + " > '" + (dir_ / "out").string() + "' 2> '" +
                                (dir_ / "err").string() + "'";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), file_bytes(dir_ / "out"),
            file_bytes(dir_ / "err")};
  }
  std::string in_dir(std::string_view name) { return "'" + (dir_ / name).string() + "'"; }

  /// Fails unless the program refuses with one line that names `part`, and leaves no picture.
  void expect_refusal(const std::string& arguments, int code, const std::string& part) {
    SCOPED_TRACE(arguments);
    const Run run = studio(arguments);
    EXPECT_EQ(run.code, code) << run.err;
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(run.lines(), 1U) << run.err;
    EXPECT_TRUE(run.err.starts_with("tconv-studio: ")) << run.err;
    EXPECT_NE(run.err.find(part), std::string::npos) << run.err;
    for (const auto& entry : std::filesystem::directory_iterator(dir_.path())) {
      EXPECT_NE(entry.path().extension(), ".png") << entry.path();
    }
  }

  const TempDir dir_;
};

std::size_t colours(const Tensor& image) {
  const std::int64_t plane = image.size() / 3;
  std::set<std::array<float, 3>> seen;
  for (std::int64_t i = 0; i < plane; ++i) seen.insert({image[i], image[plane + i], image[2 * plane + i]});
  return seen.size();
}

TEST_F(Screenshot, EverySizeAndThemeIsTheSameEveryTime) {
#ifdef __SANITIZE_ADDRESS__
  constexpr std::array sizes{"1024x700"};
#else
  constexpr std::array sizes{"1024x700", "1440x900", "2560x1440 --scale 2"};
#endif
  for (const char* size : sizes) {
    std::string dark;
    for (const char* theme : {"dark", "light"}) {
      SCOPED_TRACE(std::string(size) + " " + theme);
      const std::string options = std::string(" --size ") + size + " --theme " + theme;
      const Run first = studio("--screenshot " + in_dir("a.png") + options);
      const Run second = studio("--screenshot " + in_dir("b.png") + options);
      ASSERT_EQ(first.code, 0) << first.err;
      ASSERT_EQ(second.code, 0) << second.err;
      EXPECT_EQ(first.out + first.err, "");
      const std::string bytes = file_bytes(dir_ / "a.png");
      EXPECT_TRUE(bytes == file_bytes(dir_ / "b.png")) << "two runs differ";
      EXPECT_FALSE(bytes == dark) << "both themes look alike";
      dark = bytes;
      const Tensor image = read_image(dir_ / "a.png");
      std::istringstream words(size);
      std::int64_t width = 0;
      std::int64_t height = 0;
      char x = 0;
      words >> width >> x >> height;
      EXPECT_EQ(image.shape(), (Shape{1, 3, height, width}));
      EXPECT_GT(colours(image), 50U);
    }
  }
}

TEST_F(Screenshot, ViewStepAndScenarioChangeThePicture) {
  std::set<std::string> pictures;
  for (const char* options : {"", "--view size", "--step 0", "--step 3", "dcgan-k4-s2", "--hover cell/output/0,1,1"}) {
    SCOPED_TRACE(options);
    const Run run = studio("--screenshot " + in_dir("a.png") + " --size 1024x700 " + options);
    ASSERT_EQ(run.code, 0) << run.err;
    EXPECT_TRUE(pictures.insert(file_bytes(dir_ / "a.png")).second) << "looks like another one";
  }
}

/// The part of the pixels between two columns and two rows that differ visibly.
double differing(const Tensor& a, const Tensor& b, std::int64_t left, std::int64_t right, std::int64_t top,
                 std::int64_t bottom) {
  std::int64_t count = 0;
  for (std::int64_t y = top; y < bottom; ++y) {
    for (std::int64_t x = left; x < right; ++x) {
      float largest = 0;
      for (std::int64_t c = 0; c < 3; ++c) {
        const std::int64_t at = (c * a.shape()[2] + y) * a.shape()[3] + x;
        largest = std::max(largest, std::abs(a[at] - b[at]));
      }
      count += largest > 0.03F ? 1 : 0;
    }
  }
  return static_cast<double>(count) / static_cast<double>((right - left) * (bottom - top));
}

TEST_F(Screenshot, LargeMapsAreDrawnFromTheDeviceAndWithoutOneByTheProcessor) {
  const auto drawn = [&](const std::string& more, const std::string& before = "") {
    const Run run = studio("--screenshot " + in_dir("a.png") +
                               " --size 1440x900 dcgan-k4-s2 --view large-maps --option large/side=1024 " + more,
                           before);
    EXPECT_EQ(run.code, 0) << run.err;
    return read_image(dir_ / "a.png");
  };
  const Tensor cpu = drawn("--option large/way=cpu");
  const Tensor gpu = drawn("--option large/way=gpu");
  const Tensor both = drawn("--option large/way=both");
  const Tensor none = drawn("--option large/way=gpu", "GALLIUM_DRIVER=softpipe");  // OpenGL 3.3
  // The view lies between columns 410 and 1140; choices and title end above row 150; the status line is the last.
  const auto map = [](const Tensor& a, const Tensor& b) { return differing(a, b, 412, 1138, 152, 870); };
  EXPECT_GT(differing(cpu, gpu, 412, 1138, 90, 125), 0.02) << "the choice is not shown";
  EXPECT_LT(map(cpu, gpu), 0.01);
  EXPECT_LT(map(cpu, none), 0.01);
  EXPECT_GT(map(cpu, both), 0.1);
  EXPECT_LT(differing(cpu, gpu, 0, 1000, 878, 900), 0.001);
  EXPECT_GT(differing(cpu, none, 0, 1000, 878, 900), 0.01) << "no word of why the processor computes";
}

TEST_F(Screenshot, PlacesAreWrittenInPoints) {
  const Run run =
      studio("--screenshot " + in_dir("a.png") + " --places " + in_dir("p.json") + " --size 2560x1440 --scale 2");
  ASSERT_EQ(run.code, 0) << run.err;
  const auto places = nlohmann::json::parse(file_bytes(dir_ / "p.json"));
  for (const char* name : {"slider/stride", "timeline/play", "cell/input/0,0,0", "copy"}) {
    ASSERT_TRUE(places.contains(name)) << name;
    ASSERT_EQ(places[name].size(), 4U);
    EXPECT_GT(places[name][2].get<double>(), 0);
    EXPECT_LE(places[name][0].get<double>() + places[name][2].get<double>(), 1280);
  }
}

TEST_F(Screenshot, WrongOptionsAreExitCode2) {
  const std::string shot = "--screenshot " + in_dir("a.png") + " ";
  expect_refusal(shot + "--bogus", 2, "--bogus");
  expect_refusal(shot + "--view nowhere", 2, "nowhere");
  expect_refusal(shot + "--theme blue", 2, "blue");
  expect_refusal(shot + "--scale 9", 2, "--scale");
  expect_refusal(shot + "--scale two", 2, "--scale");
  expect_refusal(shot + "--step many", 2, "--step");
  for (const char* size : {"10x10", "1440", "1440x", "x900", "1440x900x", "-5x900", "99999x99999", "abc"}) {
    expect_refusal(shot + "--size=" + size, 2, size);
  }
}

TEST_F(Screenshot, UnknownOptionsAreExitCode2) {
  const std::string shot = "--screenshot " + in_dir("a.png") + " ";
  expect_refusal(shot + "--option nonsense=3", 2, "--option: there is no option 'nonsense'; nearest: ");
  expect_refusal(shot + "--option large/way=tpu", 2, "--option: large/way: must be cpu, gpu or both, found 'tpu'");
  expect_refusal(shot + "--option large/way", 2, "--option: large/way: must be large/way=VALUE");
  expect_refusal(shot + "--view paint --option large/way=cpu", 2, "the view paint has none");
}

TEST_F(Screenshot, UnreadableFilesAreExitCode3) {
  const std::string shot = "--screenshot " + in_dir("a.png") + " ";
  expect_refusal(shot + in_dir("missing.npy"), 3, "missing.npy");
  expect_refusal(shot + in_dir("missing.tconv.json"), 3, "missing.tconv.json");
  dir_.write("broken.npy", "\x93NUMPY");
  expect_refusal(shot + in_dir("broken.npy"), 3, "broken.npy");
  expect_refusal(shot + "--kernel " + in_dir("broken.npy"), 3, "broken.npy");
  dir_.write("broken.tconv.json", "{\"format\": 1}");
  expect_refusal(shot + in_dir("broken.tconv.json"), 3, "broken.tconv.json");
}

TEST_F(Screenshot, APlaceThatCannotBeWrittenIsExitCode1) {
  expect_refusal("--screenshot " + in_dir("no-such-folder/a.png"), 1, "no-such-folder");
  expect_refusal("--screenshot " + in_dir("a.png") + " --hover nothing/here", 1, "nothing/here");
}

TEST_F(Screenshot, AnEarlierPictureOutlivesAFailure) {
  dir_.write("a.keep", "before");
  const Run run = studio("--screenshot " + in_dir("a.keep") + " " + in_dir("missing.npy"));
  EXPECT_EQ(run.code, 3);
  EXPECT_EQ(file_bytes(dir_ / "a.keep"), "before");
}

TEST_F(Screenshot, WithoutOpenGL33ItSaysSo) {
  const std::string saved = "MESA_GL_VERSION_OVERRIDE=2.1";
  const int status = std::system(("unset DISPLAY; " + saved + " '" + program("tconv-studio") + "' --screenshot " +
                                  in_dir("a.png") + " 2> '" + (dir_ / "err").string() + "'")
                                     .c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) GTEST_SKIP() << "this driver is not Mesa";
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_NE(file_bytes(dir_ / "err").find("OpenGL 3.3"), std::string::npos) << file_bytes(dir_ / "err");
}

}  // namespace
}  // namespace tconv::test
