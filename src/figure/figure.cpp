#include "figure/figure.h"

#include <algorithm>
#include <cmath>

namespace tconv {
namespace {

Rect bounds(const Shape2D& shape) {
  if (const auto* rect = std::get_if<RectShape>(&shape.what)) return rect->rect;
  if (const auto* image = std::get_if<ImageShape>(&shape.what)) return image->rect;
  return {};  // words and lines are not targets: the rectangle behind them is
}

CellIndex moved_to(CellIndex cell, std::int64_t row, std::int64_t col) {
  cell.at[1] = row;
  cell.at[2] = col;
  return cell;
}

/// The cell of a tag that stands for one of a map; null for other tags.
template <typename AnyTag>
auto* cell_of(AnyTag& tag) {
  using Cell = std::conditional_t<std::is_const_v<AnyTag>, const CellIndex, CellIndex>;
  return std::visit(
      [](auto& kind) -> Cell* {
        if constexpr (requires { kind.cell; }) {
          return &kind.cell;
        } else {
          return nullptr;
        }
      },
      tag);
}

Tag tag_in(const CellGrid& grid, Point place) {
  const auto col =
      static_cast<std::int64_t>(std::floor(grid.window.x + (place.x - grid.rect.x) / grid.rect.w * grid.window.w));
  const auto row =
      static_cast<std::int64_t>(std::floor(grid.window.y + (place.y - grid.rect.y) / grid.rect.h * grid.window.h));
  if (row < 0 || row >= grid.rows || col < 0 || col >= grid.cols) return {};
  return grid.tag(row, col);
}

/// The cell that `tag` names in the grid's plane; null if it is of another plane or kind.
const CellIndex* cell_in(const CellGrid& grid, const Tag& tag) {
  if (grid.tag_of || grid.first.index() != tag.index()) return nullptr;
  const CellIndex* first = cell_of(grid.first);
  const CellIndex* named = cell_of(tag);
  if (first == nullptr || named == nullptr) return nullptr;
  return moved_to(*named, first->at[1], first->at[2]) == *first ? named : nullptr;
}

}  // namespace

Tag CellGrid::tag(std::int64_t row, std::int64_t col) const {
  if (tag_of) return tag_of(row, col);
  Tag named = first;
  if (CellIndex* cell = cell_of(named)) *cell = moved_to(*cell, row, col);
  return named;
}

Rect CellGrid::place(std::int64_t row, std::int64_t col, std::int64_t last_row, std::int64_t last_col) const {
  const double w = rect.w / window.w;
  const double h = rect.h / window.h;
  const double x0 = std::clamp(rect.x + (static_cast<double>(col) - window.x) * w, rect.x, rect.right());
  const double x1 = std::clamp(rect.x + (static_cast<double>(last_col + 1) - window.x) * w, rect.x, rect.right());
  const double y0 = std::clamp(rect.y + (static_cast<double>(row) - window.y) * h, rect.y, rect.bottom());
  const double y1 = std::clamp(rect.y + (static_cast<double>(last_row + 1) - window.y) * h, rect.y, rect.bottom());
  return {x0, y0, x1 - x0, y1 - y0};
}

Tag tag_at(const Figure& figure, Point place) {
  for (auto shape = figure.shapes.rbegin(); shape != figure.shapes.rend(); ++shape) {
    if (has_tag(shape->tag) && !shape->highlight && bounds(*shape).contains(place)) return shape->tag;
  }
  for (const CellGrid& grid : figure.grids) {
    if (grid.rect.contains(place)) return tag_in(grid, place);
  }
  return {};
}

Rect place_of(const Figure& figure, const Tag& tag, std::optional<Point> near) {
  if (!has_tag(tag)) return {};
  Rect found;
  for (auto shape = figure.shapes.rbegin(); shape != figure.shapes.rend(); ++shape) {
    if (shape->tag != tag || shape->highlight) continue;
    if (!near || bounds(*shape).contains(*near)) return bounds(*shape);
    found = bounds(*shape);
  }
  for (const CellGrid& grid : figure.grids) {
    const CellIndex* cell = cell_in(grid, tag);
    if (cell == nullptr) continue;
    const Rect place = grid.place(cell->at[1], cell->at[2], cell->at[1], cell->at[2]);
    if (found.w == 0 || (near && place.contains(*near))) found = place;
  }
  return found;
}

}  // namespace tconv
