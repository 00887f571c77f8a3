#include "figure/cell_spans.h"

#include <algorithm>
#include <cmath>

namespace tconv {
namespace {

/// A border of a pixel that is a cell's border but for rounding, so that no cell leaks into its neighbour's pixel.
double snapped(double border) {
  const double whole = std::round(border);
  return std::fabs(border - whole) < 1e-6 ? whole : border;
}

}  // namespace

std::vector<CellSpan> cell_spans(double start, double length, int pixels, double extent) {
  std::vector<CellSpan> spans(static_cast<std::size_t>(pixels));
  const double step = length / pixels;
  if (!(step > 0) || !std::isfinite(start) || !std::isfinite(length)) return spans;
  for (int i = 0; i < pixels; ++i) {
    CellSpan& span = spans[static_cast<std::size_t>(i)];
    if (step <= 1) {
      const double cell = std::floor(start + (i + 0.5) * step);
      if (cell >= 0 && cell < extent) span = {static_cast<std::int64_t>(cell), 1};
      continue;
    }
    const double begin = std::max(0.0, snapped(start + i * step));
    const double end = std::min(extent, snapped(start + (i + 1) * step));
    if (!(begin < end)) continue;
    const double first = std::floor(begin);
    const double last = std::ceil(end) - 1;
    span = {static_cast<std::int64_t>(first), static_cast<std::int64_t>(last - first) + 1};
    if (span.count == 1) continue;
    const double whole = 1 / (end - begin);
    span.first_weight = (first + 1 - begin) * whole;
    span.weight = whole;
    span.last_weight = (end - last) * whole;
  }
  return spans;
}

}  // namespace tconv
