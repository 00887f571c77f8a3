#include <gtest/gtest.h>

#include "driver.h"

namespace tconv::test {
namespace {

struct LargeMaps : testing::Test {
  Driver driver;
  LargeMaps() {
    driver.be_patient();
    driver.session().show("large-maps");
    settle();
  }
  void settle() {
    // The first frame says how many pixels the map has; what belongs to them is there after the second wait.
    for (int i = 0; i < 2; ++i) {
      driver.settle();
      driver.session().wait_for_results();
    }
    driver.settle();
  }
  const LargeMapState& state() { return *driver.session().results().large_map; }
};

TEST_F(LargeMaps, TheWheelLeadsFromTheWholeToSingleCells) {
  ASSERT_TRUE(driver.session().results().large_map);
  EXPECT_TRUE(state().complete());
  EXPECT_GT(state().overview->step, 1);
  EXPECT_TRUE(state().tiles.empty());

  driver.move(Point{640, 400});
  for (int i = 0; i < 40; ++i) driver.wheel(1);
  settle();
  EXPECT_GT(driver.interaction().viewport.zoom, 20);
  EXPECT_EQ(state().tile_step, 1);
  ASSERT_FALSE(state().tiles.empty());
  const auto* cell = std::get_if<ComparedCell>(&driver.interaction().hover);
  ASSERT_NE(cell, nullptr);
  const LargeMapBlocks& blocks = *state().blocks;
  const std::int64_t row = cell->at[1];
  const std::int64_t col = cell->at[2];
  const auto tile = state().tiles.find(row / blocks.block_rows() * blocks.grid_cols() + col / blocks.block_cols());
  ASSERT_NE(tile, state().tiles.end());
  const std::int64_t within = row % blocks.block_rows() * tile->second->cols + col % blocks.block_cols();
  // Corners and centre: five of 1, 2, 3, …, as exact as float32 is.
  EXPECT_FLOAT_EQ(tile->second->values[static_cast<std::size_t>(within)], blocks.cell(row, col));

  driver.double_click(Point{640, 400});
  settle();
  EXPECT_EQ(driver.interaction().viewport.zoom, 1);
}

TEST_F(LargeMaps, SidesAndSlidersMakeAnotherMap) {
  driver.click("choice/large/side/1024");
  settle();
  EXPECT_EQ(state().blocks->cols(), 1026);  // 1024 cells with a kernel of three
  driver.drag_slider("stride", 3);
  settle();
  EXPECT_EQ(state().key.scenario.layer.axes[0].stride, 3);
  EXPECT_TRUE(state().complete());
  EXPECT_NEAR(static_cast<double>(state().blocks->cols()), 1024, 3);
  driver.click("choice/large/side/0");
  settle();
  EXPECT_EQ(state().blocks->cols(), output_size(driver.axis()));
  EXPECT_EQ(driver.undo_steps(), 1);  // the slider; how large a map is shown is no edit
}

TEST_F(LargeMaps, WithoutADeviceTheProcessorComputesWhatItShould) {
  EXPECT_EQ(state().trouble, "");
  for (const char* way : {"gpu", "both"}) {
    driver.click(std::string("choice/large/way/") + way);
    settle();
    EXPECT_EQ(driver.interaction().choice("large/way", ""), way);
    EXPECT_EQ(state().way, LargeMapWay::cpu);
    EXPECT_NE(state().trouble, "");
    EXPECT_TRUE(state().complete());
  }
  driver.click("choice/large/way/cpu");
  settle();
  EXPECT_EQ(state().trouble, "");
}

TEST_F(LargeMaps, WhereThereIsNoneTheReasonIsSaid) {
  driver.click("dims/1");
  settle();
  ASSERT_TRUE(driver.session().results().large_map);
  EXPECT_FALSE(state().refused.empty());
}

}  // namespace
}  // namespace tconv::test
