// Both gradients by vectors of input channels, on every instruction set, against the plain ones: also for layers that
// are better off with something else.
#include "kernels/gradient_channels.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "core/gradients.h"
#include "kernels/kernels_test_support.h"
#include "kernels/large_layers.h"
#include "kernels/prepared_gradients.h"
#include "kernels/shifted_sums.h"
#include "kernels/weight_gradient_channels.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

class GradientChannels : public testing::TestWithParam<std::int64_t> {};

void expect_both_by_channels(const LayerSpec& layer, test::RandomLayers& random) {
  const Tensor input = random.floats(input_shape(layer));
  const Tensor weight = random.floats(weight_shape(layer));
  const Tensor grad_output = random.floats(output_shape(layer));
  const LayerPlan plan = plan_of(layer);
  if (gradient_channels_estimate(plan).possible) {
    EXPECT_GT(gradient_channels_estimate(plan).cycles, 0);
    const auto kernel = input_gradient_by_channels(plan, weight.data());
    test::expect_truth(*convolve(layer, grad_output, weight, {}),
                       [&](float* to, const Team& team) { return kernel->run(grad_output.data(), to, team, {}); });
  }
  if (weight_gradient_channels_estimate(plan).possible) {
    EXPECT_GT(weight_gradient_channels_estimate(plan).cycles, 0);
    const auto way = weight_gradient_by_channels(plan);
    test::expect_truth(*weight_gradient(layer, input, grad_output, {}), [&](float* to, const Team& team) {
      return way->run(input.data(), grad_output.data(), to, team, {});
    });
  }
}

TEST_P(GradientChannels, AgreeWithThePlainOnRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 300; i += test::every_nth) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    expect_both_by_channels(layer, random);
    ASSERT_FALSE(HasFailure());
  }
}

// Several units of channels, blocks, slices and shares; rows that are cut; passes of some rows of a stamp.
TEST_P(GradientChannels, AgreeWithThePlainOnLargeLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  const AxisSpec dilated{.kernel = 4, .stride = 2, .padding_begin = 3, .padding_end = 2, .dilation = 3};
  const AxisSpec k11{.kernel = 11, .stride = 4, .padding_begin = 2, .padding_end = 2, .output_padding = 1};
  const AxisSpec k2{.kernel = 2, .stride = 2};
  const AxisSpec k5{.kernel = 5, .stride = 1, .padding_begin = 2, .padding_end = 2};
  for (const LayerSpec& layer :
       {test::layer_2d(2, 33, 9, 1, 40, 37, dilated), test::layer_2d(1, 130, 3, 1, 21, 20, k11),
        test::layer_2d(3, 48, 32, 2, 31, 33, k2), test::layer_2d(1, 5, 40, 1, 3, 1700, k5),
        test::layer_2d(1, 24, 90, 1, 9, 50, k5), test::layer_2d(1, 16, 8, 1, 1500, 3, k2)}) {
    SCOPED_TRACE(random.trace(layer));
    expect_both_by_channels(layer, random);
    ASSERT_FALSE(HasFailure());
  }
}

// x and g of more floats than stay in the caches: what comes next is fetched.
TEST_P(GradientChannels, AgreeWithThePlainBeyondTheCaches) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  const LayerSpec layer =
      test::layer_2d(2, 16, 8, 1, 1, 80'000, {.kernel = 2, .stride = 2, .padding_begin = 1, .padding_end = 0});
  SCOPED_TRACE(random.trace(layer));
  expect_both_by_channels(layer, random);
}

