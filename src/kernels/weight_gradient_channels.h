#pragma once
// The gradient of the weight with vectors of input channels: for each tap and output channel the sum over cells of x,
// all channels of a cell, times the number of g that the tap reaches from there.

#include <memory>

#include "kernels/engine.h"
#include "kernels/weight_gradient.h"

namespace tconv {

/// What it would take. `layer` is the forward plan.
Estimate weight_gradient_channels_estimate(const LayerPlan& layer);
/// Of a layer that the estimate called possible.
std::unique_ptr<WeightGradientWay> weight_gradient_by_channels(const LayerPlan& layer);

}  // namespace tconv
