#pragma once
// The ways to compute the backward pass of a layer, by name.

#include <optional>
#include <span>
#include <string_view>

#include "core/gradients.h"

namespace tconv {

struct GradientMethod {
  std::string_view id;  ///< `tconv gradients --method <id>`
  /// See `convolve` and `weight_gradient` in core/gradients.h: legal layer, arrays of its shapes; nothing only when
  /// cancelled. `fast` asks whether to go on from several threads at a time.
  std::optional<Tensor> (*input)(const LayerSpec&, const Tensor& grad_output, const Tensor& weight, const KeepGoing&);
  std::optional<Tensor> (*weight)(const LayerSpec&, const Tensor& input, const Tensor& grad_output, const KeepGoing&);
};

/// "plain", the truth, first; "fast" is float32 throughout.
std::span<const GradientMethod> gradient_methods();

}  // namespace tconv
