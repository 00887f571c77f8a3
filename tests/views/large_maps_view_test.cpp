// The view of large maps while a map is being made.

#include <gtest/gtest.h>

#include "figure_cells.h"

namespace tconv::test {
namespace {

struct LargeMapPicture : testing::Test {
  Document document = layer_document({.input = 8, .kernel = 3, .stride = 2});
  Interaction interaction;
  Results results = compute_results(document.scenario, 0, {.large_map = Needs::LargeMap{{.side = 1024}, {}}});
  LargeMapState state = *results.large_map;

  ViewInput input() const {
    return {.document = document,
            .results = results,
            .interaction = interaction,
            .size = large_room,
            .theme = dark_theme(),
            .text = metrics()};
  }
  Figure draw() {
    results.large_map = std::make_shared<const LargeMapState>(state);
    return find_view("large-maps")->draw(input());
  }
};

TEST_F(LargeMapPicture, WaysCanBeChosenBeforeThereIsAMap) {
  results.large_map = nullptr;
  const Figure figure = find_view("large-maps")->draw(input());
  EXPECT_TRUE(says(figure, "Computing…"));
  for (const char* way : {"CPU", "GPU", "Both"}) EXPECT_TRUE(says(figure, way)) << way;
}

TEST_F(LargeMapPicture, AnOlderMapIsCalledOne) {
  EXPECT_FALSE(says(draw(), "the map before"));
  results.large_map_is_old = true;
  EXPECT_TRUE(says(draw(), "the map before: yours is being computed"));
}

TEST_F(LargeMapPicture, AMapThatTheGpuComputesIsCalledCoarse) {
  state.way = LargeMapWay::gpu;
  state.awaits_device = true;
  state.done = 0;
  EXPECT_TRUE(says(draw(), "coarse: the GPU is computing the map"));
  state.done = 1;
  EXPECT_FALSE(says(draw(), "coarse"));
  EXPECT_TRUE(says(draw(), "the GPU is computing the map"));
  state.way = LargeMapWay::both;
  EXPECT_TRUE(says(draw(), "· computing…"));
  EXPECT_TRUE(says(draw(), "They are compared as soon as both are there."));
}

TEST_F(LargeMapPicture, AFallbackIsNamedBesideTheMap) {
  EXPECT_FALSE(says(draw(), "by the CPU"));
  state.trouble = "there is no OpenGL 4.3 here";
  EXPECT_TRUE(says(draw(), "by the CPU"));
}

TEST_F(LargeMapPicture, CellsOfAPartOfTheMapDoNotColourTheRest) {
  LargeMapStatistics part;
  const float first_cells[] = {1e-9F, 2e-9F};
  part.add(first_cells, 2);
  state.statistics = std::make_shared<const LargeMapStatistics>(part);
  state.done = 0.1;
  EXPECT_GT(draw().color_range->high, 1);  // of the coarse means
  state.done = 1;
  EXPECT_LT(draw().color_range->high, 1);
}

TEST_F(LargeMapPicture, TheCellUnderTheCursorIsMarkedAndItsPlaceWritten) {
  const auto frames = [](const Figure& figure) {
    return std::ranges::count_if(figure.shapes, [](const Shape2D& shape) {
      const auto* rect = std::get_if<RectShape>(&shape.what);
      return rect != nullptr && rect->stroke_width == 1.5;
    });
  };
  EXPECT_EQ(frames(draw()), 0);
  interaction.hover = ComparedCell{{0, 512, 511}};
  EXPECT_EQ(frames(draw()), 2);
  EXPECT_FALSE(says(draw(), "y[4"));
  interaction.viewport = {.zoom = 16, .centre = {0.5, 0.5}};
  EXPECT_TRUE(says(draw(), "y[48")) << all_words(draw());
  interaction.hover = ComparedCell{{0, 3, 3}};  // not on show
  EXPECT_EQ(frames(draw()), 0);
}

}  // namespace
}  // namespace tconv::test
