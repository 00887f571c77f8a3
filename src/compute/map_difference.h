#pragma once
// How far two maps (N, C, spatial…) are apart, borders left out.

#include <array>
#include <cstdint>
#include <optional>

#include "core/tensor.h"

namespace tconv {

/// Cells that are left out at each end of the axes (z, y, x); those that a map lacks count as 0.
using Margin = std::array<std::int64_t, 3>;

/// Peak signal-to-noise ratio, 10·log10(peak² / mean squared error) in decibels, of maps of one shape; the peak is the
/// truth's range. Infinite for equal maps; empty when the truth is flat or nothing is left of the maps.
std::optional<double> psnr(const Tensor& output, const Tensor& truth, const Margin& margin);

/// a − b of one sample, the mean over the channels: (1, 1, spatial…).
Tensor mean_difference(const Tensor& a, const Tensor& b);

/// 0 when nothing is left of the map.
double root_mean_square(const Tensor& map, const Margin& margin);

}  // namespace tconv
