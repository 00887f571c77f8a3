#pragma once

#include "kernels/layer_plan.h"
#include "kernels/wide_stride_row.h"

namespace tconv {

/// Rows of inputs of all channels of a group that stay in the level 2 cache for all weights.
std::int64_t wide_rows_together(const LayerPlan& plan, const WideRow& row);

/// What the engine `wide_stride` expects to take, in the sense of Estimate::cycles.
double wide_stride_cycles(const LayerPlan& plan, const WideRow& row);

}  // namespace tconv
