#include "compute/large_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compute/large_map_input.h"
#include "compute/large_map_state.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

Scenario random_scenario(AxisSpec axis, std::int64_t in = 1, std::int64_t out = 1, std::int64_t groups = 1) {
  Scenario scenario = example_scenario();
  for (AxisSpec& each : scenario.layer.spatial()) each = axis;
  scenario.layer.in_channels = in;
  scenario.layer.out_channels = out;
  scenario.layer.groups = groups;
  scenario.input = {.id = "random", .seed = 3, .values = {}};
  scenario.kernel = {.id = "random", .seed = 5, .values = {}};
  return scenario;
}

/// The map by painting, of a key.
Tensor painted(const Scenario& original, const LargeMapKey& key) {
  const Scenario& scenario = key.scenario;
  const Tensor weight = weight_of(original);
  const auto& shape = weight.shape();
  const std::int64_t taps = shape[2] * shape[3];
  std::vector<float> mine;
  for (std::int64_t c = 0; c < scenario.layer.in_channels; ++c) {
    const std::int64_t row = (key.group * scenario.layer.in_channels + c) * shape[1] + key.out_channel;
    mine.insert(mine.end(), weight.data() + row * taps, weight.data() + (row + 1) * taps);
  }
  const Tensor bias =
      original.layer.bias ? Tensor(Shape{1}, {bias_of(original)[key.group * shape[1] + key.out_channel]}) : Tensor();
  // Random maps repeat their first 1024 × 1024 cells.
  Scenario part = original;
  part.layer.batch = 1;
  for (std::size_t a = 0; a < 2; ++a) {
    part.layer.axes[a].input = std::min<std::int64_t>(scenario.layer.axes[a].input, 1024);
  }
  const Tensor small = input_of(part);
  const Shape whole = input_shape(scenario.layer);
  std::vector<float> input;
  for (std::int64_t c = 0; c < whole[1]; ++c) {
    for (std::int64_t y = 0; y < whole[2]; ++y) {
      for (std::int64_t x = 0; x < whole[3]; ++x) {
        const std::int64_t channel = key.group * whole[1] + c;
        input.push_back(
            small[(channel * small.shape()[2] + y % small.shape()[2]) * small.shape()[3] + x % small.shape()[3]]);
      }
    }
  }
  return scatter_add(scenario.layer, Tensor(whole, std::move(input)),
                     Tensor(weight_shape(scenario.layer), std::move(mine)), bias);
}

