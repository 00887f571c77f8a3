#pragma once
// What a layer's matrix C does to whole maps, and how full it is: computed once, since views draw it again and again.

#include <cstdint>
#include <vector>

#include "core/transpose_matrix.h"

namespace tconv {

/// Least and most of some counts.
struct CountRange {
  std::int64_t least = 0;
  std::int64_t most = 0;

  bool operator==(const CountRange&) const = default;
};

/// Where the entries of C are, small enough to be drawn again and again: of a matrix with more rows or columns than
/// `most_blocks`, neighbours are taken together.
struct MatrixPattern {
  static constexpr std::int64_t most_blocks = 1024;

  std::int64_t rows = 0;
  std::int64_t cols = 0;
  /// Row by row: 0 where there is no entry, else 1 … 255 by the largest weight magnitude in the block.
  std::vector<std::uint8_t> levels;
};

/// Empty tensors and zeros where there is no matrix.
struct MatrixSummary {
  std::int64_t zero_weights = 0;  ///< stored entries whose weight is 0
  CountRange per_input;           ///< entries of a row of C: output cells that an input cell paints
  CountRange per_output;          ///< entries of a column of C: products of an output cell

  MatrixPattern pattern;

  Tensor up;       ///< Cᵀ·x: the layer's output without the bias, (N, C_out, spatial…)
  Tensor up_down;  ///< C·Cᵀ·x, (N, C_in, spatial…)
  Tensor ramp;     ///< 1, 2, 3, …: a map of the output's shape that has nothing to do with x, (1, C_out, spatial…)
  Tensor down;     ///< C·ramp, (1, C_in, spatial…)
  Tensor down_up;  ///< Cᵀ·C·ramp, (1, C_out, spatial…)
};

/// `matrix`: convolution_matrix of the layer, or without rows.
MatrixSummary summary_of(const LayerSpec& layer, const SparseMatrix& matrix, const Tensor& input);

}  // namespace tconv
