#pragma once
// The innermost loops of the gradients where every channel stands for itself: rows of the output gradient are read
// where they lie and taken apart by the stride in registers.

#include <cstdint>
#include <span>

#include "kernels/layer_plan.h"

namespace tconv {

/// Both axes of a plane: o = i·S + k − P as in core/layer_spec.h, without dilation.
struct PlaneShape {
  std::int64_t input_y, input_x, output_y, output_x;
  std::int64_t kernel_y, kernel_x, stride_y, stride_x, padding_y, padding_x;

  explicit PlaneShape(const LayerPlan& plan);
};

/// What there is for one stride, of both axes unless x has one row, and up to so many taps along either axis.
struct PlaneLoops {
  int stride;
  int taps;
  /// dx[i] = Σ_k g[i·S + k − P] · w[k].
  void (*convolve)(const PlaneShape& shape, const float* g, const float* weight, float* dx);
  /// sums[k] += Σ_i x[i] · g[i·S + k − P], in float32 chains of at most `longest_plane_chain` products. Null where
  /// there are too many taps to keep their sums in registers.
  void (*correlate)(const PlaneShape& shape, const float* g, const float* x, double* sums);
};
inline constexpr std::int64_t longest_plane_chain = 256;

/// The least that will do, of the instruction set in use; null where there are none.
const PlaneLoops* plane_loops_for(const PlaneShape& shape);

}  // namespace tconv
