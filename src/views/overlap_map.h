#pragma once
// The heat map of the Overlap view with its guides and the profiles along them.

#include <array>
#include <vector>

#include "core/coverage.h"
#include "views/view.h"

namespace tconv {

/// What is added up in each cell.
enum class CoverageKind { counts, kernel, magnitude };
CoverageKind coverage_kind(const Interaction& interaction);
std::vector<OptionRule> coverage_options();

/// The taps of the shown pair of channels, or of their magnitudes; empty while the results are another layer's.
std::vector<float> shown_kernel(const ViewInput& in, CoverageKind kind);

/// The row and column whose profiles are drawn of a map of so many: the cell under the cursor, else the middle one.
std::array<std::int64_t, 2> overlap_guide(const ViewInput& in, std::int64_t rows, std::int64_t cols);

/// Chips that choose it, the map, the profile of the row below it and that of the column at its right. Follows the
/// document, which may be newer than the results. Returns the y below.
double add_overlap_map(Figure& figure, const ViewInput& in, const Rect& room);

/// The largest map that is drawn, in cells.
inline constexpr std::int64_t largest_overlap_map = std::int64_t{1} << 24;

}  // namespace tconv
