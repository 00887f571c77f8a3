#pragma once
// One plane of numbers, or three as the colours of an image, drawn as pixels: maps with too many cells to draw each.

#include <vector>

#include "figure/figure.h"
#include "views/view.h"

namespace tconv {

/// The largest rectangle of the plane's proportions at the top left of `room`.
Rect fitted_rect(const Rect& room, std::int64_t rows, std::int64_t cols);

/// Which cells a viewport shows of a plane, in columns and rows.
Rect visible_window(const Viewport& viewport, std::int64_t rows, std::int64_t cols);

/// How a large map is coloured.
struct LargeMap {
  std::vector<PlaneView> planes;  ///< one, or three for a colour image
  const ColorMap& map;            ///< of a single plane
  ValueRange range;
  Tag first;  ///< the tag of the plane's cell (0, 0)
};

/// Draws the part that the viewport shows into `rect`, with numbers in the cells once they fit.
void add_large_map(Figure& figure, const ViewInput& in, const Rect& rect, const LargeMap& what);

/// The map as large as `room` allows, framed and coloured by the document's colour map; three planes as an image.
/// Returns the grid that was added to the figure.
CellGrid add_map_image(Figure& figure, const ViewInput& in, const Rect& room, const std::vector<PlaneView>& planes,
                       const Tag& first);

}  // namespace tconv
