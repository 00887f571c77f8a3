#pragma once

#include <functional>
#include <memory>

#include "kernels/engine.h"
#include "kernels/weight_gradient.h"

namespace tconv {

/// What it would cost; `layer` is the forward plan, `convolution` that of the gradient of the input.
Estimate weight_gradient_matrix_tiles_estimate(const LayerPlan& layer, const LayerPlan& convolution);

/// By matrix tiles (matrix_tiles.h), for a layer that the estimate calls possible. `other`, asked for when first
/// needed, computes what parts cannot hold: NaN, infinities, numbers near the ends of float32's range.
std::unique_ptr<WeightGradientWay> weight_gradient_by_matrix_tiles(
    const LayerPlan& layer, const LayerPlan& convolution, std::function<std::unique_ptr<WeightGradientWay>()> other);

}  // namespace tconv
