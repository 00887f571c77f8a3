#include "core/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/scatter_add.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using Counts = std::vector<std::int64_t>;

AxisSpec three_cells(std::int64_t kernel, std::int64_t stride, std::int64_t dilation = 1) {
  return {.input = 3, .kernel = kernel, .stride = stride, .dilation = dilation};
}

/// Counted on a painted axis long enough that its middle is far from both borders: one period of the stamps' counts,
/// beginning at a place that a stamp's first tap falls on.
Counts painted_period(AxisSpec axis) {
  const std::int64_t far = stamp_extent(axis) / axis.stride + 1;  // stamps that reach the place from before it
  axis.input = 2 * far + 2;
  axis.padding_begin = axis.padding_end = axis.output_padding = 0;
  Counts counts(static_cast<std::size_t>(output_size(axis)));
  for (std::int64_t cell = 0; cell < axis.input; ++cell) {
    for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
      ++counts[static_cast<std::size_t>(cell * axis.stride + tap * axis.dilation)];
    }
  }
  const auto begin = counts.begin() + far * axis.stride;
  return {begin, begin + axis.stride};
}

TEST(PhaseCounts, AreWhatPaintingGivesFarFromTheBorder) {
  for (std::int64_t kernel = 1; kernel <= 16; ++kernel) {
    for (std::int64_t stride = 1; stride <= 8; ++stride) {
      for (std::int64_t dilation = 1; dilation <= 4; ++dilation) {
        const AxisSpec axis = three_cells(kernel, stride, dilation);
        const Counts counts = phase_counts(axis);
        const Counts painted = painted_period(axis);
        EXPECT_EQ(counts, painted) << "K" << kernel << " S" << stride << " D" << dilation;
        EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}), kernel);
        const bool even = std::ranges::min(painted) == std::ranges::max(painted);
        EXPECT_EQ(is_even(axis), even) << "K" << kernel << " S" << stride << " D" << dilation;
      }
    }
  }
}

TEST(PhaseCounts, RemainderPhasesAreHitOnceMore) {
  for (std::int64_t kernel = 1; kernel <= 16; ++kernel) {
    for (std::int64_t stride = 1; stride <= 8; ++stride) {
      const std::int64_t quotient = kernel / stride;
      const std::int64_t remainder = kernel % stride;
      const Counts counts = phase_counts(three_cells(kernel, stride));
      EXPECT_EQ(std::ranges::count(counts, quotient + 1), remainder);
      EXPECT_EQ(std::ranges::count(counts, quotient), stride - remainder);
    }
  }
}

TEST(PhaseVariance, IsThatOfTheRemainder) {
  const auto variance = [](std::int64_t kernel, std::int64_t stride) {
    return phase_variance(three_cells(kernel, stride));
  };
  EXPECT_DOUBLE_EQ(variance(3, 2), 1.0 / 4);
  EXPECT_DOUBLE_EQ(variance(4, 2), 0);
  for (const std::int64_t kernel : {5, 4, 2, 1}) EXPECT_NEAR(variance(kernel, 3), 2.0 / 9, 1e-15) << kernel;
  EXPECT_DOUBLE_EQ(variance(5, 4), 3.0 / 16);
  EXPECT_DOUBLE_EQ(variance(6, 4), 1.0 / 4);
  for (std::int64_t kernel = 1; kernel <= 16; ++kernel) {
    for (std::int64_t stride = 1; stride <= 8; ++stride) {
      const double share = static_cast<double>(kernel % stride) / static_cast<double>(stride);
      EXPECT_NEAR(variance(kernel, stride), share * (1 - share), 1e-12) << kernel << " " << stride;
    }
  }
}

TEST(PhaseVariance, InTwoDimensionsOfThreesByTwo) {
  // Counts 4, 2, 2, 1 are the products of two axes' counts; their variance is 19/16.
  double sum = 0;
  double squares = 0;
  Counts products;
  for (const std::int64_t a : phase_counts(three_cells(3, 2))) {
    for (const std::int64_t b : phase_counts(three_cells(3, 2))) {
      products.push_back(a * b);
      sum += static_cast<double>(a * b);
      squares += static_cast<double>(a * b * a * b);
    }
  }
  EXPECT_EQ(products, (Counts{4, 2, 2, 1}));
  EXPECT_DOUBLE_EQ(squares / 4 - sum / 4 * sum / 4, 19.0 / 16);
}

