#pragma once
// Pieces that upsamplers are made of: windows of maps, painting a part, means of blocks, filters side by side.

#include <optional>
#include <vector>

#include "core/scatter_add.h"

namespace tconv {

/// One number per spatial axis, outermost first.
using Sizes = std::vector<std::int64_t>;

/// Where a map has to begin so that contents that lie `drift` cells too far lie as near to their place as can be: a
/// whole number, of two the one nearer to 0.
std::int64_t crop_for(double drift);

/// The part of (N, C, spatial…) that begins at `begin`, which may lie outside: zeros there.
Tensor windowed(const Tensor& from, const Sizes& begin, const Sizes& size);

/// The transposed convolution, of whatever paddings, from `begin` on of its uncropped output; only what is seen is
/// computed. Returns nothing only when `keep_going` said no.
std::optional<Tensor> painted(LayerSpec layer, const Tensor& input, const Tensor& weight, const Sizes& begin,
                              const Sizes& size, const KeepGoing& keep_going);

/// (N, C, spatial…) whose extents are multiples of the blocks: the mean of each block.
Tensor block_means(const Tensor& map, const Sizes& blocks);

/// The layer's kernel, undilated, as a convolution of stride 1 on a map of so many cells.
LayerSpec as_convolution(LayerSpec layer, const Sizes& cells);

/// A weight (C_in, C_out/G, spatial…) with every filter `times` times, next to itself.
Tensor repeated(const Tensor& weight, std::int64_t times);

/// Every `step`-th channel of (1, C, spatial…), from the first on.
Tensor every_channel(const Tensor& from, std::int64_t step);

/// What ones on every input channel become far from the borders, on average: Σw / ∏S.
struct Gain {
  double mean = 0;
  bool usable = false;  ///< not next to nothing beside Σ|w|: dividing would only show rounding and noise
};
Gain gain_of(const LayerSpec& layer, const Tensor& weight, std::int64_t out_channel);

}  // namespace tconv
