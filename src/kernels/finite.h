#pragma once
// Whether numbers are all finite, at the speed of reading them.

#include <cstdint>

namespace tconv {

bool all_finite(const float* from, std::int64_t count);

/// Likewise, and copies them.
bool copy_finite(const float* from, std::int64_t count, float* to);

}  // namespace tconv