// Equal numbers, whose rounding errors all have one sign.
TEST_P(GradientChannels, LongSumsAreNoLongChains) {
  const test::OnTarget on(GetParam());
  const float tenth = 0.1F;
  const auto far_from = [](std::span<const float> found, const Tensor& truth) {
    double most = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      const auto wanted = static_cast<double>(truth.values()[i]);
      most = std::max(most, std::abs(static_cast<double>(found[i]) - wanted) / wanted);
    }
    return most;
  };
  LayerSpec wide;  // a row of almost as many taps as a chain may have
  wide.dims = 1;
  wide.axes[0] = {.input = 40, .kernel = 500, .stride = 1};
  wide.in_channels = 16;
  wide.out_channels = 4;
  for (const LayerSpec& layer : {wide, test::layer_2d(1, 16, 128, 1, 6, 6, {.kernel = 3, .stride = 2}),
                                 test::layer_2d(1, 16, 8, 1, 128, 128, {.kernel = 3, .stride = 2})}) {
    SCOPED_TRACE(test::layer_text(layer));
    const Tensor input = Tensor::filled(input_shape(layer), 1);
    const Tensor weight = Tensor::filled(weight_shape(layer), 1);
    const Tensor grad_output = Tensor::filled(output_shape(layer), tenth);
    PreparedInputGradient dx(layer, weight);
    std::vector<float> found(static_cast<std::size_t>(input_shape(layer).elements()));
    ASSERT_TRUE(dx.run(grad_output.data(), found.data(), Team(1)));
    EXPECT_LT(far_from(found, *convolve(layer, grad_output, weight, {})), 5e-6);
    WeightGradient dw(layer);
    found.resize(static_cast<std::size_t>(weight_shape(layer).elements()));
    ASSERT_TRUE(dw.run(input.data(), grad_output.data(), found.data(), Team(1)));
    EXPECT_LT(far_from(found, *weight_gradient(layer, input, grad_output, {})), 1e-5);
  }
}

TEST_P(GradientChannels, UnitsCoverAllVectorsEvenly) {
  const test::OnTarget on(GetParam());
  for (const std::int64_t channels : {1, 16, 17, 64, 65, 80, 129, 300}) {
    const ShiftedShapes shapes(channels);
    int least = shapes.vectors(0);
    std::int64_t all = 0;
    for (std::int64_t unit = 0; unit < shapes.units(); ++unit) {
      EXPECT_EQ(shapes.first_vector(unit), all);
      all += shapes.vectors(unit);
      least = std::min(least, shapes.vectors(unit));
      EXPECT_LE(shapes.vectors(unit), shapes.most_vectors());
      EXPECT_GE(shapes.most_columns(shapes.vectors(unit)), 1);
    }
    EXPECT_EQ(all, shapes.vectors());
    EXPECT_LE(shapes.most_vectors() - least, 1);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, GradientChannels, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

TEST(GradientChannels, StopWhenAskedAndCanGoOn) {
  test::RandomLayers random;
  const LayerSpec layer = test::layer_2d(2, 32, 8, 1, 40, 40, {.kernel = 4, .stride = 2, .dilation = 3});
  const Tensor input = random.floats(input_shape(layer));
  const Tensor weight = random.floats(weight_shape(layer));
  const Tensor grad_output = random.floats(output_shape(layer));
  const LayerPlan plan = plan_of(layer);
  const auto kernel = input_gradient_by_channels(plan, weight.data());
  const auto way = weight_gradient_by_channels(plan);
  std::vector<float> dx(static_cast<std::size_t>(plan.input_size()));
  std::vector<float> dw(static_cast<std::size_t>(plan.weight_size()));
  for (const int threads : {1, 2}) {
    const Team team(threads);
    EXPECT_FALSE(kernel->run(grad_output.data(), dx.data(), team, [] { return false; }));
    EXPECT_FALSE(way->run(input.data(), grad_output.data(), dw.data(), team, [] { return false; }));
    EXPECT_TRUE(kernel->run(grad_output.data(), dx.data(), team, {}));
    EXPECT_TRUE(way->run(input.data(), grad_output.data(), dw.data(), team, {}));
    EXPECT_LT(test::rms_error(dx, convolve(layer, grad_output, weight, {})->values()), 1e-6);
    EXPECT_LT(test::rms_error(dw, weight_gradient(layer, input, grad_output, {})->values()), 1e-6);
  }
}

TEST(GradientChannels, AreTakenWhereNothingSavesProducts) {
  const test::OnTarget on(instruction_sets().front());  // the best of vectors, not what has matrix tiles
  if (vector_lanes() < 16) GTEST_SKIP() << "the choice depends on the vectors";
  const LayerSpec layer = test::layer_2d(
      1, 32, 32, 1, 64, 64,
      {.kernel = 4, .stride = 2, .padding_begin = 3, .padding_end = 3, .output_padding = 1, .dilation = 3});
  const PreparedInputGradient prepared(layer, Tensor::filled(weight_shape(layer), 1));
  EXPECT_EQ(prepared.way(), "2 vectors of channels × 12 cells in registers");
}

}  // namespace
}  // namespace tconv
