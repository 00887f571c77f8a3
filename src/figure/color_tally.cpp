// What a scale must know of numbers that were counted elsewhere.

#include <algorithm>
#include <cmath>

#include "figure/color_data.h"

namespace tconv {
namespace {

std::int64_t cells_of(const ColorTally& tally) {
  std::int64_t cells = 0;
  for (const ColorTally::Part& part : tally.parts) cells += part.count;
  return cells;
}

/// The part in which the value at a rank lies; at least one cell.
const ColorTally::Part& part_at(const ColorTally& tally, double percent) {
  std::int64_t rank = std::llround(percent / 100 * static_cast<double>(cells_of(tally) - 1));
  const auto last = tally.parts.end() - 1;
  const auto found = std::find_if(tally.parts.begin(), last, [&](const ColorTally::Part& part) {
    rank -= part.count;
    return rank < 0;
  });
  return *found;
}

}  // namespace

DataSummary summary_of(const ColorData& data) {
  if (data.tally == nullptr) return summary_of(data.parts);
  const ColorTally& tally = *data.tally;
  DataSummary summary;
  summary.any_finite = cells_of(tally) > 0;
  summary.all_finite = tally.nan + tally.plus_infinity + tally.minus_infinity == 0;
  if (summary.any_finite) summary.range = {tally.parts.front().low, tally.parts.back().high};
  return summary;
}

ValueRange percentiles(const ColorData& data, double low, double high) {
  if (data.tally == nullptr) return percentiles(data.parts, low, high);
  if (cells_of(*data.tally) == 0) return {};
  // From the first to the last value that may be meant.
  return {part_at(*data.tally, low).low, part_at(*data.tally, high).high};
}

double smallest_positive(const ColorData& data) {
  if (data.tally == nullptr) return smallest_positive(data.parts);
  for (const ColorTally::Part& part : data.tally->parts) {
    if (part.high > 0) return part.low > 0 ? part.low : part.high;
  }
  return 0;
}

ColorCounts count_specials(const ColorData& data, double low, double high) {
  if (data.tally == nullptr) return count_specials(data.parts, low, high);
  ColorCounts counts{
      .nan = data.tally->nan, .plus_infinity = data.tally->plus_infinity, .minus_infinity = data.tally->minus_infinity};
  for (const ColorTally::Part& part : data.tally->parts) {
    if (part.high < low) counts.under += part.count;
    if (part.low > high) counts.over += part.count;
  }
  return counts;
}

}  // namespace tconv
