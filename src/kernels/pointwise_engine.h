#pragma once
// Layers of one tap: a product of the weights, as a matrix, with the map's channels.

#include <memory>

#include "kernels/engine.h"
#include "kernels/weight_gradient.h"

namespace tconv {

/// The `pointwise` engine: for any plan of one tap, those of gradients too, with the weight as the plan says.
Engine pointwise_engine();

/// Whether the gradient of the weight of such a layer is best computed as the one product that it is; `layer` is the
/// forward plan.
bool pointwise_gradient_suits(const LayerPlan& layer);
/// Of any layer that PointwiseLine takes.
std::unique_ptr<WeightGradientWay> weight_gradient_pointwise(const LayerPlan& layer);

}  // namespace tconv
