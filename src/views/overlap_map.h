#pragma once
// The heat map of the Overlap view with its guides and the profiles along them.

#include "core/coverage.h"
#include "views/view.h"

namespace tconv {

/// What is added up in each cell.
enum class CoverageKind { counts, kernel, magnitude };
CoverageKind coverage_kind(const ViewInput& in);

/// Chips that choose it, the map, the profile of the row below it and that of the column at its right. Follows the
/// document, which may be newer than the results. Returns the y below.
double add_overlap_map(Figure& figure, const ViewInput& in, const Rect& room);

/// The largest map that is drawn, in cells.
inline constexpr std::int64_t largest_overlap_map = std::int64_t{1} << 24;

}  // namespace tconv
