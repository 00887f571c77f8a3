// One cursor through the whole window: what is hovered in one view is lit in every other.
#include "views/linking.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "driver.h"

namespace tconv::test {
namespace {

/// The tags that are lit in the view on show.
std::vector<Tag> lit(Driver& hands, const View& view) {
  static const TextMetrics text;
  hands.session().show(view.id);
  const Results& results = hands.session().wait_for_results();
  Interaction interaction = clamped(hands.interaction(), results.scenario);
  interaction.hover = hands.state().pinned;
  const Figure figure = picture(view, {hands.document(), results, interaction, {1030, 740}, dark_theme(), text});
  std::vector<Tag> tags;
  for (const Shape2D& shape : figure.shapes) {
    if (shape.highlight) tags.push_back(shape.tag);
  }
  return tags;
}

bool holds(const std::vector<Tag>& tags, const Tag& tag) { return std::ranges::find(tags, tag) != tags.end(); }

TEST(Linking, AHoveredProductLightsUpInEveryView) {
  Driver hands;
  hands.session().open_scenario("stride-2-centre-10");
  hands.click("view/matrix");
  // The entry of Cᵀ that multiplies x(1, 0) with k(0, 2): it adds to y(2, 2).
  hands.move("cell/product/0,1,0/0,0,2");
  const Multiplication product{.input = {.at = {0, 1, 0}}, .out_channel = 0, .tap = {0, 0, 2}};
  ASSERT_EQ(hands.interaction().hover, Tag(product));
  hands.click("cell/product/0,1,0/0,0,2");  // pins it
  ASSERT_EQ(hands.state().pinned, Tag(product));
  const Tag input = InputCell{product.input};
  const Tag tap = KernelTap{0, 0, product.tap};
  const Tag output = OutputCell{{.at = {0, 2, 2}}};
  for (const View& view : all_views()) {
    if (view.group != 0 && view.id != "gradients") continue;
    SCOPED_TRACE(view.id);
    const auto tags = lit(hands, view);
    EXPECT_TRUE(holds(tags, input));
    EXPECT_TRUE(holds(tags, output));
    const bool has_kernel = view.id != "matrix";
    EXPECT_EQ(holds(tags, tap), has_kernel);
    const bool has_entries = view.id == "matrix" || view.id == "linked";
    EXPECT_EQ(holds(tags, product), has_entries);
    for (const Tag& tag : tags) {
      EXPECT_TRUE(share_one(hands.layer(), *multiplications_of(tag), *multiplications_of(product)));
    }
  }
  hands.session().show("paint");
  hands.key(key_escape);
  EXPECT_FALSE(has_tag(hands.state().pinned));
}

TEST(Linking, HoveringLightsUpWithinOneFrame) {
  Driver hands;
  LayerSpec layer = hands.layer();
  for (AxisSpec& axis : layer.spatial())
    axis = {.input = 32, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  hands.session().set_layer(layer, "64 × 64");
  for (const View& view : all_views()) {
    hands.session().show(view.id);
    hands.settle();
    const std::string cell = "cell/output/0,31,30";
    if (!hands.has(cell)) continue;  // Size has none, the matrix draws this many as a pattern
    hands.studio().input().move(hands.place(cell).centre());
    hands.frame();
    EXPECT_EQ(hands.interaction().hover, Tag(OutputCell{{.at = {0, 31, 30}}})) << view.id;
  }
}

TEST(Linking, APinnedCellIsDraggedAlong) {
  Driver hands;
  hands.session().show("overlap");
  hands.settle();
  hands.drag(hands.place("cell/output/0,0,0").centre(), hands.place("cell/output/0,2,3").centre(), 6);
  hands.move(Point{5, 5});
  EXPECT_EQ(hands.interaction().hover, Tag(OutputCell{{.at = {0, 2, 3}}})) << "the guides stay where they were dragged";
  hands.key(key_escape);
  hands.move(Point{5, 5});
  EXPECT_FALSE(has_tag(hands.interaction().hover));
}

TEST(Linking, APinnedCellThatTheLayerHasNoMoreHoldsNothing) {
  Driver hands;
  hands.drag_slider("input", 5);
  hands.click("cell/output/0,6,6");
  const Tag pinned = OutputCell{{.at = {0, 6, 6}}};
  ASSERT_EQ(hands.interaction().hover, pinned);
  hands.drag_slider("input", 2);
  hands.move("cell/output/0,1,1");
  EXPECT_EQ(hands.interaction().hover, Tag(OutputCell{{.at = {0, 1, 1}}}));
  hands.key('Z', true);
  hands.move(Point{5, 5});
  EXPECT_EQ(hands.interaction().hover, pinned) << "it comes back with the layer";
}

TEST(Linking, APinnedProductThatIsCroppedHoldsNothing) {
  Driver hands;
  hands.session().open_scenario("stride-2-centre-10");
  hands.click("view/matrix");
  hands.click("cell/product/0,1,0/0,0,2");
  ASSERT_TRUE(has_tag(hands.interaction().hover));
  LayerSpec layer = hands.layer();
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 3, .kernel = 3, .padding_begin = 3};
  hands.session().set_layer(layer, "Padding 3");
  hands.settle();
  EXPECT_TRUE(hands.session().results().legal());
  EXPECT_FALSE(has_tag(hands.interaction().hover)) << "it would land at (-2, -1)";
}

TEST(Linking, AViewsChoicesAndFixesAreClicked) {
  Driver hands;
  hands.session().open_scenario("checkerboard-k3-s2");
  hands.session().show("overlap");
  hands.settle();
  hands.click("choice/overlap/sum/kernel");
  EXPECT_EQ(hands.interaction().choice("overlap/sum", "counts"), "kernel");
  const int before = hands.undo_steps();
  hands.click("choose/K5 S1");
  EXPECT_EQ(hands.layer().axes[0].kernel, 5);
  EXPECT_EQ(hands.undo_steps(), before + 1);
  hands.session().undo();
  hands.settle();
  const auto fix = hands.names("choose/Resize");
  ASSERT_EQ(fix.size(), 1U);
  const Scenario chosen = hands.scenario();
  hands.click(fix.front());
  EXPECT_EQ(hands.layer().axes[0].kernel, 4) << "a box of 2 after K3";
  EXPECT_EQ(hands.undo_steps(), before + 1);
  hands.session().undo();
  EXPECT_EQ(hands.scenario(), chosen);
}

TEST(Linking, CellsOfTheGradientAreTyped) {
  Driver hands;
  hands.session().open_scenario("gradients-1d");
  hands.session().show("gradients");
  hands.settle();
  hands.type_into("cell/grad_output/0,0,1", "5");
  ASSERT_EQ(hands.scenario().grad_output.id, "custom");
  EXPECT_EQ(hands.scenario().grad_output.values[1], 5.0F);
  EXPECT_EQ(hands.undo_steps(), 1);
  hands.click("grad_output/ones");
  EXPECT_EQ(hands.scenario().grad_output.id, "ones");
}

TEST(Linking, StagesAndSwitchesAreClicked) {
  Driver hands;
  hands.session().show("insert-zeros");
  hands.settle();
  hands.click("step/1");
  EXPECT_EQ(hands.interaction().own_step, 1);
  hands.key(key_right);
  EXPECT_EQ(hands.interaction().own_step, 2);
  hands.key(key_end);
  EXPECT_EQ(hands.interaction().own_step, 2 + 16);
  hands.click("option/insert-zeros/unturned");
  EXPECT_TRUE(hands.interaction().options.contains("insert-zeros/unturned"));
  hands.click("option/insert-zeros/unturned");
  EXPECT_TRUE(hands.interaction().options.empty());
}

}  // namespace
}  // namespace tconv::test
