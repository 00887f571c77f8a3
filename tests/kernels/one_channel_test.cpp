// The engine for maps that are computed from one map each.
#include <algorithm>

#include "against_painting.h"
#include "large_layers.h"
#include "support/pace.h"

namespace tconv {

Engine one_channel_engine();

namespace {

class OneChannel : public testing::TestWithParam<std::int64_t> {};

/// The kernels that there are loops for; half of them with an odd P.
LayerSpec random_map_layer(test::RandomLayers& random) {
  LayerSpec layer;
  do {
    layer = {};
    AxisSpec axis;
    axis.stride = random.between(1, 2);
    axis.kernel = axis.stride == 1 ? 3 + 2 * random.between(0, 1) : random.between(2, 5);
    layer.axes[0] = layer.axes[1] = axis;
    const std::int64_t odd = random.between(0, 1);
    for (AxisSpec& one : layer.spatial()) {
      one.input = random.between(1, 40);
      one.padding_begin = 2 * random.between(0, 2) + odd;
      one.padding_end = random.between(0, 4);
      one.output_padding = random.between(0, 1);
    }
    if (random.between(0, 3) == 0) layer.axes[1].input = random.between(1, 500);
    layer.batch = random.between(1, 3);
    layer.groups = layer.in_channels = layer.out_channels = random.between(1, 4);
    layer.bias = random.between(0, 1) == 1;
  } while (!validate(layer).empty() || !one_channel_engine().estimate(plan_of(layer)).possible);
  return layer;
}

TEST_P(OneChannel, AgreesWithPaintingOnRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 200 && !HasFailure(); i += test::every_nth) {
    SCOPED_TRACE("TCONV_TEST_SEED=" + std::to_string(test::test_seed()) + ", layer " + std::to_string(i));
    test::expect_painting(one_channel_engine(), random_map_layer(random), random);
  }
}

/// Rows so long that most of them are read where they lie, in many strips.
TEST_P(OneChannel, LongRows) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  const std::vector<AxisSpec> axes{{.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1},
                                   {.kernel = 3, .stride = 1, .padding_begin = 1, .padding_end = 1},
                                   {.kernel = 3, .stride = 1},
                                   {.kernel = 4, .stride = 2, .padding_begin = 5, .padding_end = 7}};
  for (const AxisSpec& axis : axes) {
    if (!one_channel_engine().estimate(plan_of(test::layer_2d(1, 1, 1, 1, 60, 60, axis))).possible) continue;
    for (const std::int64_t columns : {1500, 1531, 1600}) {
      test::expect_painting(one_channel_engine(), test::layer_2d(1, 1, 1, 1, 61, columns, axis), random);
      test::expect_painting(one_channel_engine(), test::layer_2d(2, 3, 3, 3, 10, columns, axis), random);
      test::expect_painting(one_channel_engine(), test::layer_2d(1, 1, 1, 1, columns, 9, axis), random);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, OneChannel, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

/// What is larger than the caches is written past them: rows that are aligned at once, others by way of a stage.
TEST(OneChannelStores, OutputsLargerThanTheCaches) {
  constexpr std::size_t larger = std::size_t{6} << 20;
  const auto layer = [](std::int64_t rows, std::int64_t columns) {
    return test::layer_2d(1, 2, 2, 2, rows, columns, {.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  };
  test::expect_painting_past_the_caches(one_channel_engine(), layer(800, 1024), larger, 0);
  test::expect_painting_past_the_caches(one_channel_engine(), layer(800, 1024), larger, 3);
  test::expect_painting_past_the_caches(one_channel_engine(), layer(801, 1023), larger, 0);
  test::expect_painting_past_the_caches(one_channel_engine(), layer(413, 2207), larger, 1);
}

TEST(OneChannelLimits, LeavesTheRestToOthers) {
  const AxisSpec k4{.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  LayerSpec line = test::layer_2d(1, 1, 1, 1, 1, 30, k4);
  line.dims = 1;
  line.axes[0] = {.input = 30, .kernel = 4, .stride = 2};
  for (const LayerSpec& layer : {test::layer_2d(1, 2, 1, 1, 9, 9, k4), test::layer_2d(1, 2, 4, 2, 9, 9, k4),
                                 test::layer_2d(1, 1, 1, 1, 9, 9, {.kernel = 4, .stride = 1}),
                                 test::layer_2d(1, 1, 1, 1, 9, 9, {.kernel = 3, .stride = 1, .dilation = 2}), line}) {
    const Estimate estimate = one_channel_engine().estimate(plan_of(layer));
    EXPECT_FALSE(estimate.possible);
    EXPECT_FALSE(estimate.why.empty());
  }
  EXPECT_FALSE(one_channel_engine().estimate(input_gradient_plan(test::layer_2d(1, 1, 1, 1, 9, 9, k4))).possible);
}

TEST(OneChannelLimits, StopsWhenToldTo) {
  const LayerSpec layer = test::layer_2d(1, 1, 1, 1, 9, 9, {.kernel = 4, .stride = 2, .padding_begin = 1});
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  const Tensor input = Tensor::filled(input_shape(layer), 1);
  const LayerPlan plan = plan_of(layer);
  std::vector<float> output(static_cast<std::size_t>(plan.output_size()));
  const auto kernel = one_channel_engine().prepare(plan, weight.data(), nullptr);
  EXPECT_FALSE(kernel->run(input.data(), output.data(), Team(1), [] { return false; }));
}

}  // namespace
}  // namespace tconv
