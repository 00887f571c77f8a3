#pragma once
// The innermost loops of the gradients where every channel stands for itself: rows of the output gradient, split by the
// stride.

#include <algorithm>
#include <cstdint>

#include "kernels/layer_plan.h"

namespace tconv {

/// Both axes of a plane: o = i·S + k − P as in core/layer_spec.h, without dilation.
struct PlaneShape {
  std::int64_t input_y, input_x, output_y, output_x;
  std::int64_t kernel_y, kernel_x, stride_y, stride_x, padding_y, padding_x;

  explicit PlaneShape(const LayerPlan& plan);
  std::int64_t rows() const { return (input_y - 1) * stride_y + kernel_y; }  ///< padded ones that taps reach
  std::int64_t width;  ///< positions of a row's phase: of whole vectors of input cells, and what taps reach behind
  std::int64_t first_phase;     ///< where the first column of g goes
  std::int64_t first_position;  ///< of that phase
  /// Where the column `phase`, less than the stride, of g goes; the next of its phase are one position further on each.
  std::int64_t place(std::int64_t phase) const {
    const std::int64_t its = first_phase + phase;
    return its < stride_x ? its * width + first_position : (its - stride_x) * width + first_position + 1;
  }
  std::int64_t row() const { return stride_x * width; }           ///< floats of a split row
  std::int64_t kept_rows() const { return kernel_y + stride_y; }  ///< that convolve_plane works on at a time
  static constexpr std::int64_t longest_chain = 256;
  /// Whether a row of x is no more than one chain.
  static bool chains_suit(std::int64_t input_x, int lanes) { return input_x <= longest_chain * lanes; }
  /// Rows of x that correlate_plane works on at a time: so few that their split rows stay in the level 1 cache, and
  /// that no sum of a vector's lane has more than `longest_chain` products of one tap. For a row that chains_suit.
  std::int64_t block_rows(int lanes) const {
    return std::max<std::int64_t>(1, std::min({10'000 / (row() * stride_y), longest_chain * lanes / input_x, input_y}));
  }
  /// Floats for either, for a row of zeros, and for what vectors behind the last cell read.
  std::int64_t split_size(int lanes) const {
    const std::int64_t block = (block_rows(lanes) - 1) * stride_y + kernel_y;
    return std::max(kept_rows() + 1, block) * row() + 64;
  }
};

// Both split rows of g as they need them: [padded column modulo the stride][quotient], 0 outside of g. `split_rows` has
// room for them: PlaneShape::split_size floats, 0 before the first call, later only used for planes of the same shape.

/// dx[i] = Σ_k g[i·S + k − P] · w[k]. At most most_plane_kernel taps along y.
void convolve_plane(const PlaneShape& shape, const float* g, const float* weight, float* split_rows, float* dx);
/// sums[k] += Σ_i x[i] · g[i·S + k − P], in float32 chains of some hundred products. At most most_plane_kernel taps
/// along x.
void correlate_plane(const PlaneShape& shape, const float* g, const float* x, float* split_rows, double* sums);
inline constexpr std::int64_t most_plane_kernel = 8;

}  // namespace tconv
