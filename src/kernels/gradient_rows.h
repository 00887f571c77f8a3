#pragma once
// The gradient of the input where kernels are wide: every cell is an inner product of the weights, as they lie, with
// what its stamp covers of g, row by row of the stamp.

#include <memory>

#include "kernels/engine.h"

namespace tconv {

/// What it would take, not possible unless the rows of a stamp are whole vectors; at most two axes, without dilation.
/// `layer` is the forward plan.
Estimate gradient_rows_estimate(const LayerPlan& layer);
/// As PreparedInputGradient's kernel, of a layer that the estimate called possible.
std::unique_ptr<Kernel> input_gradient_by_rows(const LayerPlan& layer, const float* weight);

}  // namespace tconv
