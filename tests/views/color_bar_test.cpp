// The colours of every heat map follow the document, and the bar beside it says what they mean.

#include "views/color_bar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/coverage.h"
#include "views/color_scales.h"

namespace tconv {
namespace {

struct BarScene {
  Document document;
  Results results;
  TextMetrics text;
  Interaction interaction;
  bool color_bar = true;

  explicit BarScene(std::int64_t input = 4) {
    for (AxisSpec& axis : document.scenario.layer.spatial()) axis = {.input = input, .kernel = 3, .stride = 2};
    compute();
  }
  void compute() { results = compute_results(document.scenario, step_count(document.scenario), {.ways = true}); }

  ViewInput input(Size size = {1030, 700}) const {
    return {.document = document,
            .results = results,
            .interaction = clamped(interaction, document.scenario),
            .size = size,
            .theme = dark_theme(),
            .text = text,
            .pixels_per_point = 1,
            .interactive = true,
            .color_bar = color_bar};
  }
  Figure draw(const char* view) const { return picture(*find_view(view), input()); }
};

bool has_line(const Figure& figure, const std::string& words) {
  return std::ranges::any_of(figure.shapes, [&](const Shape2D& shape) {
    const auto* text = std::get_if<TextShape>(&shape.what);
    return text != nullptr && text->text == words;
  });
}

/// The colour of the first output cell at a place.
Color fill_of(const Figure& figure, std::int64_t row, std::int64_t col) {
  for (const Shape2D& shape : figure.shapes) {
    const auto* rect = std::get_if<RectShape>(&shape.what);
    const auto* cell = std::get_if<OutputCell>(&shape.tag);
    if (rect != nullptr && cell != nullptr && !shape.highlight && cell->cell.at[1] == row && cell->cell.at[2] == col) {
      return rect->fill;
    }
  }
  ADD_FAILURE() << "no such cell";
  return {};
}

std::size_t image_count(const Figure& figure) {
  return static_cast<std::size_t>(std::ranges::count_if(
      figure.shapes, [](const Shape2D& shape) { return std::holds_alternative<ImageShape>(shape.what); }));
}

TEST(ColorBar, IsOnByDefaultAndCanBeLeftOut) {
  BarScene scene;
  EXPECT_TRUE(has_line(scene.draw("overlap"), "hits"));
  scene.color_bar = false;
  EXPECT_FALSE(has_line(scene.draw("overlap"), "hits"));
  for (const char* view : {"overlap", "spectrum", "decoder-stack"}) {
    scene.color_bar = true;
    const std::size_t with = image_count(scene.draw(view));
    scene.color_bar = false;
    EXPECT_EQ(image_count(scene.draw(view)) + 1, with) << view;
  }
}

TEST(ColorBar, StandsBesideLargeMaps) {
  BarScene scene(40);
  const std::size_t with = image_count(scene.draw("paint"));
  EXPECT_EQ(scene.draw("paint").color_range, finite_range(scene.results.frame.output.values()));
  scene.color_bar = false;
  EXPECT_EQ(image_count(scene.draw("paint")) + 1, with);
}

TEST(ColorScales, TheSettingsHoldInEveryViewOfCounts) {
  BarScene scene;
  ColorSettings& colors = scene.document.presentation.colors;
  const ColorMap& viridis = *find_color_map("viridis");
  scene.document.presentation.show_hits = true;
  for (const char* view : {"overlap", "paint"}) {
    SCOPED_TRACE(view);
    colors = {};
    Figure figure = scene.draw(view);
    EXPECT_EQ(figure.color_range, (ValueRange{0, 4}));
    EXPECT_EQ(fill_of(figure, 2, 2), viridis.at(1));
    EXPECT_EQ(fill_of(figure, 0, 0), viridis.at(0.25));
    colors.scale = ScaleKind::log;
    figure = scene.draw(view);
    EXPECT_EQ(figure.color_range, (ValueRange{1, 4}));
    EXPECT_EQ(fill_of(figure, 0, 0), viridis.at(0));
    EXPECT_EQ(fill_of(figure, 0, 2), viridis.at(0.5));
    colors = {.locked = ColorRange{2, 3}};
    figure = scene.draw(view);
    EXPECT_EQ(figure.color_range, (ValueRange{2, 3}));
    EXPECT_EQ(fill_of(figure, 0, 0), color_of(ColorSpecial::under));
    EXPECT_EQ(fill_of(figure, 2, 2), color_of(ColorSpecial::over));
    EXPECT_EQ(fill_of(figure, 0, 2), viridis.at(0));
  }
  scene.document.presentation.color_map = "no such map";
  colors = {};
  EXPECT_EQ(fill_of(scene.draw("overlap"), 2, 2), viridis.at(1));
}

TEST(ColorScales, ALockIsTheSameInEveryViewAndStep) {
  BarScene scene(40);
  scene.document.presentation.colors.locked = ColorRange{-1, 5};
  for (const char* view : {"overlap", "paint", "linked", "phases"}) {
    EXPECT_EQ(scene.draw(view).color_range, (ValueRange{-1, 5})) << view;
  }
  for (const std::int64_t step : {std::int64_t{0}, std::int64_t{7}}) {
    scene.interaction.step = step;
    scene.results = compute_results(scene.document.scenario, step, {.ways = true});
    EXPECT_EQ(scene.draw("paint").color_range, (ValueRange{-1, 5})) << step;
  }
}

TEST(ColorBar, NamesAndCountsWhatHasItsOwnColour) {
  const BarScene scene;
  const ViewInput in = scene.input();
  constexpr float infinite = std::numeric_limits<float>::infinity();
  const std::vector<float> values{std::nanf(""), infinite, -infinite, -infinite, 1, 2, 3, 9};
  const ColorScale scale(shown_color_map(in.document), {.locked = ColorRange{2, 4}}, {.parts = {values}});
  const std::vector<std::string> words{"NaN 1", "+∞ 1", "−∞ 2", "under 1", "over 1"};
  for (const bool standing : {false, true}) {
    Figure figure{.size = {400, 400}, .background = {}, .title = ""};
    if (standing) {
      EXPECT_TRUE(add_color_column(figure, in, {10, 10, color_column_width, 300}, scale));
    } else {
      EXPECT_GT(add_color_bar(figure, in, {10, 10}, 300, scale), 40);
    }
    for (const std::string& one : words) EXPECT_TRUE(has_line(figure, one)) << one << " " << standing;
    for (const ColorSpecial special : color_specials) {
      EXPECT_TRUE(std::ranges::any_of(figure.shapes, [&](const Shape2D& shape) {
        const auto* rect = std::get_if<RectShape>(&shape.what);
        return rect != nullptr && rect->fill == color_of(special);
      }));
    }
    for (const char* tick : {"2", "3", "4"}) EXPECT_TRUE(has_line(figure, tick)) << tick;
  }
  Figure low{.size = {400, 400}, .background = {}, .title = ""};
  EXPECT_FALSE(add_color_column(low, in, {10, 10, color_column_width, 100}, scale));
  EXPECT_TRUE(low.shapes.empty()) << "no half of a bar";
}

TEST(ColorBar, SaysWhyALogScaleIsNone) {
  const BarScene scene;
  const ViewInput in = scene.input();
  const std::vector<float> values{-1, -2};
  const ColorScale scale(shown_color_map(in.document), {.scale = ScaleKind::log}, {.parts = {values}});
  Figure figure{.size = {400, 400}, .background = {}, .title = ""};
  add_color_bar(figure, in, {10, 10}, 380, scale);
  EXPECT_TRUE(has_line(figure, scale.note()));
}

}  // namespace
}  // namespace tconv
