// Every view and panel, drawn for many layers in every room: nothing is cut off, laid over other words or too faint.
#include "figure_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "view_scenes.h"

namespace tconv::test {
namespace {

class Pictures : public testing::TestWithParam<Drawer> {};

void check(const Drawer& drawer, const std::vector<NamedDocument>& list, bool all) {
  ViolationReport report;
  for_each_picture(drawer, list, all, [&](const std::string& name, const Figure& figure) {
    report.add(name, violations(figure, metrics()));
  });
}

TEST_P(Pictures, OfTheExampleKeepTheRules) {
  auto list = documents();
  list.resize(3);  // the example, its hits, and a layer with a checkerboard
  check(GetParam(), list, true);
}

TEST_P(Pictures, OfChosenLayersKeepTheRules) { check(GetParam(), documents(), false); }

TEST_P(Pictures, OfRandomLayersKeepTheRules) { check(GetParam(), random_documents(60), false); }

/// Under the sanitizers, where a picture takes ten times as long, the tests above have drawn every document; those
/// below look at a part of them.
std::vector<NamedDocument> some_documents() {
  auto all = documents();
#ifdef __SANITIZE_ADDRESS__
  std::vector<NamedDocument> some;
  for (std::size_t i = 0; i < all.size(); i += 6) some.push_back(std::move(all[i]));
  return some;
#else
  return all;
#endif
}

TEST_P(Pictures, AreTheSameEachTime) {
  std::vector<std::string> first;
  for_each_picture(GetParam(), some_documents(), false,
                   [&](const std::string&, const Figure& figure) { first.push_back(dump(figure)); });
  auto next = first.begin();
  for_each_picture(GetParam(), some_documents(), false, [&](const std::string& name, const Figure& figure) {
    EXPECT_TRUE(dump(figure) == *next++) << name;
  });
}

TEST_P(Pictures, FillTheirRoom) {
  for_each_picture(GetParam(), some_documents(), false, [&](const std::string& name, const Figure& figure) {
    EXPECT_FALSE(figure.title.empty()) << name;
    EXPECT_EQ(figure.background.a, 255) << name;
    bool fits = false;
    for (const Size& room : GetParam().sizes) fits = fits || room.w == figure.size.w;
    EXPECT_TRUE(fits) << name << " is " << figure.size.w << " wide";
  });
}

INSTANTIATE_TEST_SUITE_P(Views, Pictures, testing::ValuesIn(drawers()), [](const auto& test) {
  std::string name = test.param.id;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(Scenes, AreLegalUnlessTheySayOtherwise) {
  for (const auto& [name, document] : documents()) {
    EXPECT_EQ(validate(document.scenario).empty(), !name.starts_with("illegal")) << name;
  }
}

// The rules themselves: a check that cannot fail guards nothing.

using Rules = std::vector<std::string>;

template <typename... Shapes>
Rules rules_broken(const Shapes&... shapes) {
  Figure figure{.size = {200, 100}, .background = rgb(0x000000), .title = "test"};
  (figure.add(shapes), ...);
  Rules rules;
  for (const Violation& one : violations(figure, metrics())) rules.push_back(one.rule);
  return rules;
}

TextShape words(double x, double y, Color color = rgb(0xffffff)) {
  return {.at = {x, y}, .text = "Stride", .size = 13, .color = color};
}

TEST(FigureRules, TellGoodPicturesFromBad) {
  const RectShape card{.rect = {10, 10, 60, 30}, .fill = rgb(0x202020)};
  EXPECT_EQ(rules_broken(words(20, 30), words(20, 50)), Rules{});
  EXPECT_EQ(rules_broken(card, words(20, 30)), Rules{});
  EXPECT_EQ(rules_broken(words(-4, 30)), Rules{"words leave the figure sideways"});
  EXPECT_EQ(rules_broken(words(190, 30)), Rules{"words leave the figure sideways"});
  EXPECT_EQ(rules_broken(words(20, 5)), Rules{"words leave the figure above or below"});
  EXPECT_EQ(rules_broken(words(20, 102)), Rules{"words leave the figure above or below"});
  EXPECT_EQ(rules_broken(words(20, 30), words(50, 35)), Rules{"words overlap"});
  EXPECT_EQ(rules_broken(card, words(50, 30)), Rules{"words leave the card or cell that they begin on"});
  EXPECT_EQ(rules_broken(words(20, 30), card), Rules{"something is painted over words"});
  EXPECT_EQ(rules_broken(words(20, 30, rgb(0x444444))), Rules{"contrast is below 4.5"});
  const RectShape veil{.rect = {0, 0, 200, 100}, .fill = with_alpha(rgb(0xffffff), 0.9)};
  EXPECT_EQ(rules_broken(veil, words(20, 30)), Rules{"contrast is below 4.5"});
  EXPECT_EQ(rules_broken(words(std::nan(""), 30)), Rules{"shapes are finite"});
  TextShape odd = words(20, 30);
  odd.size = 12.5;
  EXPECT_EQ(rules_broken(odd), Rules{"no glyphs are made for this size"});
}

TEST(FigureRules, TaggedShapesAreFound) {
  Figure figure{.size = {200, 100}, .background = rgb(0x000000), .title = "test"};
  figure.add(RectShape{.rect = {10, 10, 60, 30}}, FormulaTerm{"a"});
  EXPECT_TRUE(violations(figure, metrics()).empty());
  figure.add(RectShape{.rect = {10, 10, 60, 30}}, FormulaTerm{"b"});
  ASSERT_EQ(violations(figure, metrics()).size(), 1U);
  EXPECT_EQ(violations(figure, metrics()).front().rule, "a tagged shape is not found at its middle");
}

TEST(FigureRules, DumpsShowEveryDifference) {
  const auto figure = [](const TextShape& shape) {
    Figure one{.size = {200, 100}, .background = rgb(0x000000), .title = "test"};
    one.add(shape);
    return dump(one);
  };
  EXPECT_EQ(figure(words(20, 30)), figure(words(20, 30)));
  EXPECT_NE(figure(words(20, 30)), figure(words(20, 30.001)));
  EXPECT_NE(figure(words(20, 30)), figure(words(20, 30, rgb(0xfffffe))));
}

}  // namespace
}  // namespace tconv::test
