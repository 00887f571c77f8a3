// The colours' section of the parameter panel: every choice is one undo step of the document.

#include <gtest/gtest.h>

#include "driver.h"

namespace tconv::test {
namespace {

const ColorSettings& colors(Driver& hands) { return hands.document().presentation.colors; }

TEST(ColorPanel, AMapIsChosenByItsColours) {
  Driver hands;
  EXPECT_EQ(hands.names("colors/map/").size(), color_maps().size());
  hands.click("colors/map/magma");
  EXPECT_EQ(hands.document().presentation.color_map, "magma");
  EXPECT_EQ(hands.undo_steps(), 1);
  EXPECT_EQ(hands.session().history().undo_label(), "Colour map Magma");
  hands.click("colors/map/magma");
  EXPECT_EQ(hands.undo_steps(), 1) << "nothing changed";
  hands.key('Z', true);
  EXPECT_EQ(hands.document(), Document{});
}

TEST(ColorPanel, TheScale) {
  Driver hands;
  hands.click("colors/scale/log");
  EXPECT_EQ(colors(hands).scale, ScaleKind::log);
  hands.click("colors/scale/symlog");
  EXPECT_EQ(colors(hands).scale, ScaleKind::symlog);
  hands.click("colors/scale/linear");
  EXPECT_EQ(hands.document(), Document{});
  EXPECT_EQ(hands.undo_steps(), 3);
}

TEST(ColorPanel, CentringFollowsTheMapUnlessToldOtherwise) {
  Driver hands;
  hands.click("colors/center");
  EXPECT_EQ(colors(hands).centring, Centring::on);
  hands.click("colors/center");
  EXPECT_EQ(colors(hands).centring, Centring::automatic);
  hands.click("colors/map/blue_orange");
  hands.click("colors/center");
  EXPECT_EQ(colors(hands).centring, Centring::off);
  hands.click("colors/center");
  EXPECT_EQ(colors(hands).centring, Centring::automatic);
}

TEST(ColorPanel, PercentilesAreClamped) {
  Driver hands;
  for (const auto& [name, clamp] : std::vector<std::pair<std::string, PercentileClamp>>{
           {"1", {1, 99}}, {"2", {2, 98}}, {"5", {5, 95}}, {"off", {}}}) {
    hands.click("colors/clamp/" + name);
    EXPECT_EQ(colors(hands).clamp, clamp);
  }
  EXPECT_EQ(hands.undo_steps(), 4);
}

TEST(ColorPanel, TheShownRangeIsLockedAndLetGo) {
  Driver hands;
  hands.click("colors/lock");
  EXPECT_FALSE(colors(hands).locked) << "no heat map is shown";
  EXPECT_FALSE(hands.session().message().text.empty());
  hands.session().show("overlap");
  hands.settle();
  ASSERT_TRUE(hands.state().color_range);
  EXPECT_EQ(*hands.state().color_range, (ValueRange{0, 4}));
  hands.click("colors/lock");
  EXPECT_EQ(colors(hands).locked, (ColorRange{0, 4}));
  EXPECT_EQ(hands.undo_steps(), 1);
  hands.drag_slider("kernel", 5);  // more hits, the same colours
  EXPECT_EQ(*hands.state().color_range, (ValueRange{0, 4}));
  hands.click("colors/lock");
  EXPECT_FALSE(colors(hands).locked);
  hands.settle();
  EXPECT_EQ(*hands.state().color_range, (ValueRange{0, 4})) << "2 × 2 input cells, all reach the middle";
}

}  // namespace
}  // namespace tconv::test
