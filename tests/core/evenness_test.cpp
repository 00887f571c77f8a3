#include "core/evenness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/coverage.h"
#include "core/pattern.h"
#include "core/scatter_add.h"
#include "layers.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using std::int64_t;
using test::nine_cells;

Evenness evenness_of_taps(int64_t stride, std::vector<float> taps) {
  const auto kernel = static_cast<int64_t>(taps.size());
  return evenness_of(phase_sums(nine_cells(kernel, stride), Tensor(Shape{1, 1, kernel}, std::move(taps)), 0, 0));
}

TEST(Evenness, OfCountsThreesByTwo) {
  const std::vector<double> counts{4, 2, 2, 1};
  const Evenness evenness = evenness_of(counts);
  EXPECT_DOUBLE_EQ(evenness.mean, 2.25);
  EXPECT_DOUBLE_EQ(evenness.ripple, 3 / 2.25);  // 133 %
  EXPECT_DOUBLE_EQ(evenness.off_dc, 1 - 2.25 * 2.25 / 6.25);
  EXPECT_FALSE(evenness.even);
}

TEST(Evenness, OfNothingAndOfZeros) {
  EXPECT_TRUE(evenness_of({}).even);
  const std::vector<double> zeros(4, 0.0);
  EXPECT_TRUE(evenness_of(zeros).even);
  EXPECT_EQ(evenness_of(zeros).ripple, 0);
  const std::vector<double> around_zero{1, -1};
  EXPECT_TRUE(std::isinf(evenness_of(around_zero).ripple));
  EXPECT_DOUBLE_EQ(evenness_of(around_zero).off_dc, 1);
}

TEST(Evenness, CountsWeightsAndFlatOutputCanDisagree) {
  // Bilinear at K3 S2: the counts are 2, 1, the sums are not.
  EXPECT_FALSE(is_even(nine_cells(3, 2)));
  EXPECT_TRUE(evenness_of_taps(2, {0.5F, 1, 0.5F}).even);
  // A learned K4 S2: the counts are even, the sums need not be.
  EXPECT_TRUE(is_even(nine_cells(4, 2)));
  EXPECT_FALSE(evenness_of_taps(2, {1, 2, 3, 4}).even);
  // Two input channels whose unevenness cancels: every pair is uneven, a flat input stays flat.
  LayerSpec layer = nine_cells(2, 2);
  layer.in_channels = 2;
  const Tensor weight(Shape{2, 1, 2}, {1, 3, 3, 1});
  EXPECT_EQ(weight_evenness(layer, weight).uneven, 2);
  EXPECT_EQ(flat_evenness(layer, weight).uneven, 0);
  EXPECT_EQ(flat_response(layer, weight, 0), (std::vector<double>{4, 4}));
}

TEST(Evenness, TriangularKernelsOfTwiceTheStrideAreEven) {
  EXPECT_TRUE(evenness_of_taps(2, {0.25F, 0.75F, 0.75F, 0.25F}).even);
  EXPECT_TRUE(evenness_of_taps(3, {1, 3, 5, 5, 3, 1}).even);
  EXPECT_TRUE(evenness_of_taps(3, {1, 2, 3, 2, 1}).even);
}

TEST(Evenness, WorstPairIsNamed) {
  LayerSpec layer = nine_cells(2, 2);
  layer.in_channels = 4;
  layer.out_channels = 2;
  layer.groups = 2;
  const Tensor weight(Shape{4, 1, 2}, {1, 1, 2, 2, 3, 3, 1, 2});
  const WeightEvenness found = weight_evenness(layer, weight);
  EXPECT_EQ(found.pairs, 4);
  EXPECT_EQ(found.uneven, 1);
  EXPECT_EQ(found.in_channel, 3);
  EXPECT_EQ(found.out_channel, 1);
  EXPECT_EQ(found.sums, (std::vector<double>{1, 2}));
  EXPECT_EQ(phase_sums(layer, weight, 0, 1), (std::vector<double>{0, 0})) << "no kernel joins them";
}

