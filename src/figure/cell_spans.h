#pragma once
// Which cells a pixel shows: what drawing by the processor and by a device have in common.

#include <cstdint>
#include <vector>

namespace tconv {

/// The cells that one pixel shows along one axis, and their parts of the average, which add up to one.
struct CellSpan {
  std::int64_t first = 0;
  std::int64_t count = 0;  ///< 0: the pixel lies outside the plane
  double first_weight = 1;
  double weight = 0;  ///< of each cell between the first and the last
  double last_weight = 0;

  bool operator==(const CellSpan&) const = default;
};

/// Of `pixels` equal parts of the cells from `start` on, `length` of them, in an axis that ends at `extent` (not whole
/// where the last cell is a mean of fewer cells than the others). A pixel that is no larger than a cell shows the one
/// in its middle, a larger one the mean of all that it covers, cells in part by that part.
std::vector<CellSpan> cell_spans(double start, double length, int pixels, double extent);

}  // namespace tconv
