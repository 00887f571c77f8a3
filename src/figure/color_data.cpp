#include "figure/color_data.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace tconv {
namespace {

constexpr float float_infinity = std::numeric_limits<float>::infinity();
constexpr std::size_t lanes = 16;  // independent, which compilers turn into vector instructions

/// Calls `take(from, count)` with up to `lanes` values at a time; each value belongs to the lane of its place.
template <typename Take>
void in_lanes(std::span<const float> values, Take take) {
  std::size_t at = 0;
  for (; at + lanes <= values.size(); at += lanes) take(values.data() + at, lanes);
  take(values.data() + at, values.size() - at);
}

}  // namespace

DataSummary summary_of(std::span<const float> values) {
  std::array<float, lanes> low;
  std::array<float, lanes> high;
  std::array<float, lanes> others{};
  low.fill(float_infinity);
  high.fill(-float_infinity);
  in_lanes(values, [&](const float* from, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      const float value = from[i];
      const bool finite = std::fabs(value) < float_infinity;  // false for NaN
      const float for_low = finite ? value : float_infinity;
      const float for_high = finite ? value : -float_infinity;
      low[i] = for_low < low[i] ? for_low : low[i];
      high[i] = for_high > high[i] ? for_high : high[i];
      others[i] = finite ? others[i] : 1.0F;
    }
  });
  DataSummary summary;
  summary.all_finite = std::ranges::all_of(others, [](float other) { return other == 0; });
  const float lowest = *std::min_element(low.begin(), low.end());
  const float highest = *std::max_element(high.begin(), high.end());
  if (lowest > highest) return summary;
  summary.any_finite = true;
  summary.range = {lowest, highest};
  return summary;
}

DataSummary summary_of(const std::vector<std::span<const float>>& parts) {
  DataSummary whole;
  for (const auto& part : parts) {
    const DataSummary one = summary_of(part);
    whole.all_finite = whole.all_finite && one.all_finite;
    if (!one.any_finite) continue;
    whole.range = whole.any_finite
                      ? ValueRange{std::min(whole.range.low, one.range.low), std::max(whole.range.high, one.range.high)}
                      : one.range;
    whole.any_finite = true;
  }
  return whole;
}

ValueRange finite_range(std::span<const float> values) { return summary_of(values).range; }

double smallest_positive(const std::vector<std::span<const float>>& parts) {
  std::array<float, lanes> smallest;
  smallest.fill(float_infinity);
  for (const auto& part : parts) {
    in_lanes(part, [&](const float* from, std::size_t count) {
      for (std::size_t i = 0; i < count; ++i) {
        const float value = from[i] > 0 ? from[i] : float_infinity;
        smallest[i] = value < smallest[i] ? value : smallest[i];
      }
    });
  }
  const float found = *std::min_element(smallest.begin(), smallest.end());
  return found < float_infinity ? static_cast<double>(found) : 0;
}

ColorCounts count_specials(const std::vector<std::span<const float>>& parts, double low, double high) {
  // As floats: the first at or above the low end and the last at or below the high one compare as the doubles do.
  auto from = static_cast<float>(std::clamp(low, -largest_color_value, largest_color_value));
  auto to = static_cast<float>(std::clamp(high, -largest_color_value, largest_color_value));
  if (static_cast<double>(from) < low) from = std::nextafter(from, float_infinity);
  if (static_cast<double>(to) > high) to = std::nextafter(to, -float_infinity);
  constexpr std::size_t block = std::size_t{1} << 20;  // so that the vectors' 32-bit counts do not overflow
  ColorCounts counts;
  for (const auto& part : parts) {
    for (std::size_t at = 0; at < part.size(); at += block) {
      std::int32_t nan = 0;
      std::int32_t plus = 0;
      std::int32_t minus = 0;
      std::int32_t under = 0;
      std::int32_t over = 0;
      for (const float value : part.subspan(at, std::min(block, part.size() - at))) {
        nan += value != value ? 1 : 0;
        plus += value == float_infinity ? 1 : 0;
        minus += value == -float_infinity ? 1 : 0;
        under += value < from ? 1 : 0;  // with −∞
        over += value > to ? 1 : 0;     // with ∞
      }
      counts.nan += nan;
      counts.plus_infinity += plus;
      counts.minus_infinity += minus;
      counts.under += under - minus;
      counts.over += over - plus;
    }
  }
  return counts;
}

namespace {

/// Finite floats in order as unsigned numbers.
std::uint32_t ordered_bits(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits & 0x80000000U) != 0 ? ~bits : bits | 0x80000000U;
}

float from_ordered_bits(std::uint32_t bits) {
  return std::bit_cast<float>((bits & 0x80000000U) != 0 ? bits & 0x7fffffffU : ~bits);
}

constexpr std::size_t digits = std::size_t{1} << 16;
using Histogram = std::vector<std::int64_t>;

/// A rank among values, first among all, then among those that share the upper half of its bits.
struct Rank {
  std::int64_t left;
  std::uint32_t bits = 0;

  /// Goes to the entry of the histogram that holds the rank.
  void descend(const Histogram& histogram) {
    std::uint32_t digit = 0;
    while (left >= histogram[digit]) left -= histogram[digit++];
    bits = bits << 16 | digit;
  }
};

}  // namespace

ValueRange percentiles(const std::vector<std::span<const float>>& parts, double low, double high) {
  Histogram upper(digits, 0);
  std::int64_t count = 0;
  const auto each_finite = [&](auto take) {
    for (const auto& part : parts) {
      for (const float value : part) {
        if (std::fabs(value) < float_infinity) take(ordered_bits(value));
      }
    }
  };
  each_finite([&](std::uint32_t bits) {
    ++upper[bits >> 16];
    ++count;
  });
  if (count == 0) return {};
  const auto rank_of = [&](double percent) {
    return Rank{std::llround(std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(count - 1))};
  };
  std::array<Rank, 2> ranks{rank_of(low), rank_of(high)};
  for (Rank& rank : ranks) rank.descend(upper);
  std::array<Histogram, 2> lower{Histogram(digits, 0), Histogram(digits, 0)};
  each_finite([&](std::uint32_t bits) {
    if (bits >> 16 == ranks[0].bits) ++lower[0][bits & 0xffffU];
    if (bits >> 16 == ranks[1].bits) ++lower[1][bits & 0xffffU];
  });
  for (std::size_t i = 0; i < ranks.size(); ++i) ranks[i].descend(lower[i]);
  return {static_cast<double>(from_ordered_bits(ranks[0].bits)), static_cast<double>(from_ordered_bits(ranks[1].bits))};
}

}  // namespace tconv
