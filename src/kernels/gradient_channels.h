#pragma once
// The gradient of the input with vectors of input channels: cell by cell the sum of what its stamp covers of g, each
// number times the weights that it has for all channels. g is read where it lies, but for zeros around it.

#include <memory>

#include "kernels/engine.h"

namespace tconv {

/// What it would take. `layer` is the forward plan.
Estimate gradient_channels_estimate(const LayerPlan& layer);
/// As PreparedInputGradient's kernel, of a layer that the estimate called possible.
std::unique_ptr<Kernel> input_gradient_by_channels(const LayerPlan& layer, const float* weight);

}  // namespace tconv
