#pragma once
// How the gradient of the weight by tiles goes about its tiles, and what that costs.

#include <cstdint>

#include "kernels/toom_cook_kernel.h"
#include "kernels/toom_cook_plan.h"

namespace tconv {

/// Of one group. It does not depend on the number of threads, lest the result does.
struct WeightGradientTilesWork {
  ToomCookChunks chunks;  ///< the values of one are there at a time
  /// Of the chunks, each with sums of its own: threads that have shares of their own do not wait for each other, nor
  /// for values from each other's caches.
  std::int64_t shares = 1;
  /// Above 0: the sums of so many input channels at a time are taken to the taps before they leave the caches. All
  /// tiles are one chunk then.
  std::int64_t rows_at_once = 0;
};

/// `layer`: the forward plan.
WeightGradientTilesWork weight_gradient_tiles_work(const LayerPlan& layer, const ToomCookPlan& plan);
/// Of one core.
double weight_gradient_tiles_cycles(const LayerPlan& layer, const ToomCookPlan& plan);

}  // namespace tconv
