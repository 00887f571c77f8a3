// The gradients of depthwise layers, those of weights by lines, and those of inputs by rows, on every instruction set,
// against the plain ones.
#include "kernels/plane_gradients.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>

#include "core/gradients.h"
#include "kernels/gradient_rows.h"
#include "kernels/kernels_test_support.h"
#include "kernels/prepared_gradients.h"
#include "kernels/weight_gradient.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

class SpecialGradients : public testing::TestWithParam<std::int64_t> {};

AxisSpec random_axis(test::RandomLayers& random, std::int64_t most_kernel) {
  AxisSpec axis;
  do {
    axis = {.input = random.between(1, random.between(0, 3) == 0 ? 200 : 20),
            .kernel = random.between(1, most_kernel),
            .stride = random.between(1, 4)};
    axis.padding_begin = random.between(0, axis.kernel);
    axis.padding_end = random.between(0, axis.kernel);
    axis.output_padding = random.between(0, axis.stride - 1);
  } while (output_size(axis) < 1);
  return axis;
}

/// Of the same stride and kernel mostly, the padding now and then larger than the kernel reaches.
LayerSpec random_plane_layer(test::RandomLayers& random) {
  LayerSpec layer;
  do {
    layer = {};
    layer.dims = static_cast<int>(random.between(1, 2));
    layer.batch = random.between(1, 3);
    layer.groups = layer.in_channels = layer.out_channels = random.between(2, 9);
    const std::int64_t stride = random.between(1, 4);
    const std::int64_t kernel = random.between(1, 8);
    for (AxisSpec& axis : layer.spatial()) {
      axis = random_axis(random, 1);
      axis.stride = stride;
      axis.kernel = random.between(0, 3) == 0 ? random.between(1, kernel) : kernel;
      axis.padding_begin = random.between(0, random.between(0, 3) == 0 ? 20 : kernel);
      axis.padding_end = random.between(0, random.between(0, 3) == 0 ? 20 : kernel);
      axis.output_padding = random.between(0, stride - 1);
    }
  } while (!validate(layer).empty() || !input_gradient_planes_suit(plan_of(layer)));
  return layer;
}

/// Of small integers: sums are exact, whichever way they are added up.
void expect_planes_to_agree(const LayerSpec& layer, test::RandomLayers& random) {
  SCOPED_TRACE(random.trace(layer));
  const Tensor input = random.integers(input_shape(layer));
  const Tensor weight = random.integers(weight_shape(layer));
  const Tensor grad_output = random.integers(output_shape(layer));
  const LayerPlan plan = plan_of(layer);
  const auto of_input = input_gradient_by_planes(plan, weight.data());
  test::expect_truth(*convolve(layer, grad_output, weight, {}),
                     [&](float* to, const Team& team) { return of_input->run(grad_output.data(), to, team, {}); });
  if (!weight_gradient_planes_suit(plan)) return;
  const auto of_weight = weight_gradient_by_planes(plan);
  test::expect_truth(*weight_gradient(layer, input, grad_output, {}), [&](float* to, const Team& team) {
    return of_weight->run(input.data(), grad_output.data(), to, team, {});
  });
}

TEST_P(SpecialGradients, PlanesAgreeWithThePlain) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 120 && !HasFailure(); i += test::every_nth) {
    expect_planes_to_agree(random_plane_layer(random), random);
  }
}

/// Every kernel that there are loops for, on rows as long as whole vectors and one more or less, whose last cells reach
/// the gradient's last columns.
TEST_P(SpecialGradients, PlanesOfWholeVectors) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (std::int64_t stride = 1; stride <= 4; ++stride) {
    for (std::int64_t kernel = 1; kernel <= 8 && !HasFailure(); kernel += test::every_nth > 1 ? 2 : 1) {
      for (const std::int64_t columns : {15, 16, 17, 48, 64, 65, 128}) {
        LayerSpec layer;
        layer.groups = layer.in_channels = layer.out_channels = 2;
        layer.axes[0] = layer.axes[1] = {.input = 5, .kernel = kernel, .stride = stride};
        layer.axes[1].input = columns;
        layer.axes[1].padding_begin = random.between(0, 1);
        if (validate(layer).empty() && input_gradient_planes_suit(plan_of(layer)))
          expect_planes_to_agree(layer, random);
      }
    }
  }
}

/// Whatever lies beside a plane, its neighbours' cells too, has no part in it.
TEST_P(SpecialGradients, PlanesKeepApart) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 40 && !HasFailure(); i += test::every_nth) {
    LayerSpec layer = random_plane_layer(random);
    layer.batch = 1;
    layer.groups = layer.in_channels = layer.out_channels = 3;
    SCOPED_TRACE(random.trace(layer));
    const LayerPlan plan = plan_of(layer);
    const Tensor weight = random.floats(weight_shape(layer));
    std::vector<float> input(static_cast<std::size_t>(plan.input_size()), NAN);
    std::vector<float> grad_output(static_cast<std::size_t>(plan.output_size()), NAN);
    std::fill_n(input.data() + plan.input_cells(), plan.input_cells(), 0.5F);
    std::fill_n(grad_output.data() + plan.output_cells(), plan.output_cells(), 0.5F);
    std::vector<float> dx(static_cast<std::size_t>(plan.input_size()));
    std::vector<float> dw(static_cast<std::size_t>(plan.weight_size()));
    ASSERT_TRUE(input_gradient_by_planes(plan, weight.data())->run(grad_output.data(), dx.data(), Team(1), {}));
    if (weight_gradient_planes_suit(plan)) {
      ASSERT_TRUE(weight_gradient_by_planes(plan)->run(input.data(), grad_output.data(), dw.data(), Team(1), {}));
    }
    const auto finite = [](float value) { return std::isfinite(value); };
    EXPECT_TRUE(std::all_of(dx.data() + plan.input_cells(), dx.data() + 2 * plan.input_cells(), finite));
    EXPECT_TRUE(std::all_of(dw.data() + plan.taps(), dw.data() + 2 * plan.taps(), finite));
  }
}

