#pragma once
// Sub-pixel upsampling: r^d low-resolution channels become one channel of r times the size on each of d axes. No
// arithmetic, only places: every output cell is written exactly once.
// Source: Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional
// Neural Network" (2016); in two dimensions
//
//   out[c, y, x] = in[c·r² + (y mod r)·r + (x mod r), ⌊y/r⌋, ⌊x/r⌋]      ChannelOrder::crd
//   out[c, y, x] = in[((y mod r)·r + (x mod r))·C + c, ⌊y/r⌋, ⌊x/r⌋]     ChannelOrder::dcr
//
// and likewise with (x mod r) in one dimension, ((z mod r)·r + (y mod r))·r + (x mod r) in three; C is the number of
// output channels. Both orders are the same iff C = 1 or r = 1.

#include <array>
#include <cstdint>
#include <vector>

#include "core/layer_spec.h"
#include "core/problem.h"
#include "core/tensor.h"

namespace tconv {

/// Which part of the channel number counts slowest.
enum class ChannelOrder {
  crd,  ///< the output channel (column, row, depth): PyTorch's PixelShuffle
  dcr   ///< the place in the super-pixel (depth, column, row): ONNX's DepthToSpace unless told, TensorFlow
};

/// A shuffle of arrays with 1 to 3 spatial axes.
struct ShuffleSpec {
  std::int64_t factor = 2;  ///< r, output cells per input cell along each axis, >= 1
  int dims = 2;             ///< d, spatial axes, 1 to 3
  std::int64_t out_channels = 1;
  ChannelOrder order = ChannelOrder::crd;

  /// r^d: input channels per output channel, output cells per super-pixel. Saturates.
  std::int64_t group() const;
  bool operator==(const ShuffleSpec&) const = default;
};

/// One cell of one sample.
struct ShufflePlace {
  std::int64_t channel = 0;
  std::array<std::int64_t, 3> at{};  ///< (z, y, x); 0 on axes that a 1D or 2D array lacks

  bool operator==(const ShufflePlace&) const = default;
};

/// Where the number of an output cell comes from: channel below out_channels · r^d, at = ⌊output.at / r⌋.
ShufflePlace shuffle_source(const ShuffleSpec& spec, const ShufflePlace& output);
/// The inverse: where the number of an input cell goes.
ShufflePlace shuffle_target(const ShuffleSpec& spec, const ShufflePlace& input);

/// Every broken rule: 3 to 5 axes (N, C, spatial…) of at least one cell; 1 <= factor <= limits.axis_number; the
/// channels a multiple of factor^d, or with `inverse` every spatial axis a multiple of factor. Fields: "input"
/// (axis -1, or the spatial axis), "factor", "channels".
std::vector<Problem> validate_shuffle(const Shape& input, std::int64_t factor, bool inverse, const Limits& limits = {});

/// (N, C·r^d, spatial…) → (N, C, spatial·r…); the arguments must pass `validate_shuffle`.
Tensor pixel_shuffle(const Tensor& input, std::int64_t factor, ChannelOrder order = ChannelOrder::crd);
/// (N, C, spatial·r…) → (N, C·r^d, spatial…), the inverse of `pixel_shuffle` with the same factor and order.
Tensor pixel_unshuffle(const Tensor& input, std::int64_t factor, ChannelOrder order = ChannelOrder::crd);

}  // namespace tconv
