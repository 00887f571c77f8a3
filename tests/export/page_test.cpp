#include "export/page.h"

#include <gtest/gtest.h>

#include "figure_test_support.h"

namespace tconv {
namespace {

using test::metrics;

Figure small_in_the_middle() {
  Figure figure{.size = {400, 300}, .background = rgb(0x102030), .title = "Overlap"};
  figure.add(RectShape{.rect = {100, 80, 50, 40}, .fill = rgb(0xffffff)}, GoToStep{3});
  figure.grids.push_back({.rect = {110, 90, 10, 10}, .window = {}, .first = {}});
  return figure;
}

TEST(Page, AsksForNothingGivesTheSame) {
  const Figure figure = on_page(small_in_the_middle(), dark_theme(), metrics(), {});
  EXPECT_EQ(figure.size.w, 400);
  EXPECT_EQ(figure.size.h, 300);
  EXPECT_EQ(figure.shapes.size(), 1U);
  EXPECT_EQ(figure.background.a, 255);
}

TEST(Page, CropsToWhatIsDrawn) {
  const Figure figure = on_page(small_in_the_middle(), dark_theme(), metrics(), {.crop = true});
  EXPECT_EQ(figure.size.w, 50 + 32);
  EXPECT_EQ(figure.size.h, 40 + 32);
  EXPECT_EQ(place_of(figure, GoToStep{3}).x, 16);
  EXPECT_EQ(place_of(figure, GoToStep{3}).y, 16);
  EXPECT_EQ(figure.grids[0].rect.x, 26) << "maps of many cells move along";
}

TEST(Page, WordsAboveAndBelowMakeItHigher) {
  const Figure figure =
      on_page(small_in_the_middle(), light_theme(), metrics(), {.title = true, .caption = "One line\nand another"});
  EXPECT_GT(figure.size.h, 300 + 34 + 2 * 13);
  EXPECT_EQ(place_of(figure, GoToStep{3}).y, 80 + 34);
  EXPECT_EQ(std::get<TextShape>(figure.shapes[1].what).text, "Overlap");
  for (const Shape2D& shape : figure.shapes) {
    if (const auto* words = std::get_if<TextShape>(&shape.what)) {
      EXPECT_LT(words->at.y, figure.size.h);
      EXPECT_EQ(words->color.a, 255);
    }
  }
}

TEST(Page, MayHaveNoGround) {
  EXPECT_EQ(on_page(small_in_the_middle(), dark_theme(), metrics(), {.transparent = true}).background.a, 0);
  const Figure empty = on_page(Figure{.size = {10, 10}, .background = {}, .title = ""}, dark_theme(), metrics(),
                               {.title = true, .crop = true});
  EXPECT_EQ(empty.size.w, 10) << "nothing to crop to";
}

}  // namespace
}  // namespace tconv
