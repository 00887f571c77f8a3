#include <gtest/gtest.h>

#include <fstream>

#include "cli/cli_test_support.h"
#include "document/embedded_document.h"
#include "document/scenario_source.h"
#include "export/animation.h"
#include "support/own_places.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

class AnimateCommand : public ::testing::Test {
 protected:
  TempDir dir;

  CliRun animate(const std::string& file, std::vector<std::string> flags) {
    std::vector<std::string> words{"animate", "--output", (dir / file).string()};
    words.insert(words.end(), flags.begin(), flags.end());
    return run(words);
  }
  std::string start_of(const std::string& file, std::size_t count) {
    std::ifstream in(dir / file, std::ios::binary);
    std::string bytes(count, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(count));
    return bytes;
  }
};

TEST_F(AnimateCommand, WritesByTheExtension) {
  const std::vector<std::string> small{"--width", "240", "--height", "200"};
  EXPECT_EQ(animate("a.gif", small).code, 0);
  EXPECT_EQ(start_of("a.gif", 6), "GIF89a");
  EXPECT_EQ(animate("a.webp", small).code, 0);
  EXPECT_EQ(start_of("a.webp", 16).substr(8, 4), "WEBP");
  EXPECT_EQ(animate("a.png", small).code, 0);
  EXPECT_EQ(start_of("a_004.png", 4).substr(1), "PNG");  // five pictures: nothing painted, and four steps
  EXPECT_EQ(dir.entries(), 7);
}

TEST_F(AnimateCommand, EachFileHoldsItsScenario) {
  const Document document = load_document("unet-up");
  for (const Animator& animator : listed_animators()) {
    if (!animator.missing().empty()) continue;
    SCOPED_TRACE(animator.id);
    const std::string file = "a" + std::string(animator.extension);
    ASSERT_EQ(animate(file, {"unet-up", "--width", "240", "--height", "200", "--every", "8"}).code, 0);
    const std::string first = animator.id == "png" ? "a_000.png" : file;
    EXPECT_EQ(read_embedded_document(dir / first), document);
    EXPECT_EQ(run({"describe", (dir / first).string()}).out, run({"describe", "unet-up"}).out);
  }
}

TEST_F(AnimateCommand, NamesEveryWrongFlag) {
  expect_refusal(
      animate("a.gif", {"--fps", "0", "--hold", "-1", "--repeat", "twice", "--width", "3", "--view", "pant"}), 2,
      "tconv animate: ",
      {"--width: must be 64 to 20000, found 3", "there is no view 'pant'", "--fps: must be 0.1 to 50, found 0",
       "--hold: must be 0 to 60, found -1", "--repeat: must be once, loop or ping-pong, found 'twice'"});
  expect_refusal(animate("a.avi", {}), 2, "tconv animate: ", {"'; known: .gif, .mp4, .png, .webp"});
  expect_refusal(animate("a.gif", {"--view", "size"}), 2, "tconv animate: ", {"must be one with a timeline"});
  expect_refusal(animate("a.gif", {"--last", "9"}), 2, "tconv animate: ", {"--last: must be 0 to 4, found 9"});
  expect_refusal(animate("a.gif", {"--first", "3", "--last", "2"}), 2, "tconv animate: ", {"--first: must be 0 to 2"});
  expect_refusal(animate("a.gif", {"--every", "5"}), 2, "tconv animate: ", {"--every: must be 1 to 4, found 5"});
  EXPECT_EQ(dir.entries(), 0);
}

TEST_F(AnimateCommand, AFolderThatIsNotThereIsOneLine) {
  expect_refusal(animate("no/a.gif", {}), 1, "tconv animate: ", {"cannot be written"});
}

TEST_F(AnimateCommand, AnInterruptLeavesWhatWasThere) {
  dir.write("a.gif", "precious");
  EXPECT_EQ(
      interrupted({"animate", "fcn-bilinear-x8", "--every", "1", "--scale", "8", "--output", (dir / "a.gif").string()}),
      1);
  EXPECT_EQ(start_of("a.gif", 8), "precious");
  EXPECT_EQ(dir.entries(), 1);
}

}  // namespace
}  // namespace tconv::test
