#pragma once
// One plane of numbers as a grid of cells, or as an image when there are too many: what most views are made of.

#include <functional>
#include <string>

#include "figure/layout.h"
#include "views/view.h"

namespace tconv {

/// Beyond so many cells on a side a map is drawn as one image.
inline constexpr std::int64_t largest_cell_grid = 64;

/// How one cell is drawn.
struct CellLook {
  Color fill{0, 0, 0, 0};
  Color stroke{0, 0, 0, 0};
  double stroke_width = 1;
  std::string number;
  Color number_color;
  std::string badge;  ///< small, top right: "+3"
  Color badge_color;
  Tag tag;
};

/// Draws the cells of `grid`, all numbers in one type size: the largest at which every one fits, none if that is too
/// small to read or cells are narrower than three digits.
void add_cells(Figure& figure, const TextMetrics& text, const GridLayout& grid,
               const std::function<CellLook(std::int64_t row, std::int64_t col)>& look);

/// The largest rectangle of the plane's proportions at the top left of `room`.
Rect fitted_rect(const Rect& room, std::int64_t rows, std::int64_t cols);

/// Which cells a viewport shows of a plane, in columns and rows.
Rect visible_window(const Viewport& viewport, std::int64_t rows, std::int64_t cols);

/// How a large map is shown.
struct LargeMap {
  std::vector<PlaneView> planes;  ///< one, or three for a colour image
  const ColorMap& map;            ///< of a single plane
  ValueRange range;
  Tag first;  ///< the tag of the plane's cell (0, 0)
};

/// Draws the part that the viewport shows into `rect`, with numbers in the cells once they fit.
void add_large_map(Figure& figure, const ViewInput& in, const Rect& rect, const LargeMap& what);

/// A plane of a tensor (N, C, spatial…) as (z, y, x): the slice `z` of a channel.
PlaneView plane_of(const Tensor& tensor, std::int64_t batch, std::int64_t channel, std::int64_t slice);

}  // namespace tconv
