// Cells: typing into them, presets, hovering, pinning; which channel and slice of them is shown.

#include <gtest/gtest.h>

#include "document/pytorch_code.h"
#include "driver.h"
#include "files/npy.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

std::vector<float> values_of(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

TEST(Cells, AnInputCellTakesATypedNumber) {
  Driver hands;
  hands.type_into("cell/input/0,1,0", "7");
  EXPECT_EQ(hands.scenario().input.id, "custom");
  EXPECT_EQ(values_of(hands.scenario().input.values), (std::vector<float>{1, 2, 7, 4}));
  EXPECT_EQ(hands.scenario().kernel.id, "corners");
  EXPECT_EQ(hands.undo_steps(), 1);
  EXPECT_EQ(hands.output()[0], 1.0F);
  EXPECT_EQ(hands.output()[4], 7.0F);  // the corner of the stamp of (1, 0)
  hands.key('Z', true);
  EXPECT_EQ(hands.document(), Document{});
}

TEST(Cells, AKernelTapTakesATypedNumber) {
  Driver hands;
  hands.type_into("cell/kernel/0,0,1", "5");
  EXPECT_EQ(hands.scenario().kernel.id, "custom");
  EXPECT_EQ(values_of(hands.scenario().kernel.values), (std::vector<float>{1, 5, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(hands.scenario().input.id, "counting");
}

TEST(Cells, TakesNumbersAsPeopleWriteThem) {
  const std::vector<std::pair<const char*, float>> written{
      {"1/4", 0.25F}, {"-0.5", -0.5F}, {"−2", -2.0F}, {"1e-3", 0.001F}, {" 3 ", 3.0F}, {"0,5", 0.5F}, {"-1/8", -0.125F},
  };
  Driver hands;
  for (const auto& [text, value] : written) {
    SCOPED_TRACE(text);
    hands.type_into("cell/input/0,0,1", text);
    ASSERT_EQ(hands.scenario().input.id, "custom");
    EXPECT_EQ(hands.scenario().input.values[1], value);
    hands.type_into("cell/kernel/0,2,2", text);
    ASSERT_EQ(hands.scenario().kernel.id, "custom");
    EXPECT_EQ(hands.scenario().kernel.values[8], value);
  }
}

TEST(Cells, UndoInAFieldDoesNotReachBackIntoAnother) {
  Driver hands;
  hands.click("cell/input/0,0,0");
  hands.type("123456789");
  hands.key(key_enter);
  hands.click("cell/input/0,0,1");
  hands.key('Z', true);
  hands.key('Z', true, true);
  hands.key('Z', true);
  hands.type("5");
  hands.key(key_enter);
  EXPECT_EQ(hands.scenario().input.values[1], 25.0F) << "the 2 that stood there, and what was typed";
  // The palette's and the dialog's fields likewise.
  for (const int key : {'K', 'O'}) {
    hands.key(key, true);
    hands.type("paint and more");
    hands.key(key_escape);
    hands.key(key, true);
    hands.key('Z', true);
    hands.key('Z', true, true);
    hands.type("x");
    hands.key(key_escape);
    hands.settle();
  }
}

TEST(Cells, NonsenseIsNamedAndChangesNothing) {
  Driver hands;
  hands.type_into("cell/input/0,0,0", "four");
  EXPECT_TRUE(hands.session().message().is_error);
  EXPECT_NE(hands.session().message().text.find("'four'"), std::string::npos) << hands.session().message().text;
  EXPECT_EQ(hands.document(), Document{});
  hands.click("cell/input/0,0,0");
  hands.type("9");
  hands.key(key_escape);
  EXPECT_EQ(hands.document(), Document{});
  EXPECT_FALSE(hands.has("editor"));
}

TEST(Cells, TheSameNumberAgainKeepsThePattern) {
  Driver hands;
  hands.click("cell/input/0,1,1");
  hands.key(key_enter);
  EXPECT_EQ(hands.document(), Document{});
  EXPECT_EQ(hands.undo_steps(), 0);
}

TEST(Cells, ClickingTheNextCellEndsTypingInTheOneBefore) {
  Driver hands;
  hands.click("cell/input/0,0,0");
  hands.type("8");
  hands.click("cell/input/0,1,1");
  hands.type("9");
  hands.key(key_enter);
  ASSERT_EQ(hands.scenario().input.id, "custom");
  EXPECT_EQ(values_of(hands.scenario().input.values), (std::vector<float>{8, 2, 3, 9}));
}

TEST(Cells, OwnValuesOutliveASmallerLayer) {
  Driver hands;
  hands.type_into("cell/input/0,1,1", "9");
  hands.drag_slider("input", 1);
  hands.drag_slider("input", 2);
  EXPECT_EQ(values_of(hands.session().results().input), (std::vector<float>{1, 2, 3, 9}));
}

TEST(Cells, ATapThatASliderTakesAwayWhileItIsTypedDoesNoHarm) {
  Driver hands;
  hands.click("cell/kernel/0,2,2");
  hands.type("5");
  hands.click(hands.on_slider("kernel", 1));  // ends the typing and leaves one tap, in the same frame
  EXPECT_EQ(hands.axis().kernel, 1);
  EXPECT_TRUE(hands.session().results().legal());
  EXPECT_EQ(hands.session().history().current(), hands.session().history().committed());
  EXPECT_FALSE(hands.has("editor"));
  hands.drag_slider("kernel", 3);
  std::vector<float> taps = values_of(hands.session().results().weight);
  ASSERT_EQ(taps.size(), 9U);
  taps.pop_back();  // whether the 5 came before or after the slider is all the same
  EXPECT_EQ(taps, (std::vector<float>{1, 0, 1, 0, 1, 0, 1, 0})) << "the other taps are lost";
}

TEST(Cells, ACellThatAFileTakesAwayWhileItIsTypedDoesNoHarm) {
  const TempDir dir;
  write_npy(dir / "one.npy", Tensor(Shape{1, 1}, {6}));
  Driver hands;
  hands.click("cell/input/0,1,1");
  hands.type("5");
  hands.studio().drop(dir / "one.npy", hands.place("status").centre());
  hands.settle();
  hands.key(key_enter);
  hands.click(hands.place("status").centre());
  EXPECT_EQ(values_of(hands.session().results().input), std::vector<float>{6});
}

TEST(Presets, EveryPatternByItsChip) {
  Driver hands;
  for (const PatternInfo& info : input_patterns()) {
    SCOPED_TRACE(info.id);
    hands.click("input/" + std::string(info.id));
    EXPECT_EQ(hands.scenario().input.id, info.id);
  }
  for (const PatternInfo& info : kernel_patterns()) {
    SCOPED_TRACE(info.id);
    hands.click("kernel/" + std::string(info.id));
    EXPECT_EQ(hands.scenario().kernel.id, info.id);
  }
  EXPECT_EQ(hands.scenario().input.id, input_patterns().back().id) << "the kernel's chips leave the input";
}

TEST(Presets, RandomAgainGivesOtherNumbers) {
  Driver hands;
  hands.click("input/random");
  const auto first = values_of(hands.session().results().input);
  hands.click("input/random");
  EXPECT_NE(values_of(hands.session().results().input), first);
  hands.key('Z', true);
  EXPECT_EQ(values_of(hands.session().results().input), first);
}

TEST(Presets, BiasAndDimensions) {
  Driver hands;
  hands.click("bias");
  EXPECT_TRUE(hands.layer().bias);
  EXPECT_EQ(hands.output()[1], 3.0F);  // 2 and the bias of 1
  hands.click("bias");
  EXPECT_EQ(hands.document(), Document{});
  for (const int dims : {1, 3, 2}) {
    hands.click("dims/" + std::to_string(dims));
    EXPECT_EQ(hands.layer().dims, dims);
    EXPECT_TRUE(hands.session().results().legal());
    EXPECT_EQ(hands.output().shape().rank(), dims + 2);
  }
}

TEST(Hover, AnOutputCellIsTheCursorUntilTheMouseLeaves) {
  Driver hands;
  EXPECT_FALSE(has_tag(hands.interaction().hover));
  hands.move("cell/output/0,2,1");
  EXPECT_EQ(hands.interaction().hover, Tag(OutputCell{{.at = {0, 2, 1}}}));
  hands.move("cell/input/0,1,0");
  EXPECT_EQ(hands.interaction().hover, Tag(InputCell{{.at = {0, 1, 0}}}));
  hands.move("cell/kernel/0,1,1");
  EXPECT_EQ(hands.interaction().hover, Tag(KernelTap{.tap = {0, 1, 1}}));
  hands.move(hands.place("status").centre());
  EXPECT_FALSE(has_tag(hands.interaction().hover));
}

TEST(Hover, ClickPinsAndEscapeUnpins) {
  Driver hands;
  hands.click("cell/output/0,1,1");
  hands.move(hands.place("status").centre());
  const Tag cell = OutputCell{{.at = {0, 1, 1}}};
  EXPECT_EQ(hands.interaction().hover, cell);
  hands.move("cell/output/0,3,3");
  EXPECT_EQ(hands.interaction().hover, cell) << "pinned: other output cells do not take over";
  hands.key(key_escape);
  EXPECT_EQ(hands.interaction().hover, Tag(OutputCell{{.at = {0, 3, 3}}}));
  hands.move(hands.place("status").centre());
  EXPECT_FALSE(has_tag(hands.interaction().hover));
}

TEST(Hover, ASecondClickUnpins) {
  Driver hands;
  hands.click("cell/output/0,1,1");
  hands.click("cell/output/0,1,1");
  hands.move(hands.place("status").centre());
  EXPECT_FALSE(has_tag(hands.interaction().hover));
}

TEST(Hover, APinnedCellOfALargerLayerDoesNoHarm) {
  Driver hands;
  hands.drag_slider("input", 6);
  hands.click("cell/output/0,7,7");
  hands.drag_slider("input", 1);
  hands.move(hands.place("status").centre());
  hands.click("dims/1");
  hands.click("dims/3");
  EXPECT_TRUE(hands.session().results().legal());
}

TEST(Code, TheCopyButtonCopiesThePyTorchLine) {
  Driver hands;
  hands.drag_slider("stride", 2);
  hands.click("copy");
  ASSERT_EQ(hands.copied().size(), 1U);
  EXPECT_EQ(hands.copied().front(), pytorch_code(hands.layer()));
  EXPECT_NE(hands.copied().front().find("nn.ConvTranspose2d("), std::string::npos) << hands.copied().front();
  EXPECT_NE(hands.copied().front().find("stride=2"), std::string::npos) << hands.copied().front();
  EXPECT_FALSE(hands.session().message().is_error);
  hands.key('C', true, true);
  EXPECT_EQ(hands.copied().size(), 2U);
}

TEST(Code, TheCopyButtonCanBeReachedInASmallWindow) {
  Driver hands({1024, 700});
  hands.drag_slider("in_channels", 3);
  hands.click("bias");
  hands.click("copy");
  ASSERT_EQ(hands.copied().size(), 1U);
  EXPECT_EQ(hands.copied().front(), pytorch_code(hands.layer()));
}

TEST(Shown, APairOfChannelsIsPickedByAClick) {
  Driver hands;
  EXPECT_TRUE(hands.names("shown/").empty());
  hands.drag_slider("in_channels", 3);
  EXPECT_EQ(hands.names("shown/pair/").size(), 3U);
  hands.click("shown/pair/2,0");
  EXPECT_EQ(hands.interaction().in_channel, 2);
  EXPECT_EQ(hands.interaction().out_channel, 0);
  hands.type_into("cell/input/0,0,0", "50");
  ASSERT_EQ(hands.scenario().input.id, "custom");
  EXPECT_EQ(hands.scenario().input.values[2 * 4], 50.0F) << "the cell of the channel that is shown";
  hands.drag_slider("in_channels", 2);
  EXPECT_EQ(hands.interaction().in_channel, 1) << "the nearest that exists";
}

TEST(Shown, ManyChannelsComeWithSlidersThatGoRound) {
  Driver hands;
  LayerSpec layer = hands.layer();
  layer.in_channels = 20;
  hands.session().set_layer(layer, "many");
  hands.settle();
  for (const std::int64_t channel : {1, 2}) {
    hands.click("shown/in_channel/up");
    EXPECT_EQ(hands.interaction().in_channel, channel);
  }
  for (const std::int64_t channel : {1, 0, 19}) {
    hands.click("shown/in_channel/down");
    EXPECT_EQ(hands.interaction().in_channel, channel);
  }
}

TEST(Shown, SlicesOfThreeDimensions) {
  Driver hands;
  hands.click("dims/3");
  hands.click("shown/in_slice/up");
  EXPECT_EQ(hands.interaction().in_slice, 1);
  hands.click("shown/out_slice/down");
  EXPECT_EQ(hands.interaction().out_slice, 3);
  hands.click("shown/tap_slice/up");
  EXPECT_EQ(hands.interaction().tap_slice, 1);
  hands.move("cell/output/3,1,2");
  EXPECT_EQ(hands.interaction().hover, Tag(OutputCell{{.at = {3, 1, 2}}}));
  hands.type_into("cell/kernel/1,0,2", "1/2");
  ASSERT_EQ(hands.scenario().kernel.id, "custom");
  EXPECT_EQ(hands.scenario().kernel.values[9 + 2], 0.5F);
  EXPECT_EQ(hands.undo_steps(), 2) << "what is shown is no edit";
}

}  // namespace
}  // namespace tconv::test