TEST(EvennessProperty, FlatResponseIsWhatPaintingOnesGivesInside) {
  test::RandomLayers random;
  for (int i = 0; i < 120; ++i) {
    LayerSpec layer = random.layer(3000);
    layer.batch = 1;
    layer.bias = false;
    int64_t inputs = 1;
    for (AxisSpec& axis : layer.spatial()) {
      axis.input = 2 * (stamp_extent(axis) / axis.stride + 2);
      axis.padding_begin = axis.padding_end = axis.output_padding = 0;
      inputs *= axis.input;
    }
    if (inputs > 20000) continue;
    SCOPED_TRACE(random.trace(layer));
    const Tensor weight = random.integers(weight_shape(layer));
    const Tensor output = scatter_add(layer, Tensor::filled(input_shape(layer), 1), weight);
    const auto axes = layer.as_3d();
    const int64_t channel = random.between(0, layer.out_channels - 1);
    const std::vector<double> response = flat_response(layer, weight, channel);
    std::size_t at = 0;
    const auto inside = [&](std::size_t a, int64_t phase) {
      return (stamp_extent(axes[a]) / axes[a].stride + 1) * axes[a].stride + phase;
    };
    for (int64_t z = 0; z < axes[0].stride; ++z) {
      for (int64_t y = 0; y < axes[1].stride; ++y) {
        for (int64_t x = 0; x < axes[2].stride; ++x) {
          const int64_t flat =
              ((channel * output_size(axes[0]) + (layer.dims < 3 ? 0 : inside(0, z))) * output_size(axes[1]) +
               (layer.dims < 2 ? 0 : inside(1, y))) *
                  output_size(axes[2]) +
              inside(2, x);
          ASSERT_DOUBLE_EQ(response[at++], static_cast<double>(output[flat]));
        }
      }
    }
  }
}

TEST(EvennessProperty, OfOnesItIsThatOfTheCounts) {
  for (int64_t kernel = 1; kernel <= 16; ++kernel) {
    for (int64_t stride = 1; stride <= 8; ++stride) {
      for (int64_t dilation = 1; dilation <= 4; ++dilation) {
        LayerSpec layer = nine_cells(kernel, stride);
        layer.axes[0].dilation = dilation;
        const Evenness sums = evenness_of(phase_sums(layer, Tensor::filled(Shape{1, 1, kernel}, 1), 0, 0));
        EXPECT_EQ(sums.even, is_even(layer)) << kernel << " " << stride << " " << dilation;
      }
    }
  }
}

TEST(FewPhases, AreCountedWithoutOverflow) {
  LayerSpec layer;
  EXPECT_TRUE(has_few_phases(layer));
  layer.axes[0].stride = layer.axes[1].stride = 1 << 20;
  EXPECT_FALSE(has_few_phases(layer));
  layer.axes[1].stride = 1;
  EXPECT_TRUE(has_few_phases(layer));
}

TEST(CoverageMap, IsTheTransformOfOnes) {
  test::RandomLayers random;
  for (int i = 0; i < 200; ++i) {
    LayerSpec layer = random.layer();
    layer.in_channels = layer.out_channels = layer.groups = layer.batch = 1;
    layer.bias = false;
    SCOPED_TRACE(random.trace(layer));
    const Tensor weight = random.integers(weight_shape(layer));
    const Tensor ones = Tensor::filled(weight_shape(layer), 1);
    const Tensor input = Tensor::filled(input_shape(layer), 1);
    const Tensor map = coverage_map(layer, weight.values());
    EXPECT_EQ(map.reshaped(output_shape(layer)), scatter_add(layer, input, weight));
    EXPECT_EQ(coverage_map(layer).reshaped(output_shape(layer)), scatter_add(layer, input, ones));
    EXPECT_EQ(coverage_map(layer, ones.values()), coverage_map(layer));
    EXPECT_EQ(map.shape().rank(), layer.dims);
    const auto axes = layer.as_3d();
    const int64_t slice = random.between(0, output_size(axes[0]) - 1);
    const Tensor part = coverage_slice(layer, weight.values(), slice);
    EXPECT_EQ(part.shape(), (Shape{output_size(axes[1]), output_size(axes[2])}));
    for (int64_t k = 0; k < part.size(); ++k) ASSERT_EQ(part[k], map[slice * part.size() + k]);
    EXPECT_EQ(coverage_slice(layer, ones.values(), slice), coverage_slice(layer, slice));
  }
}

TEST(CountRule, SaysWhoGetsOneMore) {
  for (int64_t kernel = 1; kernel <= 16; ++kernel) {
    for (int64_t stride = 1; stride <= 8; ++stride) {
      for (int64_t dilation = 1; dilation <= 4; ++dilation) {
        const AxisSpec axis{.input = 1, .kernel = kernel, .stride = stride, .dilation = dilation};
        const auto counts = phase_counts(axis);
        const CountRule rule = count_rule(axis);
        int64_t more = std::ranges::count(counts, rule.q + 1);
        int64_t less = std::ranges::count(counts, rule.q);
        if (rule.q == 0) less -= stride - rule.reached;
        EXPECT_EQ(more, rule.r) << kernel << " " << stride << " " << dilation;
        EXPECT_EQ(less, rule.reached - rule.r) << kernel << " " << stride << " " << dilation;
      }
    }
  }
}

TEST(AxisCoverage, OfHugeNumbersIsThereAtOnce) {
  const AxisSpec axis{.input = 1 << 19, .kernel = 1 << 19, .stride = 1};
  const auto counts = axis_coverage(axis);
  EXPECT_EQ(counts[0], 1);
  EXPECT_EQ(counts[(1 << 19) - 1], 1 << 19);
}

}  // namespace
}  // namespace tconv
