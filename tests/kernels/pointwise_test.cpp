// The engine for layers of one tap, and their gradients.
#include <algorithm>

#include "against_painting.h"
#include "core/gradients.h"
#include "kernels/pointwise_engine.h"
#include "kernels/prepared_gradients.h"
#include "large_layers.h"
#include "support/pace.h"

namespace tconv {
namespace {

class Pointwise : public testing::TestWithParam<std::int64_t> {};

LayerSpec random_pointwise_layer(test::RandomLayers& random) {
  LayerSpec layer;
  do {
    layer = {};
    layer.dims = static_cast<int>(random.between(1, 3));
    for (AxisSpec& axis : layer.spatial()) {
      axis.kernel = 1;
      axis.input = random.between(1, layer.dims == 1 ? 150 : layer.dims == 2 ? 24 : 7);
      axis.stride = random.between(0, 1) == 0 ? 1 : random.between(1, 4);
      axis.dilation = random.between(1, 3);
      if (random.between(0, 2) == 0) {
        axis.padding_begin = random.between(0, 5);
        axis.padding_end = random.between(0, 5);
        axis.output_padding = random.between(0, 3);
      }
    }
    if (random.between(0, 5) == 0) layer.axes[0].input = random.between(1, 400);
    layer.batch = random.between(1, 3);
    layer.groups = random.between(1, 3);
    layer.in_channels = layer.groups * random.between(1, 21);
    layer.out_channels = layer.groups * random.between(1, 21);
    layer.bias = random.between(0, 1) == 1;
  } while (!validate(layer).empty() || !pointwise_engine().estimate(plan_of(layer)).possible);
  return layer;
}

/// As KernelGradients, but of these ways, whatever the planner would choose.
void expect_gradients(const LayerSpec& layer, test::RandomLayers& random) {
  SCOPED_TRACE(test::layer_text(layer));
  const Tensor input = random.floats(input_shape(layer));
  const Tensor weight = random.floats(weight_shape(layer));
  const Tensor grad_output = random.floats(output_shape(layer));
  const LayerPlan convolution = input_gradient_plan(layer);
  ASSERT_TRUE(pointwise_engine().estimate(convolution).possible);
  const auto of_input = pointwise_engine().prepare(convolution, weight.data(), nullptr);
  test::expect_truth(*convolve(layer, grad_output, weight, {}),
                     [&](float* to, const Team& team) { return of_input->run(grad_output.data(), to, team, {}); });
  const auto of_weight = weight_gradient_pointwise(plan_of(layer));
  test::expect_truth(*weight_gradient(layer, input, grad_output, {}), [&](float* to, const Team& team) {
    return of_weight->run(input.data(), grad_output.data(), to, team, {});
  });
}

TEST_P(Pointwise, AgreesWithPaintingOnRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 300 && !HasFailure(); i += test::every_nth) {
    SCOPED_TRACE("TCONV_TEST_SEED=" + std::to_string(test::test_seed()) + ", layer " + std::to_string(i));
    test::expect_painting(pointwise_engine(), random_pointwise_layer(random), random);
  }
}

TEST_P(Pointwise, GradientsOfRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 300 && !HasFailure(); i += test::every_nth) {
    SCOPED_TRACE("TCONV_TEST_SEED=" + std::to_string(test::test_seed()) + ", layer " + std::to_string(i));
    expect_gradients(random_pointwise_layer(random), random);
  }
}

/// Several panels of cells, blocks of outputs that differ, shares of outputs, and sums in more than one chain.
TEST_P(Pointwise, AgreesWithPaintingOnLargeLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  const AxisSpec k1{.kernel = 1, .stride = 1};
  const AxisSpec k1s2{.kernel = 1, .stride = 2, .output_padding = 1};
  const AxisSpec cropped{.kernel = 1, .stride = 3, .padding_begin = 4, .padding_end = 2};
  for (const LayerSpec& layer : {test::layer_2d(1, 70, 67, 1, 41, 43, k1), test::layer_2d(2, 37, 29, 1, 33, 35, k1s2),
                                 test::layer_2d(1, 1100, 19, 1, 7, 9, k1), test::layer_2d(1, 530, 9, 1, 20, 24, k1s2),
                                 test::layer_2d(2, 24, 36, 3, 30, 31, cropped), test::layer_2d(1, 3, 2, 1, 90, 90, k1),
                                 test::layer_2d(1, 400, 300, 1, 6, 5, k1)}) {
    test::expect_painting(pointwise_engine(), layer, random);
    expect_gradients(layer, random);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Pointwise, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

/// Rows that are aligned in an output larger than the caches are written past them.
TEST(PointwiseStores, AlignedOutputsLargerThanTheCaches) {
  const LayerSpec layer = test::layer_2d(1, 2, 5, 1, 800, 1024, {.kernel = 1, .stride = 1});
  test::expect_painting_past_the_caches(pointwise_engine(), layer, std::size_t{2} << 20, 0);
}

TEST(PointwiseLimits, LeavesTheRestToOthers) {
  LayerSpec only_bias = test::layer_2d(1, 8, 8, 1, 1, 1, {.kernel = 1, .stride = 2});
  for (AxisSpec& axis : only_bias.spatial()) axis.padding_begin = axis.output_padding = 1;
  for (const LayerSpec& layer : {test::layer_2d(1, 8, 8, 1, 9, 9, {.kernel = 2, .stride = 1}), only_bias}) {
    ASSERT_TRUE(validate(layer).empty());
    const Estimate estimate = pointwise_engine().estimate(plan_of(layer));
    EXPECT_FALSE(estimate.possible);
    EXPECT_FALSE(estimate.why.empty());
    EXPECT_FALSE(pointwise_gradient_suits(plan_of(layer)));
  }
}

TEST(PointwiseLimits, StopsWhenToldTo) {
  const LayerSpec layer = test::layer_2d(1, 16, 16, 1, 9, 9, {.kernel = 1, .stride = 1});
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  const Tensor input = Tensor::filled(input_shape(layer), 1);
  const LayerPlan plan = plan_of(layer);
  const auto never = [] { return false; };
  std::vector<float> output(static_cast<std::size_t>(plan.output_size()));
  EXPECT_FALSE(
      pointwise_engine().prepare(plan, weight.data(), nullptr)->run(input.data(), output.data(), Team(1), never));
  std::vector<float> gradient(static_cast<std::size_t>(plan.weight_size()));
  EXPECT_FALSE(weight_gradient_pointwise(plan)->run(input.data(), output.data(), gradient.data(), Team(1), never));
}

}  // namespace
}  // namespace tconv
