#include "core/playback.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "support/random_layers.h"

namespace tconv {
namespace {

/// A random layer with whole numbers in all arrays.
Scenario random_scenario(test::RandomLayers& random, std::int64_t most_work = 600) {
  Scenario scenario;
  scenario.layer = random.layer(most_work);
  scenario.input = custom_pattern(random.integers(input_shape(scenario.layer)));
  scenario.kernel = custom_pattern(random.integers(weight_shape(scenario.layer)));
  scenario.bias = custom_pattern(random.integers(Shape{scenario.layer.out_channels, 1, 1}));
  scenario.traversal = random.between(0, 1) == 0 ? Traversal::row_major : Traversal::column_major;
  return scenario;
}

Tensor final_output(const Scenario& scenario) {
  return scatter_add(scenario.layer, input_of(scenario), weight_of(scenario), bias_of(scenario));
}

Tensor map4(std::vector<float> values) { return Tensor(Shape{1, 1, 4, 4}, std::move(values)); }

TEST(Frame, TheExampleAfterThreeStamps) {
  const Frame frame = frame_at(example_scenario(), 3);
  EXPECT_EQ(frame.step, 3);
  EXPECT_EQ(frame.step_count, 4);
  ASSERT_TRUE(frame.stamp);
  EXPECT_EQ(frame.stamp->input, (CellIndex{0, 0, {0, 1, 0}}));
  EXPECT_EQ(frame.stamp->value, 3.0F);
  EXPECT_EQ(frame.stamp->begin, (std::array<std::int64_t, 3>{0, 1, 0}));
  EXPECT_EQ(frame.stamp->end, (std::array<std::int64_t, 3>{1, 4, 3}));
  EXPECT_EQ(frame.output, map4({1, 2, 1, 2, 3, 1, 5, 0, 1, 5, 1, 2, 3, 0, 3, 0}));
  EXPECT_EQ(frame.gain, map4({0, 0, 0, 0, 3, 0, 3, 0, 0, 3, 0, 0, 3, 0, 3, 0}));
}

TEST(Frame, StepZeroIsTheBias) {
  test::RandomLayers random;
  for (int i = 0; i < 40; ++i) {
    const Scenario scenario = random_scenario(random);
    SCOPED_TRACE(random.trace(scenario.layer));
    const Frame frame = frame_at(scenario, 0);
    EXPECT_FALSE(frame.stamp);
    const Tensor bias = bias_of(scenario);
    const std::int64_t channels = scenario.layer.out_channels;
    const std::int64_t plane = frame.output.size() / channels / scenario.layer.batch;
    for (std::int64_t c = 0; c < frame.output.size(); ++c) {
      ASSERT_EQ(frame.output[c], bias.empty() ? 0.0F : bias[c / plane % channels]);
      ASSERT_EQ(frame.gain[c], 0.0F);
    }
  }
}

TEST(Frame, GainsAddUpToTheOutputStepByStep) {
  test::RandomLayers random;
  for (int i = 0; i < 40; ++i) {
    const Scenario scenario = random_scenario(random);
    SCOPED_TRACE(random.trace(scenario.layer));
    Frame before = frame_at(scenario, 0);
    for (std::int64_t step = 1; step <= before.step_count; ++step) {
      const Frame frame = frame_at(scenario, step);
      ASSERT_EQ(frame.step, step);
      ASSERT_EQ(frame.output.shape(), output_shape(scenario.layer));
      ASSERT_EQ(frame.gain.shape(), frame.output.shape());
      for (std::int64_t c = 0; c < frame.output.size(); ++c) {
        ASSERT_EQ(before.output[c] + frame.gain[c], frame.output[c]) << "step " << step << ", cell " << c;
      }
      before = frame;
    }
  }
}

TEST(Frame, TheLastIsTheLayerItselfToTheBit) {
  test::RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    Scenario scenario = random_scenario(random);
    scenario.input = custom_pattern(random.floats(input_shape(scenario.layer)));
    scenario.kernel = custom_pattern(random.floats(weight_shape(scenario.layer)));
    SCOPED_TRACE(random.trace(scenario.layer));
    EXPECT_EQ(frame_at(scenario, step_count(scenario)).output, final_output(scenario));
  }
}

TEST(Frame, SeekingInAnyOrderGivesTheSameFrames) {
  const auto same = [](const Frame& a, const Frame& b) { return a.output == b.output && a.gain == b.gain; };
  test::RandomLayers random;
  for (int i = 0; i < 10; ++i) {
    const Scenario scenario = random_scenario(random, 300);
    SCOPED_TRACE(random.trace(scenario.layer));
    const std::int64_t steps = step_count(scenario);
    std::vector<Frame> forwards;
    for (std::int64_t step = 0; step <= steps; ++step) forwards.push_back(frame_at(scenario, step));
    for (std::int64_t step = steps; step >= 0; --step) {
      EXPECT_TRUE(same(frame_at(scenario, step), forwards[static_cast<std::size_t>(step)])) << step;
    }
    for (int jump = 0; jump < 20; ++jump) {
      const std::int64_t step = random.between(0, steps);
      EXPECT_TRUE(same(frame_at(scenario, step), forwards[static_cast<std::size_t>(step)])) << step;
    }
  }
}

TEST(Frame, StepsBeyondTheEndsAreTheEnds) {
  const Scenario scenario = example_scenario();
  EXPECT_EQ(frame_at(scenario, -7).step, 0);
  EXPECT_EQ(frame_at(scenario, 99).step, 4);
  EXPECT_EQ(frame_at(scenario, 99).output, final_output(scenario));
}

TEST(Frame, StampsToComeLeaveNoTraceEvenIfTheKernelIsInfinite) {
  Scenario scenario = example_scenario();
  const float infinity = std::numeric_limits<float>::infinity();
  scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 3, 3}, {infinity, 0, 0, 0, 0, 0, 0, 0, 0}));
  const Frame none = frame_at(scenario, 0);
  for (const float value : none.output.values()) EXPECT_EQ(value, 0.0F);
  const Frame first = frame_at(scenario, 1);
  EXPECT_EQ(first.output[0], infinity);
  EXPECT_EQ(first.output[1], 0.0F) << "the second input cell has not stamped yet";
}

