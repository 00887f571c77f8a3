#pragma once

#include <limits>

namespace tconv::test {

inline constexpr float nan_value = std::numeric_limits<float>::quiet_NaN();
inline constexpr float infinite = std::numeric_limits<float>::infinity();

}  // namespace tconv::test
