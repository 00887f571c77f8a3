#pragma once
// The gradients of layers in which every channel stands for itself (depthwise ones), plane by plane.

#include <memory>

#include "kernels/engine.h"
#include "kernels/weight_gradient.h"

namespace tconv {

/// One channel to a group, at most two axes without dilation, taps for the registers, and planes small enough to be
/// shared whole.
bool input_gradient_planes_suit(const LayerPlan& layer);
/// As PreparedInputGradient's kernel; `layer` is the forward plan.
std::unique_ptr<Kernel> input_gradient_by_planes(const LayerPlan& layer, const float* weight);

/// Likewise, with fewer taps.
bool weight_gradient_planes_suit(const LayerPlan& layer);
std::unique_ptr<WeightGradientWay> weight_gradient_by_planes(const LayerPlan& layer);

}  // namespace tconv
