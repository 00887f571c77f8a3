#include "compute/matrix_summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/gradients.h"
#include "support/random_layers.h"

namespace tconv::test {
namespace {

using std::int64_t;

LayerSpec square(const AxisSpec& axis) {
  LayerSpec layer;
  layer.axes = {axis, axis, axis};
  return layer;
}

/// The 2×2 mean at stride 2 on 1 … 16.
TEST(MatrixSummary, TheMeanComesBackAsMeans) {
  const LayerSpec layer = square({.input = 2, .kernel = 2, .stride = 2});
  const Tensor weight = Tensor::filled(weight_shape(layer), 0.25F);
  const MatrixSummary summary =
      summary_of(layer, convolution_matrix(layer, weight), Tensor::filled(input_shape(layer), 1));
  EXPECT_EQ(summary.ramp[0], 1);
  EXPECT_EQ(summary.ramp[15], 16);
  EXPECT_EQ(std::vector<float>(summary.down.values().begin(), summary.down.values().end()),
            (std::vector<float>{3.5F, 5.5F, 11.5F, 13.5F}));
  EXPECT_EQ(summary.down_up[0], 0.875F);
  EXPECT_EQ(summary.down_up[15], 13.5F / 4);
}

TEST(MatrixSummary, CountsOfTheChaptersExample) {
  const LayerSpec layer = square({.input = 2, .kernel = 3});
  const Tensor weight(weight_shape(layer), {1, 0, 1, 0, 1, 0, 1, 0, 1});
  const SparseMatrix matrix = convolution_matrix(layer, weight);
  const MatrixSummary summary = summary_of(layer, matrix, Tensor(input_shape(layer), {1, 2, 3, 4}));
  EXPECT_EQ(matrix.nonzeros(), 36);
  EXPECT_EQ(summary.zero_weights, 16);
  EXPECT_EQ(summary.per_input, (CountRange{9, 9}));
  EXPECT_EQ(summary.per_output, (CountRange{1, 4}));
  EXPECT_EQ(summary.pattern.rows, 4);
  EXPECT_EQ(summary.pattern.cols, 16);
}

TEST(MatrixSummary, NothingWithoutAMatrix) {
  const LayerSpec layer = square({.input = 2, .kernel = 3});
  const MatrixSummary summary = summary_of(layer, {}, Tensor::filled(input_shape(layer), 1));
  EXPECT_TRUE(summary.up.empty());
  EXPECT_TRUE(summary.pattern.levels.empty());
}

TEST(MatrixSummary, RoundTripsAreTheTwoConvolutions) {
  RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    const LayerSpec layer = random.layer(5000);
    SCOPED_TRACE(random.trace(layer));
    const Tensor input = random.integers(input_shape(layer));
    const Tensor weight = random.integers(weight_shape(layer));
    const MatrixSummary summary = summary_of(layer, convolution_matrix(layer, weight), input);
    const Tensor up = scatter_add(layer, input, weight);
    EXPECT_EQ(summary.up, up);
    EXPECT_EQ(summary.up_down, *convolve(layer, up, weight, {}));
    LayerSpec one = layer;
    one.batch = 1;
    const Tensor down = *convolve(one, summary.ramp, weight, {});
    EXPECT_EQ(summary.down.shape(), down.shape());
    for (int64_t k = 0; k < down.size(); ++k) ASSERT_NEAR(summary.down[k], down[k], 1e-5 * std::abs(down[k]));
  }
}

TEST(MatrixSummary, ThePatternIsTheMatrixWhereItIsSmall) {
  RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    const LayerSpec layer = random.layer(5000);
    SCOPED_TRACE(random.trace(layer));
    const SparseMatrix matrix = convolution_matrix(layer, random.floats(weight_shape(layer)));
    if (matrix.rows() > MatrixPattern::most_blocks || matrix.cols() > MatrixPattern::most_blocks) continue;
    const MatrixPattern pattern = summary_of(layer, matrix, Tensor::filled(input_shape(layer), 1)).pattern;
    int64_t set = 0;
    for (int64_t row = 0; row < matrix.rows(); ++row) {
      for (const std::int32_t col : matrix.columns(row)) {
        EXPECT_GT(pattern.levels[static_cast<std::size_t>(row * pattern.cols + col)], 0);
      }
      set += static_cast<int64_t>(matrix.columns(row).size());
    }
    EXPECT_EQ(static_cast<int64_t>(pattern.levels.size()) - std::ranges::count(pattern.levels, 0), set);
    if (set > 0) {
      EXPECT_EQ(*std::ranges::max_element(pattern.levels), 255);
    }
  }
}

TEST(MatrixSummary, ALargePatternKeepsEveryEntry) {
  LayerSpec layer = square({.input = 5000, .kernel = 3, .stride = 7});
  layer.dims = 1;
  std::vector<float> taps{1, 0, 0.5F};
  const SparseMatrix matrix = convolution_matrix(layer, Tensor(weight_shape(layer), taps));
  const MatrixPattern pattern = summary_of(layer, matrix, Tensor::filled(input_shape(layer), 1)).pattern;
  ASSERT_EQ(pattern.rows, 1024);
  ASSERT_EQ(pattern.cols, 1024);
  std::vector<std::uint8_t> expected(pattern.levels.size());
  for (int64_t row = 0; row < matrix.rows(); ++row) {
    for (std::size_t k = 0; k < matrix.columns(row).size(); ++k) {
      const int64_t col = matrix.columns(row)[k];
      auto& level = expected[static_cast<std::size_t>(row * 1024 / matrix.rows() * 1024 + col * 1024 / matrix.cols())];
      level = std::max(level, static_cast<std::uint8_t>(1 + static_cast<int>(254 * matrix.values(row)[k])));
    }
  }
  EXPECT_TRUE(pattern.levels == expected);
}

}  // namespace
}  // namespace tconv::test
