#pragma once
// The core's other operations on arrays, computed by shaders. Arguments are legal as the core's functions want them.
// What is larger than a shader may see is computed in pieces. All throw BackendError.

#include <cstdint>
#include <span>

#include "core/layer_spec.h"
#include "core/pixel_shuffle.h"
#include "core/resize.h"
#include "core/tensor.h"
#include "gpu/gl_device.h"

namespace tconv {

/// `coverage_map(layer)`.
Tensor coverage_on(GlDevice& device, const LayerSpec& layer);

/// `pixel_shuffle` and `pixel_unshuffle`.
Tensor pixel_shuffle_on(GlDevice& device, const Tensor& input, std::int64_t factor,
                        ChannelOrder order = ChannelOrder::crd);
Tensor pixel_unshuffle_on(GlDevice& device, const Tensor& input, std::int64_t factor,
                          ChannelOrder order = ChannelOrder::crd);

/// `resize`, its sums in float32.
Tensor resize_on(GlDevice& device, const Tensor& input, std::span<const std::int64_t> output_size, ResizeMode mode,
                 bool align_corners = false);

}  // namespace tconv
