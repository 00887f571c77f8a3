// The gradient of the input by tiles: every cut of a layer, on every instruction set, against the plain one.
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <array>

#include "core/gradients.h"
#include "kernels/engine.h"
#include "kernels/gradient_tiles_kernel.h"
#include "kernels/kernels_test_support.h"
#include "kernels/large_layers.h"
#include "kernels/prepared_gradients.h"
#include "kernels/weight_gradient_tiles.h"
#include "kernels/weight_gradient_tiles_plan.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

/// Kernel, stride, dilation: phases of one tap, of two, of both, of three, of three and two, of none, and some with
/// more taps than there are points for.
struct GradientKind {
  std::int64_t kernel, stride, dilation;
};
constexpr std::array gradient_kinds{
    GradientKind{4, 2, 1}, GradientKind{3, 2, 1}, GradientKind{3, 1, 1}, GradientKind{3, 1, 2}, GradientKind{2, 2, 1},
    GradientKind{5, 2, 1}, GradientKind{6, 2, 1}, GradientKind{4, 3, 1}, GradientKind{7, 3, 1}, GradientKind{3, 2, 2},
    GradientKind{2, 2, 4}, GradientKind{1, 1, 1}, GradientKind{1, 2, 1}, GradientKind{2, 3, 1}, GradientKind{7, 2, 1},
    GradientKind{5, 1, 1}, GradientKind{4, 2, 3}, GradientKind{4, 1, 1}};

LayerSpec random_gradient_layer(test::RandomLayers& random) {
  LayerSpec layer;
  layer.dims = random.between(0, 9) == 0 ? 1 : 2;
  for (AxisSpec& axis : layer.spatial()) {
    const GradientKind kind = gradient_kinds[static_cast<std::size_t>(random.between(0, gradient_kinds.size() - 1))];
    axis = {.kernel = kind.kernel, .stride = kind.stride, .dilation = kind.dilation};
    do {
      axis.input = random.between(1, 14);
      const std::int64_t most_padding = random.between(0, 1) * kind.dilation * (kind.kernel - 1) + 1;
      axis.padding_begin = random.between(0, most_padding);
      axis.padding_end = random.between(0, most_padding);
      axis.output_padding = random.between(0, std::max(kind.stride, kind.dilation) - 1);
    } while (output_size(axis) < 1);
  }
  if (random.between(0, 9) == 0) layer.axes[static_cast<std::size_t>(layer.dims - 1)].input += random.between(240, 700);
  layer.groups = random.between(0, 4) == 0 ? 2 : 1;
  layer.batch = random.between(1, 4);
  const bool deep = random.between(0, 5) == 0;
  layer.in_channels = layer.groups * random.between(1, deep ? 150 : 40);
  layer.out_channels = layer.groups * random.between(1, deep ? 70 : 20);
  return layer;
}

void expect_every_cut(const LayerSpec& layer, test::RandomLayers& random, std::size_t every) {
  static const Team one(1);
  static const Team two(2);
  const Tensor weight = random.floats(weight_shape(layer));
  const Tensor grad_output = random.floats(output_shape(layer));
  const Tensor truth = *convolve(layer, grad_output, weight, {});
  const LayerPlan plan = plan_of(layer);
  std::vector<ToomCookPlan> cuts = gradient_tiles_plans(plan);
  ASSERT_FALSE(cuts.empty());
  for (std::size_t i = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(every) - 1));
       i < cuts.size(); i += every) {
    EXPECT_GT(cuts[i].cycles, 0);
    GradientTilesKernel kernel(plan, cuts[i], weight.data());
    SCOPED_TRACE(kernel.way());
    const auto run = [&](const Team& team) {
      return test::guarded(truth.size(), [&](float* to) { return kernel.run(grad_output.data(), to, team, {}); });
    };
    const std::vector<float> found = run(one);
    EXPECT_LT(test::rms_error(found, truth.values()), 2e-6);
    EXPECT_TRUE(run(two) == found) << "two threads";
    EXPECT_TRUE(run(one) == found) << "once more";
  }
}

void expect_every_cut_of_the_weights(const LayerSpec& layer, test::RandomLayers& random, std::size_t every) {
  static const Team one(1);
  static const Team two(2);
  const Tensor input = random.floats(input_shape(layer));
  const Tensor grad_output = random.floats(output_shape(layer));
  const Tensor truth = *weight_gradient(layer, input, grad_output, {});
  const LayerPlan plan = plan_of(layer);
  const std::vector<ToomCookPlan> cuts = weight_gradient_cuts(plan);
  for (std::size_t i = static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(every) - 1));
       i < cuts.size(); i += every) {
    EXPECT_GT(cuts[i].cycles, 0);
    SCOPED_TRACE(std::to_string(cuts[i].y.cells) + " × " + std::to_string(cuts[i].x.cells));
    const auto way = weight_gradient_by_tiles(plan, cuts[i]);
    const auto run = [&](const Team& team) {
      return test::guarded(truth.size(),
                           [&](float* to) { return way->run(input.data(), grad_output.data(), to, team, {}); });
    };
    const std::vector<float> found = run(one);
    EXPECT_LT(test::rms_error(found, truth.values()), 2e-6);
    EXPECT_TRUE(run(two) == found) << "two threads";
    EXPECT_TRUE(run(one) == found) << "once more";
  }
}

