#include "views/value_map.h"

#include <algorithm>
#include <cmath>

#include "views/large_map.h"

namespace tconv {

using std::int64_t;

double strength(float value, double largest) {
  const double magnitude = std::abs(static_cast<double>(value));
  return largest > 0 && std::isfinite(magnitude) ? std::min(1.0, magnitude / largest) : 0;
}

double largest_magnitude(std::span<const float> values) {
  const ValueRange range = finite_range(values);
  return std::max(std::abs(range.low), std::abs(range.high));
}

bool too_many_cells(const PlaneView& plane) { return plane.rows > largest_cell_grid || plane.cols > largest_cell_grid; }

void add_map_title(Figure& figure, const ViewInput& in, const Rect& room, Color color, const std::string& name,
                   const std::string& rest) {
  const std::string shown_name = in.text.fitted(Font::semibold, 14, name, room.w);
  const double left = std::max(0.0, room.w - in.text.width(Font::semibold, 14, shown_name));
  std::string shown = rest.empty() ? "" : " " + rest;
  const auto remark = shown.rfind(" — ");
  if (remark != std::string::npos && in.text.width(Font::regular, 14, shown) > left) shown.resize(remark);
  shown = in.text.fitted(Font::regular, 14, shown, left);
  add_spans(figure, in.text, {room.x, room.y - 12}, 14, {{shown_name, color, Font::semibold}, {shown, in.theme.muted}});
}

Rect add_value_map(Figure& figure, const ViewInput& in, const Rect& room, const ValueMap& map) {
  if (too_many_cells(map.plane)) {
    const MapImage image = add_map_image(figure, in, room, {map.plane}, map.first, map.bar);
    return {image.rect.x, image.rect.y, image.right - image.rect.x, image.bottom - image.rect.y};
  }
  const GridLayout grid = fit_grid(room, map.plane.rows, map.plane.cols, map.largest_cell);
  const double largest = map.largest > 0 ? map.largest : largest_magnitude(map.plane.values);
  const CellGrid tags{{}, {}, map.plane.rows, map.plane.cols, map.first, {}};
  add_cells(figure, in.text, grid, [&](int64_t row, int64_t col) {
    const float value = map.plane.values[static_cast<std::size_t>(row * map.plane.cols + col)];
    const double part = strength(value, largest);
    CellLook look{.fill = part > 0 ? mix(in.theme.surface, map.role.fill, 0.08 + 0.22 * part) : in.theme.surface,
                  .stroke = in.theme.border,
                  .stroke_width = 1,
                  .number = number_text(static_cast<double>(value), 4),
                  .number_color = in.theme.text,
                  .badge = {},
                  .badge_color = {},
                  .tag = tags.tag(row, col)};
    show_special(look, value);
    if (map.adjust) map.adjust(row, col, look);
    return look;
  });
  return grid.rect();
}

}  // namespace tconv
