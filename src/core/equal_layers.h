#pragma once
// Other upsamplers as the transposed convolution that they equal. Each is linear and commutes with shifts of the input
// by whole cells, so that it is a transposed convolution of the same stride with some larger kernel: what can be shown
// of one can be shown of all. Source: Shi et al. 2016 (see phases.h) for the sub-pixel convolution, Odena et al. 2016
// for resizing first.

#include <cstdint>
#include <optional>

#include "core/layer_spec.h"
#include "core/tensor.h"

namespace tconv {

struct EqualLayer {
  LayerSpec layer;  ///< output I·S on every axis, the same channels, groups and bias
  Tensor weight;    ///< of its weight_shape
};

/// The largest kernels that are made, in numbers.
inline constexpr std::int64_t most_equal_weights = std::int64_t{1} << 22;

/// Nearest-neighbour resize by S, then a convolution with the layer's kernel (turned, zeros around, output as large as
/// its input; dilation 1): the kernel convolved with a box of S ones, so K + S − 1 taps. `weight` has the layer's
/// weight_shape. Empty when that is too large or not legal.
std::optional<EqualLayer> resize_then_conv(const LayerSpec& layer, const Tensor& weight);

/// A convolution with the layer's kernel at low resolution into ∏S times the channels, then pixel shuffle, with the ∏S
/// filters of an output channel equal (ICNR): every tap S times, so K·S taps. Empty as above.
std::optional<EqualLayer> conv_then_shuffle(const LayerSpec& layer, const Tensor& weight);

/// What an upsampler takes. Saturates.
struct Cost {
  std::int64_t parameters = 0;       ///< weights and biases
  std::int64_t multiplications = 0;  ///< for the whole output, those that a crop discards included
};
Cost cost_of(const LayerSpec& layer);  ///< painting
Cost cost_of_resize_then_conv(const LayerSpec& layer);
Cost cost_of_conv_then_shuffle(const LayerSpec& layer);

}  // namespace tconv
