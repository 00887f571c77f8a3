#pragma once
// One plane of numbers, or three as the colours of an image, drawn as pixels: maps with too many cells to draw each.

#include <vector>

#include "figure/color_scale.h"
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
  const ColorScale& scale;        ///< of a single plane; of a colour image its ends are black and full
  Tag first;                      ///< the tag of the plane's cell (0, 0)
};

/// Draws the part that the viewport shows into `rect`, with numbers in the cells once they fit.
void add_large_map(Figure& figure, const ViewInput& in, const Rect& rect, const LargeMap& what);

/// The numbers of the cells that a grid shows, once they fit.
void add_cell_numbers(Figure& figure, const ViewInput& in, const CellGrid& grid, const ColorScale& scale,
                      const std::function<double(std::int64_t row, std::int64_t col)>& value_at);

/// Where a map's colour bar goes.
enum class BarPlace {
  none,            ///< one of many small maps
  beside,          ///< at the map's right, where there is room
  beside_or_below  ///< or below a map that is too flat for that
};

/// The grid that was added to the figure, and where the map with its colour bar ends.
struct MapImage : CellGrid {
  double right = 0;
  double bottom = 0;
};

/// The map as large as `room` allows, framed and coloured as the document says; three planes as an image.
MapImage add_map_image(Figure& figure, const ViewInput& in, const Rect& room, const std::vector<PlaneView>& planes,
                       const Tag& first, BarPlace bar = BarPlace::beside);
/// Likewise a single plane in a scale that is given.
MapImage add_map_image(Figure& figure, const ViewInput& in, const Rect& room, const PlaneView& plane, const Tag& first,
                       const ColorScale& scale, BarPlace bar);

}  // namespace tconv
