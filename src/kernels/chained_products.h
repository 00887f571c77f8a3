#pragma once

#include <cstdint>

namespace tconv {

/// So many products are added up one after the other in float32 at the most, then kept apart and added to the others:
/// rounding errors grow with the length of a chain.
inline constexpr std::int64_t chained_products = 512;

}  // namespace tconv
