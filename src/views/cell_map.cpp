#include "views/cell_map.h"

#include <algorithm>
#include <cmath>

#include "figure/color_scale.h"

namespace tconv {
namespace {

constexpr double smallest_number = 9;

/// The type size for the widest of the numbers, 0 if none fits.
double number_size(const TextMetrics& text, double cell, const std::vector<CellLook>& looks) {
  double size = snapped_type_size(std::clamp(cell * 0.37, smallest_number, 30.0));
  const double room = cell - std::max(4.0, cell * 0.12);
  if (text.width(Font::mono, smallest_number, "000") > room) return 0;
  double widest = 0;  // at 1 point: the font is fixed-width, so width grows with the size
  for (const CellLook& look : looks) widest = std::max(widest, text.width(Font::mono, 1, look.number));
  if (widest > 0) size = std::min(size, snapped_type_size(std::max(smallest_number, room / widest)));
  return size;
}

}  // namespace

void add_number(Figure& figure, const TextMetrics& text, const Rect& rect, std::string number, double size,
                Color color) {
  const double baseline = rect.y + (rect.h + text.cap_height(Font::mono, size)) / 2;
  figure.add(TextShape{.at = {rect.x + rect.w / 2, std::round(baseline)},
                       .text = std::move(number),
                       .font = Font::mono,
                       .size = size,
                       .color = color,
                       .align = Align::centre});
}

void add_cells(Figure& figure, const TextMetrics& text, const GridLayout& grid,
               const std::function<CellLook(std::int64_t row, std::int64_t col)>& look) {
  std::vector<CellLook> looks;
  looks.reserve(static_cast<std::size_t>(grid.rows * grid.cols));
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    for (std::int64_t col = 0; col < grid.cols; ++col) looks.push_back(look(row, col));
  }
  const double size = number_size(text, grid.cell, looks);
  const double radius = grid.gap == 0 ? 0 : grid.cell >= 24 ? 4 : 2;
  const double badge_size = snapped_type_size(std::clamp(grid.cell * 0.16, 9.0, 12.0));
  const bool badges = grid.cell >= 38;
  auto next = looks.begin();
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    for (std::int64_t col = 0; col < grid.cols; ++col, ++next) {
      const Rect rect = grid.cell_rect(row, col);
      // Cells that touch reach under the next ones: where an edge falls between pixels no ground shines through.
      const double under = grid.gap == 0 ? std::min(0.5, grid.cell / 2) : 0;
      const Rect drawn{rect.x, rect.y, rect.w + (col + 1 < grid.cols ? under : 0),
                       rect.h + (row + 1 < grid.rows ? under : 0)};
      figure.add(RectShape{.rect = drawn,
                           .fill = next->fill,
                           .stroke = next->stroke,
                           .stroke_width = grid.gap > 0 ? next->stroke_width : 0,
                           .radius = radius,
                           .dashed = next->dashed,
                           .hatched = next->hatched && grid.gap > 0},
                 next->tag);
      const double room = grid.cell - 2;
      if (size > 0 && !next->number.empty() && text.width(Font::mono, size, next->number) <= room) {
        add_number(figure, text, rect, next->number, size, next->number_color);
      }
      if (badges && !next->badge.empty() && text.width(Font::mono, badge_size, next->badge) <= grid.cell - 10) {
        figure.add(TextShape{.at = {rect.right() - 6, rect.y + 5 + text.cap_height(Font::mono, badge_size)},
                             .text = next->badge,
                             .font = Font::mono,
                             .size = badge_size,
                             .color = next->badge_color,
                             .align = Align::right});
      }
    }
  }
}

void show_special(CellLook& look, float value) {
  if (std::isfinite(value)) return;
  look.fill = color_of(std::isnan(value) ? ColorSpecial::nan
                       : value > 0       ? ColorSpecial::plus_infinity
                                         : ColorSpecial::minus_infinity);
  look.number_color = readable_on(look.fill);
  look.badge.clear();  // what was added to it says nothing
}

PlaneView plane_of(const Tensor& tensor, std::int64_t batch, std::int64_t channel, std::int64_t slice) {
  const Shape& shape = tensor.shape();
  const int rank = shape.rank();
  PlaneView plane;
  plane.cols = shape[rank - 1];
  plane.rows = rank >= 4 ? shape[rank - 2] : 1;
  const std::int64_t depth = rank >= 5 ? shape[2] : 1;
  const std::int64_t size = plane.rows * plane.cols;
  const std::int64_t begin = ((batch * shape[1] + channel) * depth + slice) * size;
  plane.values = tensor.values().subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
  return plane;
}

}  // namespace tconv
