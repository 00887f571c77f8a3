#include "figure/figure.h"

#include <gtest/gtest.h>

#include "figure/theme.h"

namespace tconv {
namespace {

InputCell input_cell(std::int64_t row, std::int64_t col) { return {CellIndex{1, 2, {3, row, col}}}; }

TEST(TagAt, TheTopmostTaggedShapeWins) {
  Figure figure;
  figure.add(RectShape{.rect = {0, 0, 10, 10}}, FormulaTerm{"stride"});
  figure.add(RectShape{.rect = {5, 5, 10, 10}}, FormulaTerm{"padding"});
  figure.add(RectShape{.rect = {0, 0, 20, 20}});
  figure.add(ImageShape{.rect = {14, 14, 4, 4}, .raster = nullptr}, CopyText{"x"});
  EXPECT_EQ(tag_at(figure, {2, 2}), Tag(FormulaTerm{"stride"}));
  EXPECT_EQ(tag_at(figure, {7, 7}), Tag(FormulaTerm{"padding"}));
  EXPECT_EQ(tag_at(figure, {14.5, 14.5}), Tag(CopyText{"x"}));
  EXPECT_EQ(tag_at(figure, {19, 19}), Tag());
  EXPECT_EQ(tag_at(figure, {5, 5}), Tag(FormulaTerm{"padding"})) << "left and top borders belong to it";
  EXPECT_EQ(tag_at(figure, {15, 6}), Tag()) << "right and bottom borders do not";
  EXPECT_EQ(place_of(figure, FormulaTerm{"padding"}), (Rect{5, 5, 10, 10}));
  EXPECT_EQ(place_of(figure, FormulaTerm{"dilation"}), (Rect{}));
}

TEST(TagAt, GridsTurnPlacesIntoCells) {
  Figure figure;
  figure.grids.push_back(
      {.rect = {100, 50, 40, 20}, .window = {-1, 0.5, 4, 2}, .rows = 2, .cols = 2, .first = input_cell(0, 0)});
  EXPECT_EQ(tag_at(figure, {99, 55}), Tag());
  EXPECT_EQ(tag_at(figure, {105, 55}), Tag()) << "column -1";
  EXPECT_EQ(tag_at(figure, {111, 51}), Tag(input_cell(0, 0)));
  EXPECT_EQ(tag_at(figure, {111, 56}), Tag(input_cell(1, 0)));
  EXPECT_EQ(tag_at(figure, {129, 64}), Tag(input_cell(1, 1)));
  EXPECT_EQ(tag_at(figure, {111, 66}), Tag()) << "row 2";
  EXPECT_EQ(tag_at(figure, {135, 55}), Tag()) << "column 2";
  figure.add(RectShape{.rect = {110, 50, 5, 5}}, CopyText{"above"});
  EXPECT_EQ(tag_at(figure, {111, 51}), Tag(CopyText{"above"}));
  figure.grids[0].first = OutputCell{CellIndex{}};
  EXPECT_EQ(tag_at(figure, {129, 64}), Tag(OutputCell{CellIndex{0, 0, {0, 1, 1}}}));
}

TEST(Contrast, KnownValues) {
  EXPECT_NEAR(contrast(rgb(0x000000), rgb(0xffffff)), 21, 1e-9);
  EXPECT_NEAR(contrast(rgb(0xffffff), rgb(0x000000)), 21, 1e-9);
  EXPECT_NEAR(contrast(rgb(0x336699), rgb(0x336699)), 1, 1e-9);
  EXPECT_NEAR(contrast(rgb(0x777777), rgb(0xffffff)), 4.48, 0.005);
  EXPECT_NEAR(contrast(rgb(0xff0000), rgb(0xffffff)), 4.00, 0.005);
  EXPECT_NEAR(contrast(rgb(0x0000ff), rgb(0xffffff)), 8.59, 0.005);
}

TEST(Contrast, ReadableOnAnyGrey) {
  for (std::uint32_t v = 0; v < 256; ++v) {
    const Color ground = rgb(v << 16U | v << 8U | v);
    EXPECT_GE(contrast(readable_on(ground), ground), 4.5) << v;
  }
}

TEST(Mix, EndsAreExact) {
  EXPECT_EQ(mix(rgb(0x102030), rgb(0xffeedd), 0), rgb(0x102030));
  EXPECT_EQ(mix(rgb(0x102030), rgb(0xffeedd), 1), rgb(0xffeedd));
  EXPECT_EQ(mix(rgb(0x000000), rgb(0xffffff), 0.5), rgb(0x808080));
}

TEST(Theme, WordsAreReadable) {
  for (const Theme* theme : {&dark_theme(), &light_theme()}) {
    const std::pair<std::string_view, Color> words[] = {{"text", theme->text},
                                                        {"muted", theme->muted},
                                                        {"input_text", theme->input_text},
                                                        {"kernel_text", theme->kernel_text},
                                                        {"output_text", theme->output_text},
                                                        {"good_text", theme->good_text},
                                                        {"bad_text", theme->bad_text}};
    const std::pair<std::string_view, Color> grounds[] = {
        {"background", theme->background}, {"panel", theme->panel}, {"surface", theme->surface}};
    for (const auto& [word, color] : words) {
      for (const auto& [ground, under] : grounds) {
        EXPECT_GE(contrast(color, under), 4.5) << theme->id << ": " << word << " on " << ground;
      }
    }
    EXPECT_GE(contrast(theme->button_text, theme->button), 4.5) << theme->id;
    EXPECT_GE(contrast(theme->text, theme->selected), 4.5) << theme->id;
  }
}

TEST(Theme, FoundByName) {
  EXPECT_EQ(find_theme("dark"), &dark_theme());
  EXPECT_EQ(find_theme("light"), &light_theme());
  EXPECT_EQ(find_theme("sepia"), nullptr);
}

}  // namespace
}  // namespace tconv
