#include "figure/figure.h"

#include <cmath>

namespace tconv {
namespace {

Rect bounds(const Shape2D& shape) {
  if (const auto* rect = std::get_if<RectShape>(&shape.what)) return rect->rect;
  if (const auto* image = std::get_if<ImageShape>(&shape.what)) return image->rect;
  return {};  // words and lines are not targets: the rectangle behind them is
}

Tag tag_in(const CellGrid& grid, Point place) {
  const auto col =
      static_cast<std::int64_t>(std::floor(grid.window.x + (place.x - grid.rect.x) / grid.rect.w * grid.window.w));
  const auto row =
      static_cast<std::int64_t>(std::floor(grid.window.y + (place.y - grid.rect.y) / grid.rect.h * grid.window.h));
  if (row < 0 || row >= grid.rows || col < 0 || col >= grid.cols) return {};
  const auto moved = [&](CellIndex cell) {
    cell.at[1] = row;
    cell.at[2] = col;
    return cell;
  };
  if (const auto* input = std::get_if<InputCell>(&grid.first)) return InputCell{moved(input->cell)};
  if (const auto* output = std::get_if<OutputCell>(&grid.first)) return OutputCell{moved(output->cell)};
  return {};
}

}  // namespace

Tag tag_at(const Figure& figure, Point place) {
  for (auto shape = figure.shapes.rbegin(); shape != figure.shapes.rend(); ++shape) {
    if (has_tag(shape->tag) && bounds(*shape).contains(place)) return shape->tag;
  }
  for (const CellGrid& grid : figure.grids) {
    if (grid.rect.contains(place)) return tag_in(grid, place);
  }
  return {};
}

Rect place_of(const Figure& figure, const Tag& tag) {
  for (auto shape = figure.shapes.rbegin(); shape != figure.shapes.rend(); ++shape) {
    if (shape->tag == tag) return bounds(*shape);
  }
  return {};
}

}  // namespace tconv
