#pragma once
// Division of whole numbers that may be negative by ones that are positive.

#include <cstdint>

namespace tconv {

/// a / b rounded up; b > 0.
constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

/// a / b rounded down; b > 0.
constexpr std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

/// a − b · floor_div(a, b), in [0, b); b > 0.
constexpr std::int64_t modulo(std::int64_t a, std::int64_t b) {
  const std::int64_t rest = a % b;
  return rest < 0 ? rest + b : rest;
}

}  // namespace tconv