TEST(Frame, TheTraversalChangesTheWayNotTheResult) {
  test::RandomLayers random;
  for (int i = 0; i < 40; ++i) {
    Scenario scenario = random_scenario(random);
    SCOPED_TRACE(random.trace(scenario.layer));
    scenario.traversal = Traversal::row_major;
    const Tensor by_rows = frame_at(scenario, step_count(scenario)).output;
    scenario.traversal = Traversal::column_major;
    EXPECT_EQ(frame_at(scenario, step_count(scenario)).output, by_rows);
  }
  Scenario example = example_scenario();
  EXPECT_EQ(cell_of_step(example, 2).at, (std::array<std::int64_t, 3>{0, 0, 1})) << "along the row";
  example.traversal = Traversal::column_major;
  EXPECT_EQ(cell_of_step(example, 2).at, (std::array<std::int64_t, 3>{0, 1, 0})) << "down the column";
}

TEST(Frame, CanBeAbandoned) {
  const Scenario scenario = example_scenario();
  EXPECT_FALSE(frame_at(scenario, input_of(scenario), weight_of(scenario), {}, 2, [] { return false; }));
  EXPECT_TRUE(frame_at(scenario, input_of(scenario), weight_of(scenario), {}, 2, [] { return true; }));
}

TEST(Steps, VisitEveryInputCellOnceAndBack) {
  test::RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    const Scenario scenario = random_scenario(random);
    SCOPED_TRACE(random.trace(scenario.layer));
    std::set<std::int64_t> seen;
    for (std::int64_t step = 1; step <= step_count(scenario); ++step) {
      const CellIndex cell = cell_of_step(scenario, step);
      ASSERT_EQ(step_of_cell(scenario, cell), step);
      seen.insert(flat_input(scenario.layer, cell));
    }
    EXPECT_EQ(static_cast<std::int64_t>(seen.size()), step_count(scenario));
    EXPECT_EQ(*seen.begin(), 0);
    EXPECT_EQ(*seen.rbegin(), step_count(scenario) - 1);
  }
}

TEST(Steps, GoSampleBySamplePlaceByPlaceChannelByChannel) {
  Scenario scenario = example_scenario();
  scenario.layer.batch = 2;
  scenario.layer.in_channels = 3;
  EXPECT_EQ(step_count(scenario), 24);
  EXPECT_EQ(cell_of_step(scenario, 1), (CellIndex{0, 0, {0, 0, 0}}));
  EXPECT_EQ(cell_of_step(scenario, 3), (CellIndex{0, 2, {0, 0, 0}}));
  EXPECT_EQ(cell_of_step(scenario, 4), (CellIndex{0, 0, {0, 0, 1}}));
  EXPECT_EQ(cell_of_step(scenario, 12), (CellIndex{0, 2, {0, 1, 1}}));
  EXPECT_EQ(cell_of_step(scenario, 13), (CellIndex{1, 0, {0, 0, 0}}));
}

TEST(Stamp, LiesWhereItsProductsLand) {
  test::RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    Scenario scenario = random_scenario(random);
    SCOPED_TRACE(random.trace(scenario.layer));
    scenario.kernel.id = "ones";
    scenario.input.id = "ones";
    const auto axes = scenario.layer.as_3d();
    const std::int64_t step = random.between(1, step_count(scenario));
    const Frame frame = frame_at(scenario, step);
    ASSERT_TRUE(frame.stamp);
    const Stamp& stamp = *frame.stamp;
    EXPECT_EQ(stamp.input, cell_of_step(scenario, step));
    // A cell gains exactly if it lies in the stamp, a multiple of D from its begin, in the stamp's sample and group.
    for (std::int64_t n = 0; n < scenario.layer.batch; ++n) {
      for (std::int64_t o = 0; o < scenario.layer.out_channels; ++o) {
        for (std::int64_t z = 0; z < output_size(axes[0]); ++z) {
          for (std::int64_t y = 0; y < output_size(axes[1]); ++y) {
            for (std::int64_t x = 0; x < output_size(axes[2]); ++x) {
              const CellIndex cell{n, o, {z, y, x}};
              bool inside = n == stamp.input.batch && joined(scenario.layer, stamp.input.channel, o);
              for (std::size_t a = 0; a < 3; ++a) {
                inside = inside && cell.at[a] >= stamp.begin[a] && cell.at[a] < stamp.end[a] &&
                         (cell.at[a] - stamp.begin[a]) % axes[a].dilation == 0;
              }
              ASSERT_EQ(frame.gain[flat_output(scenario.layer, cell)], inside ? 1.0F : 0.0F);
            }
          }
        }
      }
    }
  }
}

