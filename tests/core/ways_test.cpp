// Zero insertion, the matrix, the phases and the gradients: the numbers of the textbooks, and what must hold for any
// layer.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "core/coverage.h"
#include "core/gradients.h"
#include "core/phases.h"
#include "core/transpose_matrix.h"
#include "core/zero_insertion.h"
#include "layers.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using std::int64_t;
using test::line;
using test::square;
using Values = std::vector<float>;

Values values_of(const Tensor& tensor) { return {tensor.values().begin(), tensor.values().end()}; }

TEST(ZeroInsertion, SpreadsPadsAndTurns) {
  const LayerSpec layer = square({.input = 2, .kernel = 3, .stride = 2});
  const Tensor input(Shape{1, 1, 2, 2}, {1, 2, 3, 4});
  const InsertionAxis axis = insertion_of(layer.axes[0]);
  EXPECT_EQ(axis.zeros, 1);
  EXPECT_EQ(axis.spread, 3);
  EXPECT_EQ(axis.border_begin, 2);
  EXPECT_EQ(axis.border_end, 2);
  EXPECT_EQ(axis.padded, 7);
  EXPECT_EQ(values_of(zero_inserted(layer, input)), (Values{1, 0, 2, 0, 0, 0, 3, 0, 4}));
  const Tensor padded = zero_padded(layer, input);
  EXPECT_EQ(padded.shape(), (Shape{1, 1, 7, 7}));
  EXPECT_EQ(padded[2 * 7 + 2], 1);
  EXPECT_EQ(padded[4 * 7 + 4], 4);
  EXPECT_EQ(std::accumulate(padded.values().begin(), padded.values().end(), 0.0F), 10);
  EXPECT_EQ(values_of(flipped(Tensor(Shape{1, 1, 2, 2}, {1, 2, 3, 4}))), (Values{4, 3, 2, 1}));
  EXPECT_EQ(real_products(layer, {0, 2, 2}), 4);
  EXPECT_EQ(real_products(layer, {0, 1, 1}), 1);
}

TEST(ZeroInsertion, CropsWhereTheBorderIsNegative) {
  const LayerSpec layer = line({.input = 4, .kernel = 2, .stride = 2, .padding_begin = 3, .padding_end = 1});
  const InsertionAxis axis = insertion_of(layer.axes[0]);
  EXPECT_EQ(axis.border_begin, -2);
  EXPECT_EQ(axis.border_end, 0);
  EXPECT_EQ(values_of(zero_padded(layer, Tensor(Shape{1, 1, 4}, {1, 2, 3, 4}))), (Values{2, 0, 3, 0, 4}));
}

TEST(ZeroInsertion, PlacesAreInverseAndProductsAreCounted) {
  test::RandomLayers random;
  for (int i = 0; i < 80; ++i) {
    const LayerSpec layer = random.layer(4000);
    SCOPED_TRACE(random.trace(layer));
    for (const AxisSpec& axis : layer.spatial()) {
      const InsertionAxis map = insertion_of(axis);
      EXPECT_EQ(map.padded, output_size(axis) + axis.dilation * (axis.kernel - 1));
      for (int64_t cell = 0; cell < axis.input; ++cell) EXPECT_EQ(input_at(axis, padded_position(axis, cell)), cell);
      int64_t zeros = 0;
      for (int64_t at = map.border_begin; at < map.border_begin + map.spread; ++at) zeros += !input_at(axis, at);
      EXPECT_EQ(zeros, (axis.input - 1) * map.zeros);
    }
    const auto axes = layer.as_3d();
    const auto counts = std::array{axis_coverage(axes[0]), axis_coverage(axes[1]), axis_coverage(axes[2])};
    const std::array<int64_t, 3> last{output_size(axes[0]) - 1, output_size(axes[1]) - 1, output_size(axes[2]) / 2};
    EXPECT_EQ(real_products(layer, last), counts[0][static_cast<std::size_t>(last[0])] *
                                              counts[1][static_cast<std::size_t>(last[1])] *
                                              counts[2][static_cast<std::size_t>(last[2])]);
  }
}

