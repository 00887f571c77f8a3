#pragma once

#include <cstdint>

namespace tconv {

/// to[i] = from[i·step] for i in [0, count); step >= 1.
void copy_strided(const float* from, std::int64_t step, std::int64_t count, float* to);

}  // namespace tconv
