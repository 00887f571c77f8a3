#pragma once
// Which taps of an axis read where, as one number that kernels are made for.

#include <bit>
#include <cstdint>

#include "kernels/layer_plan.h"

namespace tconv {

/// Phases at each offset from the least on, four bits each, the least in the lowest: K4 S2 P1 reads at −1 for phase 0,
/// at 0 for both, at 1 for phase 1: 0x231. 0: no such number.
using AxisPattern = std::uint32_t;

/// 0 when offsets are missing between the least and the most, or more than 8, or for strides above 4 and convolutions.
AxisPattern pattern_of(const AxisPlan& axis);

constexpr int offsets_of(AxisPattern pattern) { return (std::bit_width(pattern) + 3) / 4; }

constexpr bool has_tap(AxisPattern pattern, int offset, int phase) {
  return (pattern >> (4 * offset + phase) & 1) != 0;
}

/// Of an order by offset, then phase: the number of that tap, which need not be one.
constexpr int taps_before(AxisPattern pattern, int offset, int phase) {
  return std::popcount(pattern & ((AxisPattern{1} << (4 * offset + phase)) - 1));
}
constexpr int taps_of(AxisPattern pattern) { return std::popcount(pattern); }

// P even or odd, where it makes a difference.
inline constexpr AxisPattern k2_s2 = 0x3;
inline constexpr AxisPattern k3_s2_even = 0x31;
inline constexpr AxisPattern k3_s2_odd = 0x23;
inline constexpr AxisPattern k4_s2_even = 0x33;
inline constexpr AxisPattern k4_s2_odd = 0x231;
inline constexpr AxisPattern k5_s2_even = 0x331;
inline constexpr AxisPattern k5_s2_odd = 0x233;
inline constexpr AxisPattern k3_s1 = 0x111;
inline constexpr AxisPattern k5_s1 = 0x11111;

}  // namespace tconv
