// Files by the dialog and by dropping them on the window.

#include <gtest/gtest.h>
#include <unistd.h>

#include "driver.h"
#include "files/npy.h"
#include "files/png_writer.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

namespace fs = std::filesystem;

/// A folder with a file of every kind.
class Files : public testing::Test {
 protected:
  fs::path npy(const std::string& name, const Shape& shape) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < shape.elements(); ++i) values.push_back(static_cast<float>(i) - 1.5F);
    write_npy(dir_ / name, Tensor(shape, values));
    return dir_ / name;
  }
  fs::path png(const std::string& name, int width, int height, int channels) {
    std::vector<std::uint8_t> pixels;
    for (int i = 0; i < width * height * channels; ++i) pixels.push_back(static_cast<std::uint8_t>(i * 7));
    return dir_.write(name, png_bytes(width, height, pixels, {.channels = channels, .dpi = {}}));
  }

  const TempDir dir_;
  Driver hands_;
};

TEST_F(Files, CtrlOAndATypedPathOpenAnArray) {
  const fs::path path = npy("x.npy", Shape{1, 2, 3, 4});
  hands_.key('O', true);
  EXPECT_TRUE(hands_.state().dialog.is_open());
  hands_.type(path.string());
  hands_.key(key_enter);
  EXPECT_FALSE(hands_.state().dialog.is_open()) << hands_.session().message().text;
  EXPECT_EQ(hands_.layer().in_channels, 2);
  EXPECT_EQ(hands_.layer().axes[0].input, 3);
  EXPECT_EQ(hands_.layer().axes[1].input, 4);
  EXPECT_EQ(hands_.session().results().input, read_npy(path));
  EXPECT_FALSE(hands_.session().message().is_error);
  EXPECT_NE(hands_.session().message().text.find("x.npy"), std::string::npos);
  EXPECT_EQ(hands_.interaction().step, hands_.session().step_count());
  EXPECT_EQ(hands_.undo_steps(), 1);
  hands_.key('Z', true);
  EXPECT_EQ(hands_.document(), Document{});
}

TEST_F(Files, AColourImageBecomesThreeChannels) {
  const fs::path path = png("photo.png", 5, 4, 3);
  hands_.click("top/open");
  hands_.type(path.string());
  hands_.key(key_enter);
  EXPECT_EQ(hands_.layer().in_channels, 3);
  EXPECT_EQ(hands_.layer().out_channels, 3);
  EXPECT_EQ(hands_.layer().axes[0].input, 4);
  EXPECT_EQ(hands_.layer().axes[1].input, 5);
  EXPECT_TRUE(hands_.session().results().legal());
  EXPECT_EQ(hands_.session().results().input[1], 21.0F / 255);
}

TEST_F(Files, ABrokenFileSaysSoAndKeepsTheState) {
  const std::vector<fs::path> broken{dir_.write("cut.npy", "\x93NUMPY\x01"), dir_.write("text.png", "no picture"),
                                     dir_ / "missing.npy", dir_.write("empty.npy", ""),
                                     npy("no-cells.npy", Shape{1, 1, 0, 3})};
  hands_.drag_slider("stride", 2);
  const Document before = hands_.document();
  for (const fs::path& path : broken) {
    SCOPED_TRACE(path);
    hands_.key('O', true);
    hands_.type(path.string());
    hands_.key(key_enter);
    EXPECT_TRUE(hands_.session().message().is_error);
    EXPECT_NE(hands_.session().message().text.find(path.filename().string()), std::string::npos)
        << hands_.session().message().text;
    EXPECT_EQ(hands_.document(), before);
    EXPECT_TRUE(hands_.state().dialog.is_open()) << "for another try";
    hands_.key(key_escape);
    EXPECT_FALSE(hands_.state().dialog.is_open());
  }
  EXPECT_EQ(hands_.undo_steps(), 1);
}

TEST_F(Files, AfterABrokenFileAnotherPathCanBeTypedAtOnce) {
  const fs::path good = npy("good.npy", Shape{3, 3});
  hands_.key('O', true);
  hands_.type((dir_ / "missing.npy").string());
  hands_.key(key_enter);
  ASSERT_TRUE(hands_.state().dialog.is_open());
  hands_.key('A', true);  // select all
  hands_.type(good.string());
  hands_.key(key_enter);
  EXPECT_FALSE(hands_.state().dialog.is_open());
  EXPECT_EQ(hands_.axis().input, 3);
}

TEST_F(Files, TheListOpensFoldersAndFilesByClick) {
  fs::create_directory(dir_ / "maps");
  npy("maps/b.npy", Shape{4, 4});
  dir_.write("maps/notes.txt", "not offered");
  hands_.key('O', true);
  hands_.type(dir_.path().string());
  hands_.key(key_enter);
  EXPECT_TRUE(hands_.state().dialog.is_open()) << "a folder is entered";
  ASSERT_TRUE(hands_.has("file/maps"));
  hands_.click("file/maps");
  ASSERT_TRUE(hands_.has("file/b.npy"));
  EXPECT_FALSE(hands_.has("file/notes.txt"));
  hands_.click("file/b.npy");
  EXPECT_FALSE(hands_.state().dialog.is_open());
  EXPECT_EQ(hands_.axis().input, 4);
  hands_.key('O', true);
  EXPECT_TRUE(hands_.has("file/b.npy")) << "opens in the folder that was used last";
  hands_.click("files/cancel");
  EXPECT_FALSE(hands_.state().dialog.is_open());
}