TEST(Even, NeedsEveryAxis) {
  LayerSpec layer;
  layer.axes = {three_cells(4, 2), three_cells(3, 2), three_cells(4, 2)};
  EXPECT_FALSE(is_even(layer));
  layer.axes[1].kernel = 6;
  EXPECT_TRUE(is_even(layer));
  layer.axes[2].kernel = 3;
  EXPECT_TRUE(is_even(layer)) << "the third axis of a 2D layer does not count";
}

TEST(Even, DilationThatSharesAFactorNeverWritesHalfTheOutput) {
  EXPECT_EQ(phase_counts(three_cells(4, 2, 2)), (Counts{4, 0}));
  EXPECT_FALSE(is_even(three_cells(4, 2, 2)));
  EXPECT_TRUE(is_even(three_cells(4, 2, 3)));
  EXPECT_TRUE(is_even(three_cells(3, 1, 4)));
}

TEST(Gap, IsWhatTheKernelFallsShortOfTheStride) {
  EXPECT_EQ(gap(three_cells(2, 5)), 3);
  EXPECT_EQ(gap(three_cells(5, 5)), 0);
  EXPECT_EQ(gap(three_cells(6, 5)), 0);
  EXPECT_EQ(gap(three_cells(2, 5, 2)), 0) << "with dilation the untouched cells are not in one piece";
  for (std::int64_t kernel = 1; kernel <= 8; ++kernel) {
    for (std::int64_t stride = 1; stride <= 8; ++stride) {
      EXPECT_EQ(gap(three_cells(kernel, stride)), std::ranges::count(painted_period(three_cells(kernel, stride)), 0));
    }
  }
}

TEST(AxisCoverage, ThreesByTwo) { EXPECT_EQ(axis_coverage(three_cells(3, 2)), (Counts{1, 1, 2, 1, 2, 1, 1})); }

TEST(AxisCoverage, ProductsAreTheTransformOfOnes) {
  test::RandomLayers random;
  for (int i = 0; i < 200; ++i) {
    LayerSpec layer = random.layer();
    layer.in_channels = layer.out_channels = layer.groups = layer.batch = 1;
    layer.bias = false;
    SCOPED_TRACE(random.trace(layer));
    const Tensor painted =
        scatter_add(layer, Tensor::filled(input_shape(layer), 1), Tensor::filled(weight_shape(layer), 1));
    const auto axes = layer.as_3d();
    const Counts z = axis_coverage(axes[0]);
    const Counts y = axis_coverage(axes[1]);
    const Counts x = axis_coverage(axes[2]);
    ASSERT_EQ(painted.size(), static_cast<std::int64_t>(z.size() * y.size() * x.size()));
    std::int64_t flat = 0;
    for (const std::int64_t a : z) {
      for (const std::int64_t b : y) {
        for (const std::int64_t c : x) ASSERT_EQ(static_cast<double>(painted[flat++]), static_cast<double>(a * b * c));
      }
    }
  }
}

TEST(AxisCoverage, AConvolutionOfTwoEvensOutThreesByTwo) {
  const AxisSpec axis{.input = 6, .kernel = 3, .stride = 2};
  const Counts counts = axis_coverage(axis);
  for (std::size_t i = 2; i + 3 < counts.size(); ++i) EXPECT_EQ(counts[i] + counts[i + 1], 3) << i;
}

TEST(Coverage, MapsOfManyCellsCanBeStopped) {
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = {.input = 700, .kernel = 3, .stride = 2};
  const std::vector<float> ones(9, 1.0F);
  int asked = 0;
  const KeepGoing count = [&] { return ++asked > 0; };
  EXPECT_EQ(coverage_map(layer, count), coverage_map(layer));
  EXPECT_EQ(coverage_map(layer, ones, count), coverage_map(layer));
  EXPECT_GE(asked, 2);
  const KeepGoing never = [] { return false; };
  EXPECT_FALSE(coverage_map(layer, never).has_value());
  EXPECT_FALSE(coverage_map(layer, ones, never).has_value());
}

TEST(Coverage, ManyDifferentCountsAreProductsToo) {
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = {.input = 200, .kernel = 150};
  const auto counts = axis_coverage(layer.axes[0]);
  const Tensor map = coverage_map(layer);
  const auto side = static_cast<std::int64_t>(counts.size());
  for (std::int64_t i = 0; i < map.size(); ++i) {
    const auto product = counts[static_cast<std::size_t>(i / side)] * counts[static_cast<std::size_t>(i % side)];
    ASSERT_EQ(map[i], static_cast<float>(product));
  }
}

}  // namespace
}  // namespace tconv
