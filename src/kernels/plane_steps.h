#pragma once
// The innermost loops of the gradients where every channel stands for itself: one plane of the output gradient, split
// by the stride, stays in the caches.

#include <cstdint>

#include "kernels/layer_plan.h"

namespace tconv {

/// Both axes of a plane: o = i·S + k − P as in core/layer_spec.h, without dilation.
struct PlaneShape {
  std::int64_t input_y, input_x, output_y, output_x;
  std::int64_t kernel_y, kernel_x, stride_y, stride_x, padding_y, padding_x;

  explicit PlaneShape(const LayerPlan& plan);
  std::int64_t rows() const { return (input_y - 1) * stride_y + kernel_y; }  ///< padded ones that taps reach
  /// Positions of a row's phase: those of whole vectors of input cells, and what the taps reach behind.
  std::int64_t width() const { return (input_x + kernel_x / stride_x + 31) / 16 * 16; }
  std::int64_t size() const { return rows() * stride_x * width() + 2 * line(); }
  std::int64_t line() const { return width() * stride_x + 32; }
};

/// split: [padded row][padded column modulo the stride][quotient], 0 outside of g; PlaneShape::size floats.
void split_plane(const PlaneShape& shape, const float* g, float* split);
/// dx[i] = Σ_k g[i·S + k − P] · w[k].
void convolve_plane(const PlaneShape& shape, const float* split, const float* weight, float* dx);
/// sums[k] += Σ_i x[i] · g[i·S + k − P], in float32 chains of some hundred products. At most most_plane_kernel taps
/// along x.
void correlate_plane(const PlaneShape& shape, const float* split, const float* x, double* sums);
inline constexpr std::int64_t most_plane_kernel = 8;

}  // namespace tconv