TEST_F(Files, AKernelByItsDialog) {
  const fs::path path = npy("k.npy", Shape{1, 2, 2, 5});
  hands_.key('K', true, true);
  hands_.type(path.string());
  hands_.key(key_enter);
  EXPECT_EQ(hands_.layer().out_channels, 2);
  EXPECT_EQ(hands_.layer().axes[0].kernel, 2);
  EXPECT_EQ(hands_.layer().axes[1].kernel, 5);
  EXPECT_EQ(hands_.session().results().weight, read_npy(path));
  EXPECT_EQ(hands_.scenario().input.id, "counting");
}

TEST_F(Files, AKernelForAnIllegalLayerIsTakenOrRefusedInWords) {
  const auto layer = [&](const std::string& numbers) {
    const std::string text = R"({"format": "tconv-scenario", "version": 1, "layer": {)" + numbers + "}}";
    return hands_.session().open_scenario(dir_.write("layer.tconv.json", text).string());
  };
  ASSERT_TRUE(layer(R"("groups": 0)"));
  hands_.settle();
  EXPECT_TRUE(hands_.session().open_kernel(npy("k.npy", Shape{2, 2, 3, 3})));
  EXPECT_EQ(hands_.layer().groups, 1);
  EXPECT_TRUE(hands_.session().results().legal());
  const fs::path bare = npy("bare.npy", Shape{3, 3});
  for (const char* channels : {"-3", "0", "1000000000000"}) {
    SCOPED_TRACE(channels);
    ASSERT_TRUE(layer(std::string(R"("in_channels": )") + channels));
    hands_.settle();
    const Document before = hands_.document();
    EXPECT_FALSE(hands_.session().open_kernel(bare));
    EXPECT_NE(hands_.session().message().text.find(channels), std::string::npos) << hands_.session().message().text;
    EXPECT_EQ(hands_.document(), before);
  }
  ASSERT_TRUE(layer(R"("in_channels": 6, "out_channels": 4, "groups": 2)"));
  EXPECT_TRUE(hands_.session().open_kernel(bare));
  hands_.settle();
  EXPECT_EQ(hands_.layer().groups, 2);
  EXPECT_EQ(hands_.session().results().weight.shape(), (Shape{6, 2, 3, 3}));
}

TEST_F(Files, AScenarioByItsDialog) {
  Document wanted;
  wanted.scenario.layer.axes.fill({.input = 5, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  wanted.scenario.layer.axes[2] = Document{}.scenario.layer.axes[2];  // beyond dims: not in the file
  const fs::path path = dir_.write("five.tconv.json", to_json(wanted));
  hands_.key('O', true);
  hands_.type(path.string());
  hands_.key(key_enter);
  EXPECT_EQ(hands_.document(), wanted);
  EXPECT_EQ(hands_.session().file_name(), "five.tconv.json");
  hands_.key('N', true);
  hands_.studio().drop(dir_.write("FIVE.JSON", to_json(wanted)), hands_.place("status").centre());
  EXPECT_EQ(hands_.document(), wanted) << hands_.session().message().text;
  dir_.write("bad.tconv.json", "{");
  hands_.key('O', true);
  hands_.type((dir_ / "bad.tconv.json").string());
  hands_.key(key_enter);
  EXPECT_TRUE(hands_.session().message().is_error);
  EXPECT_EQ(hands_.document(), wanted);
}

TEST_F(Files, TypingAPathRunsNoShortcuts) {
  hands_.key('O', true);
  hands_.type("t2h q");
  EXPECT_EQ(hands_.state().theme, "dark");
  EXPECT_EQ(hands_.session().view().id, "paint");
  hands_.key('Z', true);
  hands_.key(key_escape);
  EXPECT_EQ(hands_.document(), Document{});
}

TEST_F(Files, WhatIsDroppedOnAKernelCellIsTheKernel) {
  const fs::path path = npy("k.npy", Shape{1, 1, 2, 2});
  hands_.studio().drop(path, hands_.place("cell/kernel/0,1,1").centre());
  hands_.settle();
  EXPECT_EQ(hands_.axis().kernel, 2);
  EXPECT_EQ(hands_.session().results().weight, read_npy(path));
  EXPECT_EQ(hands_.axis().input, 2);
}

TEST_F(Files, WhatIsDroppedElsewhereIsTheInput) {
  const fs::path path = npy("x.npy", Shape{1, 1, 3, 3});
  hands_.studio().drop(path, hands_.place("panel/rail").centre());
  hands_.settle();
  EXPECT_EQ(hands_.axis().input, 3);
  EXPECT_EQ(hands_.axis().kernel, 3);
  EXPECT_EQ(hands_.session().results().input, read_npy(path));
  hands_.studio().drop(png("p.png", 6, 6, 1), hands_.place("cell/input/0,0,0").centre());
  hands_.settle();
  EXPECT_EQ(hands_.axis().input, 6);
  EXPECT_EQ(hands_.layer().in_channels, 1);
  hands_.studio().drop(dir_.write("broken.png", "x"), hands_.place("status").centre());
  hands_.settle();
  EXPECT_TRUE(hands_.session().message().is_error);
  EXPECT_EQ(hands_.axis().input, 6);
}

TEST_F(Files, ADroppedImageBesideAKernelOfOtherChannelsStaysLegalOrSaysWhy) {
  hands_.studio().drop(npy("k.npy", Shape{4, 2, 3, 3}), hands_.place("cell/kernel/0,0,0").centre());
  hands_.settle();
  EXPECT_EQ(hands_.layer().in_channels, 4);
  EXPECT_EQ(hands_.layer().out_channels, 2);
  hands_.studio().drop(png("p.png", 8, 8, 3), hands_.place("status").centre());
  hands_.settle();
  EXPECT_TRUE(hands_.session().results().legal());
  EXPECT_EQ(hands_.layer().in_channels, 3);
}

}  // namespace
}  // namespace tconv::test
