// The sliders of the layer: dragging, typing, keys, double-click, and what is illegal.

#include <gtest/gtest.h>

#include "document/fields.h"
#include "driver.h"
#include "support/pace.h"

namespace tconv::test {
namespace {

TEST(Slider, DragIsLiveAndBecomesOneUndoStep) {
  Driver hands;
  ASSERT_EQ(hands.axis().stride, 1);
  const Point from = hands.on_slider("stride", 1);
  const Point to = hands.on_slider("stride", 3);
  hands.move(from);
  hands.press();
  hands.move(hands.on_slider("stride", 2));
  EXPECT_EQ(hands.axis().stride, 2);
  EXPECT_EQ(hands.session().results().scenario.layer.axes[0].stride, 2);
  EXPECT_EQ(hands.session().history().committed().scenario.layer.axes[0].stride, 1);
  EXPECT_FALSE(hands.session().history().can_undo());
  hands.move(to);
  EXPECT_EQ(hands.layer().axes[1].stride, 3) << "both axes follow";
  EXPECT_FALSE(hands.session().history().can_undo());
  hands.release();
  EXPECT_EQ(hands.axis().stride, 3);
  EXPECT_EQ(hands.undo_steps(), 1);
  EXPECT_EQ(hands.session().history().undo_label(), "Stride S 3");
  hands.key('Z', true);
  EXPECT_EQ(hands.document(), Document{});
  hands.key('Z', true, true);
  EXPECT_EQ(hands.axis().stride, 3);
}

TEST(Slider, ThePictureOfADragIsThereInTheNextFrame) {
  Driver hands;
  hands.move(hands.on_slider("stride", 1));
  hands.press();
  hands.studio().input().move(hands.on_slider("stride", 2));
  hands.frame(1);  // takes the mouse in and changes the layer
  EXPECT_EQ(hands.axis().stride, 2);
  EXPECT_EQ(hands.session().results().frame.output.shape(), (Shape{1, 1, 5, 5}));
  EXPECT_FALSE(hands.session().results().pending);
  hands.release();
}

TEST(Slider, ADragThatComesBackLeavesNoUndoStep) {
  Driver hands;
  hands.move(hands.on_slider("kernel", 3));
  hands.press();
  hands.move(hands.on_slider("kernel", 5));
  EXPECT_EQ(hands.axis().kernel, 5);
  hands.move(hands.on_slider("kernel", 3));
  hands.release();
  EXPECT_EQ(hands.document(), Document{});
  EXPECT_EQ(hands.undo_steps(), 0);
}

TEST(Slider, TheResultStaysInViewWhenADragMakesTheLayerLarger) {
  Driver hands;
  ASSERT_EQ(hands.interaction().step, 4);
  hands.drag_slider("input", 4);
  ASSERT_EQ(hands.axis().input, 4);
  EXPECT_EQ(hands.interaction().step, hands.session().step_count());
}

TEST(Slider, EscapeInMidDragLeavesNothingBehind) {
  Driver hands;
  hands.move(hands.on_slider("stride", 1));
  hands.press();
  hands.move(hands.on_slider("stride", 4));
  hands.key(key_escape);
  hands.release();
  EXPECT_EQ(hands.session().history().current(), hands.session().history().committed())
      << "a preview stayed without an entry in the history";
  const AxisSpec before = hands.axis();
  hands.drag_slider("kernel", 5);
  EXPECT_EQ(hands.axis().kernel, 5);
  EXPECT_EQ(hands.axis().stride, before.stride) << "the next slider changed the one before";
}

TEST(Slider, UndoInMidDragAndThenReleaseKeepsOneHistory) {
  Driver hands;
  hands.drag_slider("kernel", 5);
  hands.move(hands.on_slider("stride", 1));
  hands.press();
  hands.move(hands.on_slider("stride", 4));
  hands.key('Z', true);
  hands.release();
  EXPECT_EQ(hands.session().history().current(), hands.session().history().committed());
  EXPECT_EQ(hands.axis().kernel, 5) << "only the drag is taken back";
}

TEST(Slider, TypesANumber) {
  Driver hands;
  hands.type_into("number/stride", "4");
  EXPECT_EQ(hands.axis().stride, 4);
  EXPECT_EQ(hands.undo_steps(), 1);
  EXPECT_TRUE(hands.session().message().text.empty());
  EXPECT_FALSE(hands.has("editor"));
  hands.type_into("number/input", "20");  // beyond the slider's end
  EXPECT_EQ(hands.axis().input, 20);
  hands.key('Z', true);
  EXPECT_EQ(hands.axis().input, 2);
  EXPECT_EQ(hands.axis().stride, 4);
}

TEST(Slider, AClickElsewhereEndsTyping) {
  Driver hands;
  hands.click("number/kernel");
  EXPECT_TRUE(hands.has("editor"));
  hands.type("5");
  hands.click(hands.place("status").centre());
  EXPECT_FALSE(hands.has("editor"));
  EXPECT_EQ(hands.axis().kernel, 5);
}

TEST(Slider, NonsenseIsNamedAndChangesNothing) {
  for (const char* nonsense : {"abc", "2.5", "", "1/0", "--3", "99999999999999999999", "nan"}) {
    SCOPED_TRACE(nonsense);
    Driver hands;
    hands.click("number/stride");
    // What it held is selected: the first letter replaces it, and so does Delete.
    hands.key(key_delete);
    hands.type(nonsense);
    hands.key(key_enter);
    EXPECT_TRUE(hands.session().message().is_error);
    EXPECT_NE(hands.session().message().text.find("Stride S"), std::string::npos) << hands.session().message().text;
    EXPECT_EQ(hands.document(), Document{});
    EXPECT_EQ(hands.undo_steps(), 0);
    EXPECT_FALSE(hands.has("editor"));
  }
}

TEST(Slider, EscapeCancelsTyping) {
  Driver hands;
  hands.click("number/stride");
  hands.type("4");
  hands.key(key_escape);
  EXPECT_EQ(hands.document(), Document{});
  EXPECT_EQ(hands.undo_steps(), 0);
  EXPECT_FALSE(hands.has("editor"));
  EXPECT_FALSE(hands.session().message().is_error);
}

TEST(Slider, TypedLettersAreNoShortcuts) {
  Driver hands;
  hands.click("number/stride");
  hands.type("t h2");  // theme, hit counts, play, view 2
  EXPECT_EQ(hands.state().theme, "dark");
  EXPECT_EQ(hands.session().view().id, "paint");
  EXPECT_FALSE(hands.session().player().playing());
  EXPECT_FALSE(hands.document().presentation.show_hits);
}

TEST(Slider, DoubleClickResets) {
  Driver hands;
  hands.type_into("number/stride", "4");
  hands.double_click(hands.on_slider("stride", 4));
  EXPECT_EQ(hands.axis().stride, 1);
  hands.key('Z', true);
  EXPECT_EQ(hands.axis().stride, 4) << "one undo takes the reset back";
}

TEST(Slider, DoubleClickResetsWhereverItHits) {
  Driver hands;
  hands.type_into("number/stride", "4");
  hands.double_click(hands.on_slider("stride", 6));
  EXPECT_EQ(hands.axis().stride, 1);
}

TEST(Slider, ArrowKeysMoveTheFocusedOne) {
  Driver hands;
  hands.drag_slider("stride", 2);
  const std::int64_t step = hands.interaction().step;
  hands.key(key_right);
  EXPECT_EQ(hands.axis().stride, 3);
  hands.key(key_right);
  EXPECT_EQ(hands.axis().stride, 4);
  hands.key(key_left);
  EXPECT_EQ(hands.axis().stride, 3);
  EXPECT_EQ(hands.interaction().step, step) << "the timeline stays";
  for (int i = 0; i < 8; ++i) hands.key(key_right);
  EXPECT_EQ(hands.axis().stride, 6) << "the end of the slider";
  hands.key(key_escape);  // leaves the slider
  hands.key(key_left);
  EXPECT_EQ(hands.axis().stride, 6);
  EXPECT_EQ(hands.interaction().step, step - 1);
}

TEST(Slider, ArrowKeysComeBackFromATypedNumberBeyondTheEnd) {
  Driver hands;
  hands.drag_slider("input", 16);
  hands.type_into("number/input", "20");
  hands.key(key_left);
  EXPECT_LT(hands.axis().input, 20);
}

TEST(Slider, ArrowKeysStepTheTimelineWithoutFocus) {
  Driver hands;
  ASSERT_EQ(hands.interaction().step, 4);
  hands.key(key_left);
  EXPECT_EQ(hands.interaction().step, 3);
  hands.key(key_right);
  EXPECT_EQ(hands.interaction().step, 4);
  hands.key(key_right);
  EXPECT_EQ(hands.interaction().step, 4);
  EXPECT_EQ(hands.document(), Document{});
}

TEST(Slider, IllegalIsShownAsItIsWithTheRuleAndANearestValue) {
  Driver hands;
  hands.type_into("number/output_padding", "2");
  EXPECT_EQ(hands.axis().output_padding, 2) << "nothing is silently changed";
  const Results& results = hands.session().results();
  ASSERT_FALSE(results.legal());
  EXPECT_EQ(results.problems.front().field, "output_padding");
  EXPECT_EQ(hands.names("cell/"), std::vector<std::string>{});
  ASSERT_TRUE(hands.has("choose/Set output padding to 0")) << "in the verdict's box";
  hands.click("choose/Set output padding to 0");
  EXPECT_EQ(hands.document(), Document{});
  EXPECT_TRUE(hands.session().results().legal());
  EXPECT_EQ(hands.session().history().undo_label(), "Set output padding to 0");
  hands.key('Z', true);
  EXPECT_EQ(hands.axis().output_padding, 2);
}

TEST(Slider, TheVerdictOffersAnEvenLayer) {
  Driver hands;
  hands.drag_slider("stride", 2);
  const auto offers = hands.names("choose/Make it");
  ASSERT_EQ(offers.size(), 1U);
  const std::int64_t size = output_size(hands.axis());
  hands.click(offers.front());
  EXPECT_EQ(hands.axis().kernel % hands.axis().stride, 0);
  EXPECT_EQ(output_size(hands.axis()), size);
}

TEST(Slider, HoverMakesTheFieldActive) {
  Driver hands;
  EXPECT_EQ(hands.interaction().active_field, "");
  hands.move(hands.on_slider("dilation", 2));
  EXPECT_EQ(hands.interaction().active_field, "dilation");
  hands.move("term/stride");  // of the formula in the inspector
  EXPECT_EQ(hands.interaction().active_field, "stride");
  hands.move(hands.place("status").centre());
  EXPECT_EQ(hands.interaction().active_field, "");
}

TEST(Slider, OneAxisAlone) {
  Driver hands;
  hands.click("axis/1");
  hands.drag_slider("stride", 3);
  EXPECT_EQ(hands.layer().axes[0].stride, 1);
  EXPECT_EQ(hands.layer().axes[1].stride, 3);
  hands.click("axis/0");
  hands.type_into("number/kernel", "4");
  EXPECT_EQ(hands.layer().axes[0].kernel, 4);
  EXPECT_EQ(hands.layer().axes[1].kernel, 3);
  hands.click("axis/all");
  hands.type_into("number/stride", "2");
  EXPECT_EQ(hands.layer().axes[0].stride, 2);
  EXPECT_EQ(hands.layer().axes[1].stride, 2);
}

TEST(Slider, EveryFieldOfThePanelCanBeDraggedToEveryLegalValue) {
  Driver hands;
  // Stride and padding that leave every other slider some room.
  hands.type_into("number/stride", "3");
  hands.type_into("number/input", "8");
  for (const Field& field : fields()) {
    if (!field.on_panel) continue;
    SCOPED_TRACE(field.name);
    const Document before = hands.document();
    const auto range = legal_range(hands.layer(), field, all_axes);
    ASSERT_TRUE(range);
    EXPECT_LT(range->first, range->last);
    for (std::int64_t value = range->first; value <= range->last; value += every_nth) {
      hands.drag_slider(field.name, value, 2);
      EXPECT_EQ(value_of(hands.layer(), field, all_axes), value);
      EXPECT_EQ(hands.layer(), with_field(before.scenario.layer, field, all_axes, value));
    }
    hands.type_into("number/" + std::string(field.name),
                    std::to_string(value_of(before.scenario.layer, field, all_axes)));
    EXPECT_EQ(hands.document(), before);
  }
}

TEST(Slider, GroupsComeWithChannels) {
  Driver hands;
  EXPECT_FALSE(hands.has("slider/groups"));
  hands.drag_slider("in_channels", 4);
  hands.drag_slider("out_channels", 4);
  hands.drag_slider("groups", 2);
  EXPECT_EQ(hands.layer().groups, 2);
  EXPECT_TRUE(hands.session().results().legal());
  hands.type_into("number/groups", "3");
  EXPECT_FALSE(hands.session().results().legal());
  EXPECT_FALSE(hands.names("choose/").empty());
}

TEST(Slider, OneThatVanishesInTheHandLetsGo) {
  Driver hands;
  hands.drag_slider("in_channels", 4);
  hands.move("slider/groups");
  hands.press();
  hands.move(hands.on_slider("groups", 4));
  hands.key('N', true);
  EXPECT_FALSE(hands.has("slider/groups"));
  hands.release();
  EXPECT_EQ(hands.document(), Document{});
  hands.drag_slider("stride", 3);
  EXPECT_EQ(hands.axis().stride, 3);
  EXPECT_EQ(hands.layer().in_channels, 1);
  EXPECT_EQ(hands.session().history().current(), hands.session().history().committed());
  EXPECT_EQ(hands.undo_steps(), 3);
}

TEST(Slider, ADragEndsWithItsDocument) {
  Driver hands;
  hands.drag_slider("kernel", 5);
  hands.move(hands.on_slider("stride", 1));
  hands.press();
  hands.move(hands.on_slider("stride", 4));
  EXPECT_EQ(hands.axis().stride, 4);
  hands.key('N', true);
  EXPECT_EQ(hands.document(), Document{});
  hands.move(hands.on_slider("stride", 5));
  EXPECT_EQ(hands.document(), Document{}) << "another document's layer";
  hands.release();
  EXPECT_EQ(hands.document(), Document{});
  EXPECT_EQ(hands.undo_steps(), 2);
  hands.drag_slider("stride", 2);
  EXPECT_EQ(hands.axis().stride, 2);
}

}  // namespace
}  // namespace tconv::test
