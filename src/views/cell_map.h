#pragma once
// One plane of numbers as a grid of cells: what most views are made of. Too many cells become an image: large_map.h.

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
  bool hatched = false;  ///< an inserted zero
  bool dashed = false;   ///< a cell that will be cropped
};

/// Draws the cells of `grid`, all numbers in one type size: the largest at which every one fits, none if that is too
/// small to read or cells are narrower than three digits.
void add_cells(Figure& figure, const TextMetrics& text, const GridLayout& grid,
               const std::function<CellLook(std::int64_t row, std::int64_t col)>& look);

/// What is no finite number has a colour of its own, the same in every map; other values leave the look as it is.
void show_special(CellLook& look, float value);

/// Sets a number into the middle of a cell.
void add_number(Figure& figure, const TextMetrics& text, const Rect& rect, std::string number, double size,
                Color color);

/// A plane of a tensor (N, C, spatial…) as (z, y, x): the slice `z` of a channel.
PlaneView plane_of(const Tensor& tensor, std::int64_t batch, std::int64_t channel, std::int64_t slice);

}  // namespace tconv