TEST(Stamp, BeginsBeforeTheOutputWhenPaddingCropsIt) {
  LayerSpec layer = example_scenario().layer;
  for (AxisSpec& axis : layer.spatial()) axis.padding_begin = axis.padding_end = 1;
  const Stamp stamp = stamp_of(layer, Tensor(Shape{1, 1, 2, 2}, {1, 2, 3, 4}), {0, 0, {0, 0, 1}});
  EXPECT_EQ(stamp.value, 2.0F);
  EXPECT_EQ(stamp.begin, (std::array<std::int64_t, 3>{0, -1, 0}));
  EXPECT_EQ(stamp.end, (std::array<std::int64_t, 3>{1, 2, 3})) << "beyond the 2 × 2 output";
}

TEST(Products, OfTheExamplesCellOneOne) {
  // Four inputs reach it, two of the products are zero: 1·1 + 2·0 + 3·0 + 4·1 = 5.
  const Scenario scenario = example_scenario();
  const auto products = products_of(scenario, input_of(scenario), weight_of(scenario), {0, 0, {0, 1, 1}});
  ASSERT_EQ(products.size(), 4U);
  const double values[] = {1, 0, 0, 4};
  const std::array<std::int64_t, 3> taps[] = {{0, 1, 1}, {0, 1, 0}, {0, 0, 1}, {0, 0, 0}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(products[i].step, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(products[i].input_value, static_cast<float>(i + 1));
    EXPECT_EQ(products[i].value(), values[i]);
    EXPECT_EQ(products[i].tap, taps[i]);
  }
}

TEST(Products, AddUpToTheOutputCell) {
  test::RandomLayers random;
  for (int i = 0; i < 40; ++i) {
    const Scenario scenario = random_scenario(random);
    const LayerSpec& layer = scenario.layer;
    SCOPED_TRACE(random.trace(layer));
    const Tensor input = input_of(scenario);
    const Tensor weight = weight_of(scenario);
    const Tensor bias = bias_of(scenario);
    const Tensor output = final_output(scenario);
    const auto axes = layer.as_3d();
    for (int k = 0; k < 20; ++k) {
      CellIndex cell{random.between(0, layer.batch - 1), random.between(0, layer.out_channels - 1), {}};
      for (std::size_t a = 0; a < 3; ++a) cell.at[a] = random.between(0, output_size(axes[a]) - 1);
      double sum = bias.empty() ? 0.0 : static_cast<double>(bias[cell.channel]);
      std::int64_t last_step = 0;
      for (const Product& product : products_of(scenario, input, weight, cell)) {
        sum += product.value();
        EXPECT_EQ(product.input_value, input[flat_input(layer, product.input)]);
        EXPECT_EQ(product.tap_value, weight[flat_weight(layer, product.input.channel, cell.channel, product.tap)]);
        EXPECT_EQ(product.step, step_of_cell(scenario, product.input));
        EXPECT_GT(product.step, last_step) << "in the order of the steps";
        last_step = product.step;
      }
      ASSERT_EQ(sum, static_cast<double>(output[flat_output(layer, cell)]));
    }
  }
}

TEST(Flat, IsRowMajorInTheArraysOwnShapes) {
  LayerSpec layer;
  layer.axes = {AxisSpec{.input = 2, .kernel = 3}, AxisSpec{.input = 5, .kernel = 2}, AxisSpec{}};
  layer.batch = 2;
  layer.in_channels = 4;
  layer.out_channels = 6;
  layer.groups = 2;
  EXPECT_EQ(flat_input(layer, {1, 2, {0, 1, 3}}), ((1 * 4 + 2) * 2 + 1) * 5 + 3);
  EXPECT_EQ(flat_output(layer, {1, 5, {0, 3, 4}}), ((1 * 6 + 5) * 4 + 3) * 6 + 4);
  EXPECT_EQ(flat_weight(layer, 3, 4, {0, 2, 1}), ((3 * 3 + 1) * 3 + 2) * 2 + 1) << "4 is the second of its group";
  EXPECT_TRUE(joined(layer, 3, 4));
  EXPECT_FALSE(joined(layer, 1, 4));
}

}  // namespace
}  // namespace tconv