TEST_P(SpecialGradients, LinesAgreeWithThePlain) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 60; i += test::every_nth) {
    LayerSpec layer;
    layer.dims = static_cast<int>(random.between(1, 3));
    layer.batch = random.between(1, 3);
    layer.groups = random.between(1, 2);
    layer.in_channels = layer.groups * random.between(1, 20);
    layer.out_channels = layer.groups * random.between(1, 6);
    for (AxisSpec& axis : layer.spatial()) axis = random_axis(random, layer.dims == 3 ? 4 : 9);
    if (random.between(0, 1) == 0) {  // rows of whole vectors, enough of them to be read in place
      layer.in_channels = layer.groups * random.between(4, 20);
      layer.spatial().back().input = 16 * random.between(1, 4);
      if (layer.dims > 1) layer.spatial()[layer.spatial().size() - 2].input = random.between(64, 80);
    }
    if (!validate(layer).empty() || input_shape(layer).elements() > 1'000'000) continue;
    SCOPED_TRACE(random.trace(layer));
    const Tensor input = random.floats(input_shape(layer));
    const Tensor grad_output = random.floats(output_shape(layer));
    const auto lines = weight_gradient_by_lines(layer);
    test::expect_truth(*weight_gradient(layer, input, grad_output, {}), [&](float* to, const Team& team) {
      return lines->run(input.data(), grad_output.data(), to, team, {});
    });
    ASSERT_FALSE(HasFailure());
  }
}

TEST_P(SpecialGradients, LongRowsAreNoLongChains) {
  const test::OnTarget on(GetParam());
  for (const bool depthwise : {false, true}) {
    LayerSpec layer;
    layer.dims = 1;
    layer.axes[0] = {.input = 1 << 16, .kernel = 2, .stride = 2};
    layer.groups = depthwise ? 4 : 1;
    layer.in_channels = 4;
    layer.out_channels = depthwise ? 4 : 1;
    const Tensor input = Tensor::filled(input_shape(layer), 1);
    const Tensor grad_output = Tensor::filled(output_shape(layer), 0.1F);
    WeightGradient gradient(layer);
    std::vector<float> found(static_cast<std::size_t>(weight_shape(layer).elements()));
    ASSERT_TRUE(gradient.run(input.data(), grad_output.data(), found.data(), Team(1)));
    const double truth = static_cast<double>(1 << 16) * static_cast<double>(0.1F);
    for (const float each : found) EXPECT_NEAR(each, truth, 1e-5 * truth);
  }
}

TEST_P(SpecialGradients, LargePlanesAreNoLongChains) {
  const test::OnTarget on(GetParam());
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = {.input = 300, .kernel = 3, .stride = 2};
  layer.axes[1].input = 130;
  layer.groups = layer.in_channels = layer.out_channels = 2;
  if (!weight_gradient_planes_suit(plan_of(layer))) GTEST_SKIP() << "no loops for it here";
  const Tensor input = Tensor::filled(input_shape(layer), 1);
  const Tensor grad_output = Tensor::filled(output_shape(layer), 0.1F);
  std::vector<float> found(static_cast<std::size_t>(weight_shape(layer).elements()));
  ASSERT_TRUE(
      weight_gradient_by_planes(plan_of(layer))->run(input.data(), grad_output.data(), found.data(), Team(1), {}));
  const double truth = 300 * 130 * static_cast<double>(0.1F);
  for (const float each : found) EXPECT_NEAR(each, truth, 1e-5 * truth);
}

TEST_P(SpecialGradients, RowsOfWideKernelsAgreeWithThePlain) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 40; i += test::every_nth) {
    LayerSpec layer;
    layer.dims = static_cast<int>(random.between(1, 2));
    layer.batch = random.between(1, 2);
    layer.groups = random.between(1, 2);
    layer.in_channels = layer.groups * random.between(1, 9);
    layer.out_channels = layer.groups * random.between(1, 9);
    for (AxisSpec& axis : layer.spatial()) {
      axis = {.input = random.between(1, 12), .kernel = random.between(1, 40), .stride = random.between(1, 16)};
      if (&axis == &layer.spatial().back()) axis.kernel = 16 * random.between(1, 4);
      axis.padding_begin = random.between(0, axis.kernel / 2);
      axis.padding_end = random.between(0, axis.kernel / 2);
      axis.output_padding = random.between(0, axis.stride - 1);
    }
    if (!validate(layer).empty()) continue;
    SCOPED_TRACE(random.trace(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    const Tensor grad_output = random.floats(output_shape(layer));
    const LayerPlan plan = plan_of(layer);
    ASSERT_TRUE(gradient_rows_estimate(plan).possible);
    const auto rows = input_gradient_by_rows(plan, weight.data());
    test::expect_truth(*convolve(layer, grad_output, weight, {}),
                       [&](float* to, const Team& team) { return rows->run(grad_output.data(), to, team, {}); });
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, SpecialGradients, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

}  // namespace
}  // namespace tconv
