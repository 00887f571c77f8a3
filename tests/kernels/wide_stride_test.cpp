// The engine for strides of 5 and more along a row.
#include <algorithm>

#include "against_painting.h"
#include "large_layers.h"
#include "support/pace.h"

namespace tconv {

Engine wide_stride_engine();

namespace {

class WideStride : public testing::TestWithParam<std::int64_t> {};

LayerSpec wide_layer(std::int64_t in, std::int64_t out, const AxisSpec& axis) {
  return test::layer_2d(1, in, out, 1, axis.input, axis.input, axis);
}

LayerSpec random_wide_layer(test::RandomLayers& random) {
  LayerSpec layer;
  const auto too_much = [&] {
    const LayerPlan plan = plan_of(layer);
    return plan.products() > 3e5 || plan.output_size() > 60'000;
  };
  do {
    layer = {};
    layer.dims = static_cast<int>(random.between(1, 3));
    for (AxisSpec& axis : layer.spatial()) {
      axis.input = random.between(1, layer.dims == 1 ? 60 : 7);
      axis.kernel = random.between(1, 7);
      axis.stride = random.between(1, 6);
      axis.padding_begin = random.between(0, 5);
      axis.padding_end = random.between(0, 5);
      axis.dilation = random.between(1, 3);
      axis.output_padding = random.between(0, 2);
    }
    AxisSpec& row = layer.spatial().back();
    row.stride = random.between(5, random.between(0, 1) == 0 ? 17 : 40);
    row.kernel = random.between(1, 2 * row.stride + 3);
    row.padding_begin = random.between(0, row.kernel);
    row.dilation = random.between(0, 2) == 0 ? random.between(2, 12) : 1;
    row.output_padding = random.between(0, row.stride - 1);
    layer.batch = random.between(1, 3);
    layer.groups = random.between(1, 3);
    layer.in_channels = layer.groups * random.between(1, 4);
    layer.out_channels = layer.groups * random.between(1, 8);
    layer.bias = random.between(0, 1) == 1;
  } while (!validate(layer).empty() || too_much());
  return layer;
}

TEST_P(WideStride, AgreesWithPaintingOnRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 150 && !HasFailure(); i += test::every_nth) {
    SCOPED_TRACE("TCONV_TEST_SEED=" + std::to_string(test::test_seed()) + ", layer " + std::to_string(i));
    test::expect_painting(wide_stride_engine(), random_wide_layer(random), random);
  }
}

TEST_P(WideStride, EveryStrideAndWidth) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (std::int64_t stride = 5; stride < 66 && !HasFailure(); stride += 1 + (stride > 17 ? 4 : 0)) {
    LayerSpec layer = wide_layer(2, 4, {.input = 1 + stride % 7, .kernel = 2 * stride, .stride = stride});
    layer.axes[0] = {.input = 3, .kernel = 2, .stride = 1};
    test::expect_painting(wide_stride_engine(), layer, random);
    layer.axes[1].padding_begin = stride / 2;
    layer.axes[1].padding_end = stride - stride / 2;
    test::expect_painting(wide_stride_engine(), layer, random);
  }
}

TEST_P(WideStride, SharesBlocksAndLongSums) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  // Enough work for two threads, more rows of inputs than a block has.
  LayerSpec layer = wide_layer(150, 5, {.input = 9, .kernel = 10, .stride = 5, .padding_begin = 2, .padding_end = 3});
  layer.axes[0].input = 12;
  layer.bias = true;
  test::expect_painting(wide_stride_engine(), layer, random);
  // One long row.
  layer = wide_layer(3, 4, {.input = 3001, .kernel = 9, .stride = 6, .padding_begin = 1});
  layer.dims = 1;
  test::expect_painting(wide_stride_engine(), layer, random);
  // The vectors that repeat one input.
  layer = wide_layer(7, 5, {.input = 9, .kernel = 32, .stride = 16, .padding_begin = 16});
  layer.batch = 2;
  test::expect_painting(wide_stride_engine(), layer, random);
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, WideStride, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

/// Rows that are aligned in an output larger than the caches are written past them.
TEST(WideStrideStores, AlignedOutputsLargerThanTheCaches) {
  const LayerSpec layer = wide_layer(1, 2, {.input = 272, .kernel = 8, .stride = 8});
  test::expect_painting_past_the_caches(wide_stride_engine(), layer, std::size_t{1} << 23, 0);
}

TEST(WideStrideLimits, LeavesSmallStridesToOthers) {
  const Estimate small =
      wide_stride_engine().estimate(plan_of(wide_layer(3, 3, {.input = 9, .kernel = 8, .stride = 4})));
  EXPECT_FALSE(small.possible);
  EXPECT_FALSE(small.why.empty());
}

TEST(WideStrideLimits, StopsWhenToldTo) {
  const LayerSpec layer = wide_layer(4, 4, {.input = 9, .kernel = 16, .stride = 8});
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  const Tensor input = Tensor::filled(input_shape(layer), 1);
  const LayerPlan plan = plan_of(layer);
  std::vector<float> output(static_cast<std::size_t>(plan.output_size()));
  const auto kernel = wide_stride_engine().prepare(plan, weight.data(), nullptr);
  EXPECT_FALSE(kernel->run(input.data(), output.data(), Team(1), [] { return false; }));
}

}  // namespace
}  // namespace tconv
