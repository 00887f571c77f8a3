#pragma once
// Resizing without weights: nearest-neighbour, linear interpolation, block means.
// Source: the coordinates are those of PyTorch's interpolate(); along an axis from n to m cells, output cell i reads
//
//   nearest                        cell ⌊i·n/m⌋, in whole numbers
//   bilinear                       x = max(0, (i + ½)·n/m − ½), between the cells ⌊x⌋ and ⌊x⌋+1 (at most n−1)
//   bilinear, align_corners        x = i·(n−1)/(m−1), 0 when m = 1: the first and last cells' centres stay where they
//   are

#include <cstdint>
#include <span>
#include <vector>

#include "core/layer_spec.h"
#include "core/problem.h"
#include "core/tensor.h"

namespace tconv {

enum class ResizeMode {
  nearest,
  bilinear  ///< linear along each axis: linear in 1D, bilinear in 2D, trilinear in 3D
};

/// The two input cells that one output cell lies between along an axis: (1 − part)·x[first] + part·x[second].
struct ResizePlace {
  std::int64_t first;
  std::int64_t second;  ///< first + 1, or first at the end of the axis
  double part;          ///< 0 <= part < 1; 0 for nearest

  bool operator==(const ResizePlace&) const = default;
};
/// Where output cell `cell` of `output` reads an axis of `input` cells; 0 <= cell < output, both sizes >= 1.
ResizePlace resize_place(std::int64_t cell, std::int64_t input, std::int64_t output, ResizeMode mode,
                         bool align_corners);

/// Every broken rule: 3 to 5 axes (N, C, spatial…) of at least one cell; as many output sizes as spatial axes, each at
/// least 1; the output at most limits.elements; align_corners only with bilinear. Fields: "input", "output_size" (with
/// its axis), "output", "align_corners".
std::vector<Problem> validate_resize(const Shape& input, std::span<const std::int64_t> output_size, ResizeMode mode,
                                     bool align_corners, const Limits& limits = {});

/// (N, C, spatial…) → (N, C, output_size…), smaller or larger; the arguments must pass `validate_resize`. Sums are kept
/// in float64 and rounded once. Cells with no part in an output cell are not read: 0·∞ leaves no trace.
Tensor resize(const Tensor& input, std::span<const std::int64_t> output_size, ResizeMode mode,
              bool align_corners = false);

/// (N, C, spatial…) → (N, C, ⌊spatial/factor⌋…): the mean of blocks of factor^d cells; what does not fill a block at
/// the far ends is left out. 1 <= factor <= every spatial extent.
Tensor box_downscale(const Tensor& input, std::int64_t factor);

}  // namespace tconv
