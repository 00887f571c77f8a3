#pragma once
// Layers of one tap: a product of the weights, as a matrix, with the map's channels.

#include <memory>

#include "kernels/engine.h"
#include "kernels/weight_gradient.h"

namespace tconv {

/// The `pointwise` engine, and what it says of any plan, those of gradients too, and makes of one that it called
/// possible. Arrays as in Engine::prepare, the weight as the plan says.
Engine pointwise_engine();

/// Whether the gradient of the weight is better computed as the product that it is of a layer with one tap. `layer` is
/// the forward plan, as below.
bool pointwise_gradient_suits(const LayerPlan& layer);
std::unique_ptr<WeightGradientWay> weight_gradient_pointwise(const LayerPlan& layer);

}  // namespace tconv
