#include "views/cell_map.h"

#include <algorithm>
#include <cmath>

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

}  // namespace

void add_cells(Figure& figure, const TextMetrics& text, const GridLayout& grid,
               const std::function<CellLook(std::int64_t row, std::int64_t col)>& look) {
  std::vector<CellLook> looks;
  looks.reserve(static_cast<std::size_t>(grid.rows * grid.cols));
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    for (std::int64_t col = 0; col < grid.cols; ++col) looks.push_back(look(row, col));
  }
  const double size = number_size(text, grid.cell, looks);
  const double radius = grid.cell >= 24 ? 4 : grid.cell >= 10 ? 2 : 0;
  const double badge_size = snapped_type_size(std::min(12.0, grid.cell * 0.16));
  const bool badges = grid.cell >= 44;
  auto next = looks.begin();
  for (std::int64_t row = 0; row < grid.rows; ++row) {
    for (std::int64_t col = 0; col < grid.cols; ++col, ++next) {
      const Rect rect = grid.cell_rect(row, col);
      figure.add(RectShape{.rect = rect,
                           .fill = next->fill,
                           .stroke = next->stroke,
                           .stroke_width = grid.cell >= 10 ? next->stroke_width : 0,
                           .radius = radius},
                 next->tag);
      const double room = grid.cell - 2;
      if (size > 0 && !next->number.empty() && text.width(Font::mono, size, next->number) <= room) {
        add_number(figure, text, rect, next->number, size, next->number_color);
      }
      if (badges && !next->badge.empty()) {
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

Rect fitted_rect(const Rect& room, std::int64_t rows, std::int64_t cols) {
  const double scale = std::min(room.w / static_cast<double>(cols), room.h / static_cast<double>(rows));
  // A map that is very long and thin keeps a height that can be seen.
  return {room.x, room.y, std::max(8.0, std::floor(static_cast<double>(cols) * scale)),
          std::max(8.0, std::floor(static_cast<double>(rows) * scale))};
}

Rect visible_window(const Viewport& viewport, std::int64_t rows, std::int64_t cols) {
  const double part = 1 / std::max(1.0, viewport.zoom);
  const double x = std::clamp(viewport.centre.x - part / 2, 0.0, 1 - part);
  const double y = std::clamp(viewport.centre.y - part / 2, 0.0, 1 - part);
  const auto w = static_cast<double>(cols);
  const auto h = static_cast<double>(rows);
  return {x * w, y * h, part * w, part * h};
}

void add_large_map(Figure& figure, const ViewInput& in, const Rect& rect, const LargeMap& what) {
  const PlaneView& plane = what.planes[0];
  const ColorMap& map = what.map;
  const ValueRange& range = what.range;
  const TextMetrics& text = in.text;
  const Rect window = visible_window(in.interaction.viewport, plane.rows, plane.cols);
  const int width = std::max(1, static_cast<int>(rect.w * in.pixels_per_point));
  const int height = std::max(1, static_cast<int>(rect.h * in.pixels_per_point));
  const bool colour = what.planes.size() == 3;
  const auto raster =
      colour ? rasterize_rgb({what.planes[0], what.planes[1], what.planes[2]}, window, width, height, range)
             : rasterize(plane, window, width, height, map, range);
  figure.add(ImageShape{.rect = rect, .raster = raster});
  figure.grids.push_back({rect, window, plane.rows, plane.cols, what.first});

  const double cell = rect.w / window.w;
  if (colour || cell < 34) return;  // no room for "0.000"
  const double size = snapped_type_size(std::min(17.0, cell * 0.26));
  const double span = range.high - range.low;
  for (auto row = static_cast<std::int64_t>(window.y); static_cast<double>(row) < window.bottom(); ++row) {
    for (auto col = static_cast<std::int64_t>(window.x); static_cast<double>(col) < window.right(); ++col) {
      if (row >= plane.rows || col >= plane.cols) continue;
      const double value = static_cast<double>(plane.values[static_cast<std::size_t>(row * plane.cols + col)]);
      const Rect place{rect.x + (static_cast<double>(col) - window.x) * cell,
                       rect.y + (static_cast<double>(row) - window.y) * cell, cell, cell};
      const Point centre = place.centre();
      const std::string number = number_text(value, 3);
      if (!rect.contains(centre) || text.width(Font::mono, size, number) > cell - 4) continue;
      add_number(figure, text, place, number, size, readable_on(map.at(span > 0 ? (value - range.low) / span : 0.5)));
    }
  }
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
