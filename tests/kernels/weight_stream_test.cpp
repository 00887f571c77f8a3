// The engine for big weights and tiny maps.
#include <algorithm>

#include "against_painting.h"
#include "large_layers.h"
#include "support/pace.h"

namespace tconv {

Engine weight_stream_engine();

namespace {

class WeightStream : public testing::TestWithParam<std::int64_t> {};

LayerSpec square(std::int64_t in, std::int64_t out, const AxisSpec& axis) {
  return test::layer_2d(1, in, out, 1, axis.input, axis.input, axis);
}

/// Tiny maps and any other numbers.
LayerSpec random_stream_layer(test::RandomLayers& random) {
  LayerSpec layer;
  do {
    layer = {};
    layer.dims = static_cast<int>(random.between(1, 3));
    for (AxisSpec& axis : layer.spatial()) {
      axis.input = random.between(1, layer.dims == 1 ? 9 : 4);
      axis.kernel = random.between(1, 5);
      axis.stride = random.between(1, 4);
      axis.padding_begin = random.between(0, 3);
      axis.padding_end = random.between(0, 3);
      axis.dilation = random.between(1, 3);
      axis.output_padding = random.between(0, 2);
    }
    layer.batch = random.between(1, 3);
    layer.groups = random.between(1, 3);
    layer.in_channels = layer.groups * random.between(1, 20);
    layer.out_channels = layer.groups * random.between(1, random.between(1, 2) == 1 ? 20 : 140);
    layer.bias = random.between(0, 1) == 1;
  } while (!validate(layer).empty() || plan_of(layer).products() > 2e6 ||
           !weight_stream_engine().estimate(plan_of(layer)).possible);
  return layer;
}

TEST_P(WeightStream, AgreesWithPaintingOnRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 120 && !HasFailure(); i += test::every_nth) {
    SCOPED_TRACE("TCONV_TEST_SEED=" + std::to_string(test::test_seed()) + ", layer " + std::to_string(i));
    test::expect_painting(weight_stream_engine(), random_stream_layer(random), random);
  }
}

TEST_P(WeightStream, SharesAndLongSums) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  // Enough work for two threads, more input channels than are summed up at once, an odd number of output channels.
  LayerSpec layer = square(520, 150, {.input = 3, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  layer.bias = true;
  test::expect_painting(weight_stream_engine(), layer, random);
  // More images than are taken at a time.
  layer = square(20, 24, {.input = 6, .kernel = 4, .stride = 2, .padding_begin = 1});
  layer.batch = 14;
  test::expect_painting(weight_stream_engine(), layer, random);
  // One input cell: a matrix; some outputs are reached by nothing.
  layer =
      square(300, 70, {.input = 1, .kernel = 4, .stride = 1, .padding_begin = 1, .output_padding = 1, .dilation = 2});
  layer.batch = 2;
  layer.bias = true;
  test::expect_painting(weight_stream_engine(), layer, random);
}

TEST_P(WeightStream, EveryNumberOfChannels) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (std::int64_t channels = 4; channels < 135 && !HasFailure(); channels += 1 + (channels > 36 ? 7 : 0)) {
    LayerSpec layer = square(3, channels, {.input = 3, .kernel = 3, .stride = 2});
    layer.axes[0].input = 2;
    test::expect_painting(weight_stream_engine(), layer, random);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, WeightStream, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

TEST(WeightStreamLimits, LeavesLargeMapsAndLoneChannelsToOthers) {
  const Engine engine = weight_stream_engine();
  const AxisSpec large{.input = 100, .kernel = 4, .stride = 2};
  const Estimate maps = engine.estimate(plan_of(square(64, 64, large)));
  EXPECT_FALSE(maps.possible);
  EXPECT_FALSE(maps.why.empty());
  LayerSpec depthwise = square(64, 64, {.input = 4, .kernel = 4, .stride = 2});
  depthwise.groups = 64;
  EXPECT_EQ(engine.estimate(plan_of(depthwise)).possible, 4 >= vector_lanes());
}

TEST(WeightStreamLimits, StopsWhenToldTo) {
  const LayerSpec layer = square(64, 64, {.input = 4, .kernel = 4, .stride = 2});
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  const Tensor input = Tensor::filled(input_shape(layer), 1);
  const LayerPlan plan = plan_of(layer);
  std::vector<float> output(static_cast<std::size_t>(plan.output_size()));
  const auto kernel = weight_stream_engine().prepare(plan, weight.data(), nullptr);
  EXPECT_FALSE(kernel->run(input.data(), output.data(), Team(1), [] { return false; }));
}

}  // namespace
}  // namespace tconv