class GradientTiles : public testing::TestWithParam<std::int64_t> {};

TEST_P(GradientTiles, AgreeWithThePlainOnRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 120; i += test::every_nth) {
    const LayerSpec layer = random_gradient_layer(random);
    SCOPED_TRACE(random.trace(layer));
    ASSERT_TRUE(validate(layer).empty());
    expect_every_cut(layer, random, 3);
    expect_every_cut_of_the_weights(layer, random, 3);
    ASSERT_FALSE(HasFailure());
  }
}

// Several chunks, of rows and of stretches of rows, for all threads at once and one each.
TEST_P(GradientTiles, AgreeWithThePlainOnLargeLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  const AxisSpec k2{.kernel = 2, .stride = 2};
  const AxisSpec k3{.kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1, .output_padding = 1};
  const AxisSpec k4{.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  const AxisSpec dilated{.kernel = 3, .stride = 1, .padding_begin = 2, .padding_end = 2, .dilation = 2};
  for (const LayerSpec& layer :
       {test::layer_2d(1, 70, 40, 1, 50, 49, k2), test::layer_2d(2, 40, 24, 2, 40, 47, k3),
        test::layer_2d(9, 24, 24, 1, 17, 16, k4), test::layer_2d(1, 130, 64, 1, 4, 4, k4),
        test::layer_2d(1, 16, 8, 1, 2, 1500, k4), test::layer_2d(2, 17, 33, 1, 60, 40, dilated),
        test::layer_2d(1, 32, 130, 1, 1, 1, {.kernel = 4, .stride = 1}), test::layer_2d(1, 20, 9, 1, 384, 300, k2)}) {
    SCOPED_TRACE(random.trace(layer));
    expect_every_cut(layer, random, 4);
    expect_every_cut_of_the_weights(layer, random, 4);
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, GradientTiles, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

/// One float32 sum after the other, in the order of the definition.
std::vector<float> plain_sums(const LayerSpec& layer, const Tensor& grad_output, const Tensor& weight) {
  const LayerPlan plan = plan_of(layer);
  const std::vector<std::int64_t> reached = reached_cells(plan);
  std::vector<float> sums(static_cast<std::size_t>(plan.input_size()));
  for (std::int64_t in = 0; in < plan.in_channels; ++in) {
    for (std::int64_t cell = 0; cell < plan.input_cells(); ++cell) {
      float& sum = sums[static_cast<std::size_t>(in * plan.input_cells() + cell)];
      for (std::int64_t out = 0; out < plan.out_channels; ++out) {
        for (std::int64_t tap = 0; tap < plan.taps(); ++tap) {
          const std::int64_t at = reached[static_cast<std::size_t>(tap * plan.input_cells() + cell)];
          if (at >= 0)
            sum +=
                grad_output.data()[out * plan.output_cells() + at] * weight.data()[plan.weight_index(0, in, out, tap)];
        }
      }
    }
  }
  return sums;
}

TEST(GradientTiles, RoundAtMostThreeTimesWorseThanPlainSums) {
  test::RandomLayers random;
  for (const std::int64_t channels : {8, 16, 40, 64, 256}) {
    if (test::every_nth > 1 && channels > 64) continue;
    for (const GradientKind& kind : {GradientKind{4, 2, 1}, GradientKind{3, 2, 1}, GradientKind{3, 1, 1},
                                     GradientKind{5, 2, 1}, GradientKind{2, 2, 1}}) {
      const LayerSpec layer =
          test::layer_2d(1, 16, channels, 1, 16, 16,
                         {.kernel = kind.kernel, .stride = kind.stride, .padding_begin = 1, .padding_end = 1});
      SCOPED_TRACE(test::layer_text(layer));
      const Tensor weight = random.floats(weight_shape(layer));
      const Tensor grad_output = random.floats(output_shape(layer));
      const Tensor truth = *convolve(layer, grad_output, weight, {});
      const double plain = test::rms_error(plain_sums(layer, grad_output, weight), truth.values());
      const LayerPlan plan = plan_of(layer);
      for (const ToomCookPlan& cut : gradient_tiles_plans(plan)) {
        GradientTilesKernel kernel(plan, cut, weight.data());
        std::vector<float> found(static_cast<std::size_t>(truth.size()));
        ASSERT_TRUE(kernel.run(grad_output.data(), found.data(), Team(1), {}));
        EXPECT_LT(test::rms_error(found, truth.values()), 3 * plain) << kernel.way();
      }
    }
  }
}

TEST(GradientTiles, StopWhenAskedAndCanGoOn) {
  test::RandomLayers random;
  const AxisSpec k4{.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  for (const LayerSpec& layer : {test::layer_2d(1, 32, 16, 1, 60, 60, k4), test::layer_2d(1, 130, 130, 1, 6, 6, k4)}) {
    const Tensor weight = random.floats(weight_shape(layer));
    const Tensor grad_output = random.floats(output_shape(layer));
    const Tensor truth = *convolve(layer, grad_output, weight, {});
    const LayerPlan plan = plan_of(layer);
    GradientTilesKernel kernel(plan, *gradient_tiles_plan(plan), weight.data());
    for (const int threads : {1, 2}) {
      const Team team(threads);
      std::vector<float> found(static_cast<std::size_t>(truth.size()));
      EXPECT_FALSE(kernel.run(grad_output.data(), found.data(), team, [] { return false; }));
      EXPECT_TRUE(kernel.run(grad_output.data(), found.data(), team, {}));
      EXPECT_LT(test::rms_error(found, truth.values()), 1e-6);
    }
  }
}

/// The gradient of the weight by every fourth cut. `expected`: of how some of them go about it.
template <class Expected>
void expect_the_same_with_any_threads(const LayerSpec& layer, test::RandomLayers& random, const Expected& expected) {
  SCOPED_TRACE(random.trace(layer));
  const Tensor input = random.floats(input_shape(layer));
  const Tensor grad_output = random.floats(output_shape(layer));
  const Tensor truth = *weight_gradient(layer, input, grad_output, {});
  const LayerPlan plan = plan_of(layer);
  const std::vector<ToomCookPlan> cuts = weight_gradient_cuts(plan);
  int as_expected = 0;
  for (std::size_t i = 0; i < cuts.size(); i += 4) {
    as_expected += expected(weight_gradient_tiles_work(plan, cuts[i])) ? 1 : 0;
    const auto way = weight_gradient_by_tiles(plan, cuts[i]);
    std::vector<float> first;
    for (const int threads : {1, 2, 3, 20}) {
      const Team team(threads);
      std::vector<float> found(static_cast<std::size_t>(truth.size()));
      EXPECT_FALSE(way->run(input.data(), grad_output.data(), found.data(), team, [] { return false; }));
      EXPECT_TRUE(way->run(input.data(), grad_output.data(), found.data(), team, {}));
      if (first.empty()) first = found;
      EXPECT_LT(test::rms_error(found, truth.values()), 2e-6) << threads << " threads";
      EXPECT_TRUE(found == first) << threads << " threads";
    }
  }
  EXPECT_GT(as_expected, 0);
}

TEST(GradientTiles, OfTheWeightAreTheSameWithAnyThreads) {
  test::RandomLayers random;
  const AxisSpec k4{.kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  using Work = WeightGradientTilesWork;
  const auto some_shares = [](const Work& work) { return work.shares > 3; };
  const auto at_once = [](const Work& work) { return work.rows_at_once > 0; };
  const auto one = [](const Work& work) { return work.shares == 1 && work.rows_at_once == 0; };
  expect_the_same_with_any_threads(test::layer_2d(1, 21, 17, 1, 50, 49, k4), random, some_shares);
  expect_the_same_with_any_threads(test::layer_2d(3, 18, 9, 2, 26, 24, k4), random, some_shares);
  expect_the_same_with_any_threads(test::layer_2d(1, 131, 60, 1, 9, 8, k4), random, at_once);
  expect_the_same_with_any_threads(test::layer_2d(2, 256, 130, 2, 6, 6, k4), random, at_once);
  expect_the_same_with_any_threads(test::layer_2d(1, 130, 100, 1, 30, 20, k4), random, one);
  expect_the_same_with_any_threads(test::layer_2d(1, 180, 90, 45, 12, 13, k4), random, one);
}

TEST(GradientTiles, AreTakenForManyChannels) {
  const test::OnTarget on(instruction_sets().front());  // the best of vectors, not what has matrix tiles
  const LayerSpec layer = test::layer_2d(1, 128, 128, 1, 16, 16, {.kernel = 4, .stride = 2});
  const PreparedInputGradient prepared(layer, Tensor::filled(weight_shape(layer), 1));
  EXPECT_EQ(prepared.way(), "tiles of 4 × 4 cells in 25 products of matrices");
}

}  // namespace
}  // namespace tconv
