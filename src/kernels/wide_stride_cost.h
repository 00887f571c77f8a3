#pragma once

#include "kernels/layer_plan.h"
#include "kernels/wide_stride_row.h"

namespace tconv {

/// What the engine `wide_stride` expects to take, in the sense of Estimate::cycles.
double wide_stride_cycles(const LayerPlan& plan, const WideRow& row);

}  // namespace tconv
