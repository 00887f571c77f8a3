#pragma once
// The backward pass on the fast kernels. Source of the formulas: core/gradients.h.

#include <memory>

#include "core/layer_spec.h"
#include "kernels/engine.h"
#include "kernels/weight_gradient.h"

namespace tconv {

/// dx = the forward convolution of g with w, the weight prepared once.
class PreparedInputGradient {
 public:
  /// A legal layer and its weight.
  PreparedInputGradient(const LayerSpec& layer, const Tensor& weight);
  /// grad_output: as the layer's output, grad_input: as its input; otherwise see Kernel::run.
  bool run(const float* grad_output, float* grad_input, const Team& team, const KeepGoing& keep_going = {}) {
    return kernel_->run(grad_output, grad_input, team, keep_going);
  }
  std::string way() const { return kernel_->way(); }

 private:
  std::unique_ptr<Kernel> kernel_;
};

/// dw, float32 in chains of some hundred products; NaN and infinities as in core/gradients.h. For one run at a time.
class WeightGradient {
 public:
  explicit WeightGradient(const LayerSpec& layer);  ///< a legal one
  /// input, grad_output: as the layer's input and output, grad_weight: as its weight; otherwise see Kernel::run.
  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going = {});

 private:
  LayerSpec layer_;
  std::unique_ptr<WeightGradientWay> way_;
};

}  // namespace tconv
