#include "views/large_map.h"

#include <algorithm>
#include <cmath>

#include "figure/layout.h"
#include "views/cell_map.h"
#include "views/color_bar.h"
#include "views/color_scales.h"

namespace tconv {

using std::int64_t;

namespace {

/// Of colours from the smallest to the largest value, at least 0 … 1, so that an image looks as it does elsewhere.
ValueRange shown_range(const std::vector<PlaneView>& shown) {
  ValueRange range{0, 1};
  for (const PlaneView& plane : shown) {
    const ValueRange one = finite_range(plane.values);
    range = {std::min(range.low, one.low), std::max(range.high, one.high)};
  }
  return range;
}

}  // namespace

Rect fitted_rect(const Rect& room, std::int64_t rows, std::int64_t cols) {
  const double scale = std::min(room.w / static_cast<double>(cols), room.h / static_cast<double>(rows));
  // A map that is very long and thin keeps a height that can be seen.
  return {room.x, room.y, std::max(8.0, std::floor(static_cast<double>(cols) * scale)),
          std::max(8.0, std::floor(static_cast<double>(rows) * scale))};
}

Rect visible_window(const Viewport& viewport, std::int64_t rows, std::int64_t cols) {
  const Rect part = visible_part(viewport);
  const auto w = static_cast<double>(cols);
  const auto h = static_cast<double>(rows);
  return {part.x * w, part.y * h, part.w * w, part.h * h};
}

void add_cell_numbers(Figure& figure, const ViewInput& in, const CellGrid& grid, const ColorScale& scale,
                      const std::function<double(std::int64_t row, std::int64_t col)>& value_at) {
  const Rect& rect = grid.rect;
  const Rect& window = grid.window;
  const double cell = rect.w / window.w;
  if (cell < 34) return;  // no room for "0.000"
  const double size = snapped_type_size(std::min(17.0, cell * 0.26));
  for (auto row = static_cast<std::int64_t>(window.y); static_cast<double>(row) < window.bottom(); ++row) {
    for (auto col = static_cast<std::int64_t>(window.x); static_cast<double>(col) < window.right(); ++col) {
      if (row >= grid.rows || col >= grid.cols) continue;
      const double value = value_at(row, col);
      const Rect place{rect.x + (static_cast<double>(col) - window.x) * cell,
                       rect.y + (static_cast<double>(row) - window.y) * cell, cell, cell};
      const std::string number = number_text(value, 3);
      const double half = in.text.width(Font::mono, size, number) / 2;
      const Point centre = place.centre();
      const bool inside = centre.x - half >= rect.x && centre.x + half <= rect.right() && centre.y - size >= rect.y &&
                          centre.y + size <= rect.bottom();
      if (!inside || 2 * half > cell - 4) continue;
      add_number(figure, in.text, place, number, size, readable_on(scale.color(value)));
    }
  }
}

void add_large_map(Figure& figure, const ViewInput& in, const Rect& rect, const LargeMap& what) {
  const PlaneView& plane = what.planes[0];
  const ColorScale& scale = what.scale;
  const Rect window = visible_window(in.interaction.viewport, plane.rows, plane.cols);
  const int width = std::max(1, static_cast<int>(rect.w * in.pixels_per_point));
  const int height = std::max(1, static_cast<int>(rect.h * in.pixels_per_point));
  const bool colour = what.planes.size() == 3;
  const auto raster =
      colour ? rasterize_rgb({what.planes[0], what.planes[1], what.planes[2]}, window, width, height, scale.range())
             : rasterize(plane, window, width, height, scale);
  if (!colour) figure.color_range = scale.range();
  figure.add(ImageShape{.rect = rect, .raster = raster});
  figure.grids.push_back({rect, window, plane.rows, plane.cols, what.first});

  if (colour) return;
  add_cell_numbers(figure, in, figure.grids.back(), scale, [&](std::int64_t row, std::int64_t col) {
    return static_cast<double>(plane.values[static_cast<std::size_t>(row * plane.cols + col)]);
  });
}

MapImage add_map_image(Figure& figure, const ViewInput& in, const Rect& room, const std::vector<PlaneView>& planes,
                       const Tag& first, BarPlace bar) {
  if (planes.size() == 1) {
    return add_map_image(figure, in, room, planes[0], first, scale_for(in, planes[0].values), bar);
  }
  // A picture keeps its colours, whatever is chosen for numbers.
  const ColorScale scale(shown_color_map(in.document), {.centring = Centring::off}, {.range = shown_range(planes)});
  const Rect rect = fitted_rect(room, planes[0].rows, planes[0].cols);
  add_large_map(figure, in, rect, {planes, scale, first});
  figure.add(RectShape{.rect = rect.grown(1), .stroke = in.theme.border, .stroke_width = 1});
  return {figure.grids.back(), rect.right(), rect.bottom()};
}

MapImage add_map_image(Figure& figure, const ViewInput& in, const Rect& room, const PlaneView& plane, const Tag& first,
                       const ColorScale& scale, BarPlace bar) {
  constexpr double below = 8;
  constexpr double narrowest = 100;  // of a lying bar
  const Rect narrow = fitted_rect(room_beside_bar(in, room), plane.rows, plane.cols);
  const bool beside = bar != BarPlace::none && fits_beside(in, narrow, room, scale);
  const Rect rect = beside ? narrow : fitted_rect(room, plane.rows, plane.cols);
  add_large_map(figure, in, rect, {{plane}, scale, first});
  figure.add(RectShape{.rect = rect.grown(1), .stroke = in.theme.border, .stroke_width = 1});
  MapImage image{figure.grids.back(), rect.right(), rect.bottom()};
  if (beside) {
    if (add_bar_beside(figure, in, rect, room, scale)) image.right += color_column_gap + color_column_width;
  } else if (bar == BarPlace::beside_or_below && in.color_bar && room.w >= narrowest) {
    const std::size_t before = figure.shapes.size();
    const double width = std::min({room.w, std::max(rect.w, 160.0), 260.0});
    const double bottom = add_color_bar(figure, in, {rect.x, rect.bottom() + below}, width, scale);
    if (bottom <= room.bottom()) {
      image.bottom = bottom;
    } else {
      figure.shapes.erase(figure.shapes.begin() + static_cast<std::ptrdiff_t>(before), figure.shapes.end());
    }
  }
  return image;
}

}  // namespace tconv
