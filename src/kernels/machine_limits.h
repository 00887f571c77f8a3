#pragma once
// What this machine could do at best, measured: a floor below which no way of computing a layer can get.

#include "kernels/layer_plan.h"
#include "kernels/team.h"

namespace tconv {

/// Of all threads of a team together.
struct MachineLimits {
  double multiply_adds = 0;  ///< float32 multiply-adds a second, from registers
  double read = 0;           ///< bytes a second, from memory
  double write = 0;          ///< bytes a second, past the caches
  double copy = 0;           ///< bytes a second, read and written ones together, past the caches
  double cached = 0;         ///< bytes a second, read from the largest cache
  double cache_bytes = 0;    ///< the size of that cache; 0 where the system does not tell
};

/// The best of several tries, about `seconds` in all. Meanwhile it holds two arrays of `megabytes`, which must be far
/// more than the caches have for what is measured to be the memory. Throws std::bad_alloc.
MachineLimits machine_limits(const Team& team, double seconds = 1.5, int megabytes = 256);
/// Of two measurements, one of which may have met a busy machine.
MachineLimits best_of(const MachineLimits& a, const MachineLimits& b);

/// Seconds that a layer takes at least: its products; reading input and weights, writing the output, and both together,
/// each once. What fits into three quarters of the largest cache is thought to be there already.
double floor_of(const LayerPlan& plan, const MachineLimits& limits);

}  // namespace tconv