TEST(TransposeMatrix, HasTheShapesOfTheTextbooks) {
  const LayerSpec first = square({.input = 2, .kernel = 3});
  const SparseMatrix c = convolution_matrix(first, Tensor::filled(weight_shape(first), 1));
  EXPECT_EQ(c.rows(), 4);
  EXPECT_EQ(c.cols(), 16);
  EXPECT_EQ(c.nonzeros(), 36);
  for (int64_t row = 0; row < 4; ++row) EXPECT_EQ(c.columns(row).size(), 9U);
  const LayerSpec second = square({.input = 2, .kernel = 3, .stride = 2});
  const SparseMatrix turned = convolution_matrix(second, Tensor::filled(weight_shape(second), 1)).transposed();
  EXPECT_EQ(turned.rows(), 25);
  EXPECT_EQ(turned.cols(), 4);
  EXPECT_EQ(turned.nonzeros(), 36);
  EXPECT_EQ(turned.columns(12).size(), 4U);
}

TEST(TransposeMatrix, RowsOfTheLine) {
  // Forward: N = 5, k3 s2 p1; its transpose has 3 input cells and 5 output cells.
  const LayerSpec layer = line({.input = 3, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1});
  const SparseMatrix c = convolution_matrix(layer, Tensor(Shape{1, 1, 3}, {10, 11, 12}));
  std::vector<Values> dense(3, Values(5, 0));
  for (int64_t row = 0; row < 3; ++row) {
    for (std::size_t k = 0; k < c.columns(row).size(); ++k) {
      dense[static_cast<std::size_t>(row)][static_cast<std::size_t>(c.columns(row)[k])] = c.values(row)[k];
    }
  }
  EXPECT_EQ(dense, (std::vector<Values>{{11, 12, 0, 0, 0}, {0, 10, 11, 12, 0}, {0, 0, 0, 10, 11}}));
}

TEST(TransposeMatrix, IsTheAdjointAndNotTheInverse) {
  const LayerSpec layer = square({.input = 2, .kernel = 2, .stride = 2});
  const SparseMatrix c = convolution_matrix(layer, Tensor::filled(weight_shape(layer), 0.25F));
  Values ramp(16);
  std::iota(ramp.begin(), ramp.end(), 1.0F);
  const Values down = c.times(ramp);
  EXPECT_EQ(down, (Values{3.5F, 5.5F, 11.5F, 13.5F}));
  EXPECT_EQ(c.transposed_times(down)[0], 0.875F);
}

TEST(TransposeMatrix, HoldsForAnyLayer) {
  test::RandomLayers random;
  for (int i = 0; i < 80; ++i) {
    const LayerSpec layer = random.layer(6000);
    SCOPED_TRACE(random.trace(layer));
    const SparseMatrix c = convolution_matrix(layer, random.integers(weight_shape(layer)));
    EXPECT_EQ(c.nonzeros(), matrix_nonzeros(layer));
    for (int64_t row = 0; row < c.rows(); ++row) EXPECT_TRUE(std::ranges::is_sorted(c.columns(row)));
    const Tensor x = random.integers(Shape{c.rows()});
    const Tensor y = random.integers(Shape{c.cols()});
    EXPECT_EQ(dot(c.times(y.values()), x.values()), dot(y.values(), c.transposed_times(x.values())));
    const SparseMatrix turned = c.transposed();
    EXPECT_EQ(turned.times(x.values()), c.transposed_times(x.values()));
    EXPECT_EQ(turned.transposed().times(y.values()), c.times(y.values()));
  }
}