TEST(LargeMap, GrowsTheInputUntilTheOutputIsAsLargeAsChosen) {
  const Scenario scenario =
      random_scenario({.input = 5, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  const LargeMapKey key = large_map_key(scenario, {.side = 1000});
  EXPECT_EQ(key.refused, "");
  EXPECT_EQ(output_size(key.scenario.layer.axes[0]), 1000);
  EXPECT_EQ(output_size(key.scenario.layer.axes[1]), 1000);
  EXPECT_EQ(large_map_key(scenario, {.side = 0}).scenario.layer.axes[0].input, 5);

  Scenario wide = scenario;
  wide.layer.axes[0].input = 10;
  wide.layer.axes[1].input = 40;
  const LargeMapKey longer = large_map_key(wide, {.side = 800});
  EXPECT_EQ(longer.scenario.layer.axes[1].input, 400);
  EXPECT_EQ(longer.scenario.layer.axes[0].input, 100);

  Scenario line = scenario;
  line.layer.dims = 1;
  EXPECT_NE(large_map_key(line, {}).refused.find("two spatial axes"), std::string::npos);
}

TEST(LargeMap, SlidersOfTheKernelKeepTheInput) {
  Scenario scenario = random_scenario({.input = 5, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  const LargeMapBlocks before(large_map_key(scenario, {.side = 700}));
  for (AxisSpec& axis : scenario.layer.spatial()) axis.kernel = 7;
  scenario.kernel.seed = 99;
  const LargeMapBlocks after(large_map_key(scenario, {.side = 700}), &before);
  EXPECT_EQ(after.input(), before.input());
  EXPECT_NE(after.cols(), before.cols());
  scenario.input.seed = 98;
  EXPECT_NE(LargeMapBlocks(large_map_key(scenario, {.side = 700}), &after).input(), after.input());
}

TEST(LargeMap, TheInputIsWhatItsPatternMakes) {
  Scenario scenario = random_scenario({.input = 5, .kernel = 3, .stride = 2}, 2, 1);
  for (const PatternInfo& pattern : input_patterns()) {
    SCOPED_TRACE(std::string(pattern.id));
    scenario.input.id = pattern.id;
    const LargeMapKey key = large_map_key(scenario, {.side = 300});
    const LargeMapBlocks blocks(key);
    const Tensor whole = input_of(key.scenario);
    EXPECT_FALSE(blocks.input()->repeats());
    EXPECT_EQ(blocks.input()->shape(), whole.shape());
    EXPECT_TRUE(std::ranges::equal(blocks.input()->whole(), whole.values()));
    EXPECT_EQ(blocks.input()->at(1, 7, 31), whole[(whole.shape()[2] + 7) * whole.shape()[3] + 31]);
    std::vector<float> part(20);
    blocks.input()->row(1, 9, 100, 20, part.data());
    EXPECT_TRUE(std::ranges::equal(
        part, whole.values().subspan(static_cast<std::size_t>((whole.shape()[2] + 9) * whole.shape()[3] + 100), 20)));
  }
  // Own values lie side by side, those of the group on show.
  scenario.layer.groups = 2;
  scenario.layer.out_channels = 2;
  scenario.input = custom_pattern(Tensor(Shape{1, 2, 2, 3}, {0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15}));
  const LargeMapBlocks blocks(large_map_key(scenario, {.side = 300, .out_channel = 1}));
  EXPECT_TRUE(blocks.input()->repeats());
  EXPECT_EQ(blocks.input()->at(0, 1, 2), 15);
  EXPECT_EQ(blocks.input()->at(0, 5, 7), 14);
  std::vector<float> part(5);
  blocks.input()->row(0, 4, 5, 5, part.data());
  EXPECT_EQ(part, (std::vector<float>{12, 10, 11, 12, 10}));
}

TEST(LargeMap, AsItIsItIsTheScenariosOwnResult) {
  for (const char* input : {"random", "test-card", "counting", "custom"}) {
    SCOPED_TRACE(input);
    Scenario scenario = random_scenario({.input = 9, .kernel = 3, .stride = 2, .padding_begin = 1}, 4, 6, 2);
    scenario.input.id = input;
    // Fewer own values than cells: the others are zeros.
    if (scenario.input.id == "custom") {
      std::vector<float> values(4 * 2 * 3);
      std::iota(values.begin(), values.end(), 1.0F);
      scenario.input = custom_pattern(Tensor(Shape{1, 4, 2, 3}, std::move(values)));
    }
    const Tensor truth = scatter_add(scenario.layer, input_of(scenario), weight_of(scenario), bias_of(scenario));
    const Shape& shape = truth.shape();
    for (const std::int64_t channel : {0, 5}) {
      const LargeMapBlocks blocks(large_map_key(scenario, {.side = 0, .out_channel = channel}));
      ASSERT_EQ(blocks.rows(), shape[2]);
      ASSERT_EQ(blocks.cols(), shape[3]);
      for (std::int64_t i = 0; i < shape[2] * shape[3]; ++i) {
        EXPECT_NEAR(blocks.cell(i / shape[3], i % shape[3]), truth[channel * shape[2] * shape[3] + i], 1e-4);
      }
    }
  }
}

TEST(LargeMap, KeepsItsProportions) {
  Scenario scenario = random_scenario({.input = 8, .kernel = 3, .stride = 4});
  scenario.layer.axes[1].stride = 1;
  const LayerSpec tall = large_map_key(scenario, {.side = 2048}).scenario.layer;
  EXPECT_NEAR(static_cast<double>(output_size(tall.axes[0])), 2048, 8);
  EXPECT_NEAR(static_cast<double>(output_size(tall.axes[1])), 512, 8);
  scenario.layer.axes[0].input = 1;
  const LayerSpec wide = large_map_key(scenario, {.side = 2048}).scenario.layer;
  EXPECT_NEAR(static_cast<double>(output_size(wide.axes[1])), 2048, 8);
  EXPECT_NEAR(static_cast<double>(output_size(wide.axes[0])), 1024, 8);
}

TEST(LargeMap, BlocksTogetherAreThePaintedMap) {
  test::RandomLayers random;
  const std::vector<AxisSpec> axes{
      {.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1},
      {.kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1, .output_padding = 1},
      {.kernel = 2, .stride = 5, .padding_begin = 0, .padding_end = 3, .output_padding = 4},
      {.kernel = 1, .stride = 3, .padding_begin = 1, .padding_end = 0},
      {.kernel = 3, .stride = 1, .padding_begin = 4, .padding_end = 0, .dilation = 2},
      {.kernel = 7, .stride = 3, .padding_begin = 20, .padding_end = 2, .dilation = 2},
  };
  for (const AxisSpec& axis : axes) {
    Scenario scenario = random_scenario(axis, 4, 6, 2);
    for (AxisSpec& each : scenario.layer.spatial()) each.input = 30;
    scenario.layer.bias = true;
    const LargeMapKey key = large_map_key(scenario, {.side = 1300, .out_channel = 4});
    SCOPED_TRACE(test::layer_text(key.scenario.layer));
    ASSERT_EQ(key.refused, "");
    const Tensor truth = painted(scenario, key);
    LargeMapBlocks blocks(key);
    ASSERT_EQ(truth.shape(), (Shape{1, 1, blocks.rows(), blocks.cols()}));
    EXPECT_GT(blocks.grid_rows() * blocks.grid_cols(), 3);
    std::vector<std::int64_t> all;
    for (std::int64_t i = 0; i < blocks.grid_rows() * blocks.grid_cols(); ++i) all.push_back(i);
    LargeMapStatistics statistics;
    double largest = 0;
    std::int64_t cells = 0;
    const auto compare = [&](const LargeMapBlocks::Block& block) {
      statistics.add(*block.statistics);
      EXPECT_EQ(block.cells.row, block.number / blocks.grid_cols() * blocks.block_rows());
      EXPECT_EQ(block.cells.col, block.number % blocks.grid_cols() * blocks.block_cols());
      EXPECT_EQ(block.means.rows, block.cells.rows);
      EXPECT_EQ(block.means.cols, block.cells.cols);
      for (std::int64_t y = 0; y < block.cells.rows; ++y) {
        for (std::int64_t x = 0; x < block.cells.cols; ++x, ++cells) {
          const float wanted = truth[(block.cells.row + y) * blocks.cols() + block.cells.col + x];
          const float found = block.means.values[static_cast<std::size_t>(y * block.means.cols + x)];
          EXPECT_EQ(found, block.values[y * block.value_cols + x]);
          largest = std::max(largest, std::abs(static_cast<double>(wanted) - static_cast<double>(found)));
        }
      }
    };
    ASSERT_TRUE(blocks.compute(all, 1, true, compare, {}));
    EXPECT_EQ(cells, truth.size());
    EXPECT_LT(largest, 1e-4);
    EXPECT_EQ(statistics.cells(), truth.size());
    const auto [least, most] = std::ranges::minmax(truth.values());
    EXPECT_NEAR(statistics.least(), static_cast<double>(least), 1e-4);
    EXPECT_NEAR(statistics.most(), static_cast<double>(most), 1e-4);
    std::int64_t counted = 0;
    for (const std::int64_t bar : statistics.histogram(statistics.least(), statistics.most(), 20)) counted += bar;
    EXPECT_EQ(counted, truth.size());
    EXPECT_NEAR(blocks.cell(700, 1001), truth[700 * blocks.cols() + 1001], 1e-4);
  }
}

TEST(LargeMap, InfiniteWeightsReachWhatTheDefinitionHasThemReach) {
  Scenario scenario = random_scenario({.kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 0});
  for (AxisSpec& each : scenario.layer.spatial()) each.input = 30;
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float corner : {infinity, std::numeric_limits<float>::quiet_NaN()}) {
    scenario.kernel = custom_pattern({{1, 1, 3, 3}, {corner, 2, 3, 4, infinity, 6, 7, 8, 9}});
    const LargeMapKey key = large_map_key(scenario, {.side = 1300});
    ASSERT_EQ(key.refused, "");
    const Tensor truth = painted(scenario, key);
    LargeMapBlocks blocks(key);
    std::vector<std::int64_t> all(static_cast<std::size_t>(blocks.grid_rows() * blocks.grid_cols()));
    std::iota(all.begin(), all.end(), 0);
    std::int64_t not_numbers = 0;
    std::int64_t wrong = 0;
    ASSERT_TRUE(blocks.compute(all, 1, false,
                               [&](const LargeMapBlocks::Block& block) {
                                 for (std::int64_t y = 0; y < block.cells.rows; ++y) {
                                   for (std::int64_t x = 0; x < block.cells.cols; ++x) {
                                     const float wanted =
                                         truth[(block.cells.row + y) * blocks.cols() + block.cells.col + x];
                                     const float found = block.values[y * block.value_cols + x];
                                     not_numbers += std::isnan(wanted) ? 1 : 0;
                                     const bool alike = std::isfinite(wanted) ? std::abs(wanted - found) < 1e-4F
                                                        : std::isnan(wanted)  ? std::isnan(found)
                                                                              : wanted == found;
                                     wrong += alike ? 0 : 1;
                                   }
                                 }
                               },
                               {}));
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(not_numbers, 1000);  // also where the input is 0
  }
}

TEST(LargeMap, OverviewIsTheMeanOfTheCells) {
  const Scenario scenario =
      random_scenario({.input = 5, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1});
  const LargeMapKey key = large_map_key(scenario, {.side = 2500});
  const auto state = large_map(key, {.window = {.row = 1000, .col = 600, .rows = 90, .cols = 700}, .step = 1}, {});
  ASSERT_NE(state, nullptr);
  EXPECT_TRUE(state->complete());
  const Tensor truth = painted(scenario, key);
  const MeanMap& overview = *state->overview;
  EXPECT_EQ(overview.step, 4);
  double largest = 0;
  const std::int64_t side = state->blocks->cols();
  for (std::int64_t row = 0; row < overview.rows; row += 7) {
    for (std::int64_t col = 0; col < overview.cols; ++col) {
      double sum = 0;
      int count = 0;
      for (std::int64_t y = row * 4; y < std::min(side, row * 4 + 4); ++y) {
        for (std::int64_t x = col * 4; x < std::min(side, col * 4 + 4); ++x, ++count) sum += truth[y * side + x];
      }
      const double found = overview.values[static_cast<std::size_t>(row * overview.cols + col)];
      largest = std::max(largest, std::abs(found - sum / count));
    }
  }
  EXPECT_LT(largest, 1e-4);
  // The window lies in one row of blocks, and in three columns of them.
  EXPECT_EQ(state->tile_step, 1);
  for (const std::int64_t number : blocks_in(*state->blocks, {.row = 1000, .col = 600, .rows = 90, .cols = 700})) {
    EXPECT_TRUE(state->tiles.contains(number)) << number;
  }
  EXPECT_EQ(state->statistics->cells(), truth.size());
}

TEST(LargeMap, CoarseIsNearTheMeansOfASmoothMap) {
  Scenario scenario = random_scenario({.input = 5, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  scenario.input = {.id = "landscape", .seed = 1, .values = {}};
  scenario.kernel = {.id = "ones", .seed = 1, .values = {}};
  const LargeMapKey key = large_map_key(scenario, {.side = 4096});
  const auto state = large_map(key, {}, {});
  const MeanMap coarse = state->blocks->coarse();
  ASSERT_EQ(coarse.values.size(), state->overview->values.size());
  const double span = state->statistics->most() - state->statistics->least();
  double sum = 0;
  for (std::size_t i = 0; i < coarse.values.size(); ++i) {
    sum += std::abs(static_cast<double>(coarse.values[i]) - static_cast<double>(state->overview->values[i]));
  }
  EXPECT_LT(sum / static_cast<double>(coarse.values.size()), 0.02 * span);
}

TEST(LargeMap, StatisticsKeepWhatIsNotFiniteApart) {
  LargeMapStatistics statistics;
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values{-2, infinity, 3, std::nanf(""), 3, -infinity, 0.5F};
  statistics.add(values.data(), static_cast<std::int64_t>(values.size()));
  EXPECT_EQ(statistics.cells(), 7);
  EXPECT_EQ(statistics.not_finite(), 3);
  EXPECT_EQ(statistics.least(), -2);
  EXPECT_EQ(statistics.most(), 3);
  EXPECT_EQ(statistics.histogram(-2, 3, 5), (std::vector<std::int64_t>{1, 0, 1, 0, 2}));
  EXPECT_EQ(statistics.nan(), 1);
  EXPECT_EQ(statistics.plus_infinity(), 1);
  EXPECT_EQ(statistics.minus_infinity(), 1);
  const auto parts = statistics.parts();
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].low, -2);
  EXPECT_EQ(parts[0].count, 1);
  EXPECT_LE(parts[1].low, 0.5);
  EXPECT_GE(parts[1].high, 0.5);
  EXPECT_EQ(parts[2].high, 3);
  EXPECT_EQ(parts[2].count, 2);
  LargeMapStatistics both;
  both.add(statistics);
  both.add(statistics);
  EXPECT_EQ(both.cells(), 14);
  EXPECT_EQ(both.most(), 3);
}

TEST(LargeMap, StatisticsOfEqualPartsAreRead) {
  const LargeMapStatistics statistics(-1, 3, {5, 0, 0, 2, 4}, 1, 2, 3);
  EXPECT_EQ(statistics.cells(), 17);
  EXPECT_EQ(statistics.not_finite(), 6);
  EXPECT_EQ(statistics.least(), -1);
  EXPECT_EQ(statistics.most(), 3);
  EXPECT_EQ(statistics.histogram(-1, 3, 4), (std::vector<std::int64_t>{5, 0, 0, 6}));
  EXPECT_EQ(statistics.histogram(1.5, 9, 2), (std::vector<std::int64_t>{11, 0}));
  const auto parts = statistics.parts();
  ASSERT_EQ(parts.size(), 3U);
  EXPECT_EQ(parts[0].low, -1);
  EXPECT_NEAR(parts[1].low, 1.4, 1e-12);
  EXPECT_NEAR(parts[1].high, 2.2, 1e-12);
  EXPECT_EQ(parts[2].high, 3);
  EXPECT_EQ(parts[2].count, 4);
  const LargeMapStatistics constant(2, 2, {7, 0, 0}, 0, 0, 0);
  EXPECT_EQ(constant.histogram(1, 3, 2), (std::vector<std::int64_t>{0, 7}));
}

}  // namespace
}  // namespace tconv
