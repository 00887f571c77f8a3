#pragma once

#include <memory>
#include <vector>

#include "kernels/toom_cook_plan.h"
#include "kernels/weight_gradient.h"

namespace tconv {

/// The cuts by which the gradient of the weight saves products, with what they cost, `layer` being the forward plan;
/// none for layers without points (see toom_cook_plan.h).
std::vector<ToomCookPlan> weight_gradient_cuts(const LayerPlan& layer);

/// By one of them: the Toom-Cook algorithm with weight and output changing places. Input and output gradient are taken
/// to the points of each tile; there the outer products of their channels are added up over all tiles, and at the end
/// taken to the taps.
std::unique_ptr<WeightGradientWay> weight_gradient_by_tiles(const LayerPlan& layer, const ToomCookPlan& cut);

}  // namespace tconv