TEST(Phases, EvenAndOddBranch) {
  const LayerSpec layer = line({.input = 4, .kernel = 4, .stride = 2});
  const auto phases = axis_phases(layer.axes[0]);
  ASSERT_EQ(phases.size(), 2U);
  EXPECT_EQ(phases[0].taps, (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(phases[1].taps, (std::vector<int64_t>{1, 3}));
  const auto y =
      interleave_phases(layer, Tensor(Shape{1, 1, 4}, {1, 0, -1, 2}), Tensor(Shape{1, 1, 4}, {1, 2, 3, 4}), {}, {});
  EXPECT_EQ(values_of(*y), (Values{1, 2, 3, 4, -1, -2, -1, 0, 6, 8}));
}

TEST(Phases, DivideTapsAndCells) {
  test::RandomLayers random;
  for (int i = 0; i < 80; ++i) {
    const LayerSpec layer = random.layer(4000);
    SCOPED_TRACE(random.trace(layer));
    for (const AxisSpec& axis : layer.spatial()) {
      const auto counts = phase_counts(axis);
      std::vector<int> seen(static_cast<std::size_t>(output_size(axis)), 0);
      int64_t taps = 0;
      for (const AxisPhase& phase : axis_phases(axis)) {
        EXPECT_EQ(static_cast<int64_t>(phase.taps.size()), counts[static_cast<std::size_t>(phase.phase)]);
        taps += static_cast<int64_t>(phase.taps.size());
        for (int64_t m = 0; m < phase.count; ++m) {
          const int64_t cell = phase.first + m * axis.stride;
          ++seen.at(static_cast<std::size_t>(cell));
          EXPECT_EQ(phase_of(axis, cell), phase.phase);
        }
      }
      EXPECT_EQ(taps, axis.kernel);
      EXPECT_TRUE(std::ranges::all_of(seen, [](int times) { return times == 1; }));
    }
  }
}

TEST(Gradients, OfTheLine) {
  const LayerSpec layer = line({.input = 3, .kernel = 3, .stride = 2});
  const Tensor x(Shape{1, 1, 3}, {1, 2, 3});
  const Tensor w(Shape{1, 1, 3}, {1, -1, 2});
  const Tensor g(Shape{1, 1, 7}, {1, 0, 2, -1, 3, 1, 1});
  const auto grads = gradients(layer, x, w, g, {});
  ASSERT_TRUE(grads);
  EXPECT_EQ(values_of(grads->weight), (Values{14, 1, 11}));
  EXPECT_EQ(values_of(grads->input), (Values{5, 9, 4}));
  EXPECT_TRUE(grads->bias.empty());
  EXPECT_EQ(dot(scatter_add(layer, x, w).values(), g.values()), 35);
}

TEST(Gradients, PairWithWhatTheyBelongTo) {
  test::RandomLayers random;
  for (int i = 0; i < 80; ++i) {
    LayerSpec layer = random.layer(6000);
    SCOPED_TRACE(random.trace(layer));
    const Tensor x = random.integers(input_shape(layer));
    const Tensor w = random.integers(weight_shape(layer));
    const Tensor g = random.integers(output_shape(layer));
    const auto grads = gradients(layer, x, w, g, {});
    ASSERT_TRUE(grads);
    const double loss = dot(scatter_add(layer, x, w).values(), g.values());
    EXPECT_EQ(dot(x.values(), grads->input.values()), loss);
    EXPECT_EQ(dot(w.values(), grads->weight.values()), loss);
    // One weight and one input cell moved by 1: the loss is linear in each of them.
    const int64_t tap = random.between(0, w.size() - 1);
    EXPECT_EQ(dot(scatter_add(layer, x, w.with(tap, w[tap] + 1)).values(), g.values()) - loss,
              static_cast<double>(grads->weight[tap]));
    const int64_t cell = random.between(0, x.size() - 1);
    EXPECT_EQ(dot(scatter_add(layer, x.with(cell, x[cell] + 1), w).values(), g.values()) - loss,
              static_cast<double>(grads->input[cell]));
    EXPECT_EQ(grads->bias.empty(), !layer.bias);
    if (layer.bias) {
      EXPECT_EQ(std::accumulate(grads->bias.values().begin(), grads->bias.values().end(), 0.0F),
                std::accumulate(g.values().begin(), g.values().end(), 0.0F));
    }
  }
}

TEST(Gradients, FansSwap) {
  LayerSpec layer = square({.input = 4, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  layer.in_channels = 512;
  layer.out_channels = 256;
  const Fans fans = fans_of(layer);
  EXPECT_EQ(fans.in_by_shape, 4096);
  EXPECT_EQ(fans.out_by_shape, 8192);
  EXPECT_EQ(fans.in, 2048);
  EXPECT_EQ(fans.out, 4096);
}

TEST(Gradients, StopWhenTold) {
  const LayerSpec layer = square({.input = 8, .kernel = 3});
  const Tensor x = Tensor::filled(input_shape(layer), 1);
  const Tensor w = Tensor::filled(weight_shape(layer), 1);
  EXPECT_FALSE(gradients(layer, x, w, Tensor::filled(output_shape(layer), 1), [] { return false; }));
}

}  // namespace
}  // namespace tconv
