#pragma once
// What a colour scale must know of its numbers. Each function is one pass that compilers vectorize: maps of 16 million
// values are coloured anew in every frame of a drag.

#include <cstdint>
#include <span>
#include <vector>

#include "figure/color_scale.h"

namespace tconv {

struct DataSummary {
  ValueRange range;  ///< of the finite values; {0, 0} when there is none
  bool all_finite = true;
  bool any_finite = false;
};
DataSummary summary_of(std::span<const float> values);
DataSummary summary_of(const std::vector<std::span<const float>>& parts);

/// The smallest finite value above 0; 0 when there is none.
double smallest_positive(const std::vector<std::span<const float>>& parts);

/// Finite values below `low` are under, those above `high` are over.
ColorCounts count_specials(const std::vector<std::span<const float>>& parts, double low, double high);

/// Of a tally or of the parts, whichever the data has.
DataSummary summary_of(const ColorData& data);
ValueRange percentiles(const ColorData& data, double low, double high);
double smallest_positive(const ColorData& data);
ColorCounts count_specials(const ColorData& data, double low, double high);

}  // namespace tconv
