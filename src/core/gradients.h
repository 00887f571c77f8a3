#pragma once
// The backward pass. The gradient of a transposed convolution with respect to its input is a forward convolution, with
// the same kernel, not turned; that of a convolution is a transposed convolution: the two are each other's backward.

#include <optional>

#include "core/layer_spec.h"
#include "core/scatter_add.h"
#include "core/tensor.h"

namespace tconv {

/// The forward convolution whose transpose the layer is (C, where the layer is Cᵀ), at stride S, dilation D:
///   result[n, c, i] = Σ_o Σ_k map[n, o, i·S + k·D − P_begin] · w[c, o, k], places outside the map left out.
/// `map` has the layer's output shape, the result its input shape. As the gradient: dx = convolve(dy).
/// Sums in float64, rounded once. Returns nothing only when `keep_going` said no.
std::optional<Tensor> convolve(const LayerSpec& layer, const Tensor& map, const Tensor& weight,
                               const KeepGoing& keep_going);

/// dw[c, o, k] = Σ_n Σ_i x[n, c, i] · g[n, o, i·S + k·D − P_begin]; shape of the weight.
std::optional<Tensor> weight_gradient(const LayerSpec& layer, const Tensor& input, const Tensor& grad_output,
                                      const KeepGoing& keep_going);

/// db[o] = Σ g[·, o, …]; shape (C_out).
Tensor bias_gradient(const LayerSpec& layer, const Tensor& grad_output);

/// All three for the loss L = ⟨y, grad_output⟩: grad_output = ∂L/∂y.
struct Gradients {
  Tensor input;   ///< ∂L/∂x, shape of the input
  Tensor weight;  ///< ∂L/∂w, shape of the weight
  Tensor bias;    ///< ∂L/∂b, shape (C_out); empty without bias
};
std::optional<Gradients> gradients(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                   const Tensor& grad_output, const KeepGoing& keep_going);

/// How many numbers feed one output and how many one input feeds: what initializers scale by.
struct Fans {
  double in_by_shape;  ///< C_out/G · ∏K: what PyTorch's initializers take for fan_in of a (C_in, C_out/G, K…) weight
  double out_by_shape;  ///< C_in · ∏K: likewise fan_out
  double in;            ///< C_in/G · ∏(K/S): products per output cell, the mean over the phases far from the edges
  double out;           ///< C_out/G · ∏K: output cells that one input cell reaches, without crop
};
Fans fans_of(const LayerSpec& layer);

}  // namespace tconv
