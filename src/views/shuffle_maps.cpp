#include "views/shuffle_maps.h"

#include <algorithm>
#include <cmath>

#include "views/cell_map.h"
#include "views/large_map.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double name_size = 12;
constexpr double name_height = 18;
constexpr double block_gap = 18;
constexpr double largest_small_cell = 46;
constexpr double largest_large_cell = 54;
constexpr double smallest_numbered = 24;  // side of a cell

/// Between four colours at the corners of a square.
Color blended_corners(const std::array<Color, 4>& corners, const CellCount& group, int64_t row, int64_t col) {
  const auto part = [](int64_t index, int64_t count) {
    return count > 1 ? static_cast<double>(index) / static_cast<double>(count - 1) : 0.0;
  };
  const double x = part(col, group.cols);
  const double y = part(row, group.rows);
  return mix(mix(corners[0], corners[1], x), mix(corners[2], corners[3], x), y);
}

Tag small_tag(const ShuffleScene& scene, int64_t channel, int64_t row, int64_t col) {
  return ShuffleCell{false, {channel, {scene.small_slice(), row, col}}};
}
Tag large_tag(const ShuffleScene& scene, int64_t row, int64_t col) {
  return ShuffleCell{true, {scene.channel(), {scene.slice(), row, col}}};
}

/// `side`: of the cell; small ones have no number, and a stronger colour instead.
CellLook look_of(const ViewInput& in, const ShuffleScene& scene, const ShufflePlace& small, Color color, double side,
                 Tag tag) {
  const bool focused = scene.focus_in_sight() && small == scene.small_focus();
  const bool number = side >= smallest_numbered;
  const Color fill = mix(in.theme.surface, color, focused ? 0.85 : number ? 0.27 : 0.55);
  return {.fill = fill,
          .stroke = color,
          .stroke_width = 1,
          .number = number ? scene.value_text(small) : "",
          .number_color = focused ? readable_on(fill) : in.theme.text,
          .badge = {},
          .badge_color = {},
          .tag = std::move(tag)};
}

/// How the r × r small maps share a room.
struct Blocks {
  CellCount count;
  CellCount cells;
  Size map;       ///< of one
  double step_x;  ///< from one to the next
  double step_y;
  double name_room;
};

Blocks blocks_in(const ViewInput& in, const ShuffleScene& scene, const Rect& room) {
  Blocks blocks{.count = scene.shown_channels(),
                .cells = scene.small_cells(),
                .map = {},
                .step_x = 0,
                .step_y = 0,
                .name_room = 0};
  const auto rows = static_cast<double>(blocks.count.rows);
  // One row of small maps would be smaller than it must be: one under the other.
  if (scene.spec().dims == 1) blocks.count = {blocks.count.cols, 1};
  const auto cols = static_cast<double>(blocks.count.cols);
  const double lines = scene.spec().dims == 1 ? static_cast<double>(blocks.count.rows) : rows;
  const double gap_y = lines > 4 ? 8 : 14;
  const double gap_x = cols > 4 ? 8 : block_gap;
  const Size each{(room.w - (cols - 1) * gap_x) / cols,
                  std::max(24.0, (room.h - (lines - 1) * gap_y) / lines - name_height)};
  if (scene.is_image()) {
    const Rect rect = fitted_rect({0, 0, each.w - 2, each.h}, blocks.cells.rows, blocks.cells.cols);
    blocks.map = {rect.w + 2, rect.h + 2};
  } else {
    const GridLayout grid = fit_grid({0, 0, each.w, each.h}, blocks.cells.rows, blocks.cells.cols, largest_small_cell);
    blocks.map = {grid.width(), grid.height()};
  }
  const double name = in.text.width(Font::regular, name_size, "channel 000");
  blocks.name_room = std::min(each.w, std::max(blocks.map.w, name));
  blocks.step_x = blocks.name_room + gap_x;
  blocks.step_y = name_height + blocks.map.h + gap_y;
  return blocks;
}

/// What the names of the small maps begin with: "channel ", or nothing when the longest would not fit.
std::string name_start(const ViewInput& in, const ShuffleScene& scene, double room) {
  const CellCount shown = scene.shown_channels();
  const int64_t last = scene.channel_at(shown.rows - 1, shown.cols - 1);
  const std::string start = "channel ";
  return in.text.width(Font::regular, name_size, start + std::to_string(last)) <= room ? start : "";
}

void add_dashable_frame(Figure& figure, const Rect& place, const Tag& tag, Color color, double width, bool dashed) {
  if (place.w <= 0 || place.h <= 0) return;
  const double side = std::min(place.w, place.h);
  figure.shapes.push_back({.what = RectShape{.rect = place.grown(side >= 12 ? 2 : std::max(0.5, (5 - side) / 2)),
                                             .stroke = color,
                                             .stroke_width = side >= 12 ? width : 1.5,
                                             .radius = side >= 24 ? 5.0 : 0.0,
                                             .dashed = dashed && side >= 12},
                           .tag = tag,
                           .highlight = true});
}

/// Where a cell lies: as a shape, or in a grid of an image.
Rect place_in(const Figure& figure, const Tag& tag) {
  const Rect place = place_of(figure, tag);
  if (place.w > 0) return place;
  const auto& wanted = std::get<ShuffleCell>(tag).place;
  for (const CellGrid& grid : figure.grids) {
    const int64_t row = wanted.at[1];
    const int64_t col = wanted.at[2];
    if (row < grid.rows && col < grid.cols && grid.tag(row, col) == tag) return grid.place(row, col, row, col);
  }
  return {};
}

Rect around(const Rect& a, const Rect& b) {
  if (a.w <= 0) return b;
  if (b.w <= 0) return a;
  const double x = std::min(a.x, b.x);
  const double y = std::min(a.y, b.y);
  return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

}  // namespace

Color sub_pixel_color(const Theme& theme, const CellCount& group, int64_t row, int64_t col) {
  return blended_corners({theme.input, theme.kernel, theme.output, mix(theme.input, theme.bad, 0.5)}, group, row, col);
}

Color sub_pixel_text(const Theme& theme, const CellCount& group, int64_t row, int64_t col) {
  return blended_corners(
      {theme.input_text, theme.kernel_text, theme.output_text, mix(theme.input_text, theme.bad_text, 0.5)}, group, row,
      col);
}

double add_small_maps(Figure& figure, const ViewInput& in, const ShuffleScene& scene, const Rect& room) {
  const Blocks blocks = blocks_in(in, scene, room);
  const CellCount shown = scene.shown_channels();
  const std::string start = name_start(in, scene, blocks.name_room);
  double bottom = room.y;
  for (int64_t row = 0; row < shown.rows; ++row) {
    for (int64_t col = 0; col < shown.cols; ++col) {
      const bool stacked = scene.spec().dims == 1;
      const Point at{room.x + static_cast<double>(stacked ? 0 : col) * blocks.step_x,
                     room.y + static_cast<double>(stacked ? col : row) * blocks.step_y};
      const int64_t channel = scene.channel_at(row, col);
      const Color color = sub_pixel_color(in.theme, scene.group(), row, col);
      const std::string name = start + std::to_string(channel);
      if (in.text.width(Font::regular, name_size, name) <= blocks.name_room) {
        figure.add(TextShape{.at = {at.x, at.y + 12},
                             .text = name,
                             .size = name_size,
                             .color = sub_pixel_text(in.theme, scene.group(), row, col)});
      }
      const Rect place{at.x, at.y + name_height, blocks.map.w, blocks.map.h};
      if (scene.is_image()) {
        const PlaneView plane = plane_of(scene.small_values(), 0, scene.image_channel(channel), scene.small_slice());
        add_map_image(figure, in, {place.x + 1, place.y + 1, place.w - 2, place.h - 2}, {plane}, {}, BarPlace::none);
        figure.grids.back().tag_of = [channel, slice = scene.small_slice()](int64_t y, int64_t x) -> Tag {
          return ShuffleCell{false, {channel, {slice, y, x}}};
        };
      } else {
        const GridLayout grid = fit_grid(place, blocks.cells.rows, blocks.cells.cols, largest_small_cell);
        add_cells(figure, in.text, grid, [&](int64_t y, int64_t x) {
          return look_of(in, scene, {channel, {scene.small_slice(), y, x}}, color, grid.cell,
                         small_tag(scene, channel, y, x));
        });
      }
      bottom = std::max(bottom, place.bottom());
    }
  }
  return bottom;
}

double add_large_side(Figure& figure, const ViewInput& in, const ShuffleScene& scene, const Rect& room) {
  const CellCount cells = scene.large_cells();
  if (scene.is_image()) {
    const PlaneView plane = plane_of(scene.large_values(), 0, 0, scene.slice());
    const Rect rect =
        add_map_image(figure, in, {room.x + 1, room.y + 1, room.w - 2, room.h - 2}, {plane}, {}, BarPlace::none).rect;
    figure.grids.back().tag_of = [channel = scene.channel(), slice = scene.slice()](int64_t y, int64_t x) -> Tag {
      return ShuffleCell{true, {channel, {slice, y, x}}};
    };
    return rect.bottom() + 1;
  }
  const GridLayout grid = fit_grid(room, cells.rows, cells.cols, largest_large_cell);
  const CellCount group = scene.group();
  add_cells(figure, in.text, grid, [&](int64_t y, int64_t x) {
    const Color color = sub_pixel_color(in.theme, group, y % group.rows, x % group.cols);
    return look_of(in, scene, scene.small_of(y, x), color, grid.cell, large_tag(scene, y, x));
  });
  return grid.rect().bottom();
}

void add_shuffle_frames(Figure& figure, const ViewInput& in, const ShuffleScene& scene) {
  if (!scene.focus_in_sight()) return;
  const CellCount group = scene.group();
  const CellCount shown = scene.large_cells();
  const int64_t row = scene.focus().at[1] / group.rows * group.rows;
  const int64_t col = scene.focus().at[2] / group.cols * group.cols;
  const Color color = in.theme.cursor;
  // Two corners are enough for the super-pixel, cut off where the picture is.
  const Rect first = place_in(figure, large_tag(scene, row, col));
  const Rect last = place_in(
      figure, large_tag(scene, std::min(row + group.rows, shown.rows) - 1, std::min(col + group.cols, shown.cols) - 1));
  add_dashable_frame(figure, around(first, last), {}, color, 1.5, true);
  const CellCount channels = scene.shown_channels();
  for (int64_t y = 0; y < channels.rows; ++y) {
    for (int64_t x = 0; x < channels.cols; ++x) {
      const ShufflePlace small = shuffle_source(scene.spec(), {scene.channel(), {scene.slice(), row + y, col + x}});
      if (small == scene.small_focus()) continue;
      const Tag tag = ShuffleCell{false, small};
      add_dashable_frame(figure, place_in(figure, tag), tag, color, 1.5, true);
    }
  }
  for (const Tag& tag : {Tag(ShuffleCell{false, scene.small_focus()}), Tag(ShuffleCell{true, scene.focus()})}) {
    add_dashable_frame(figure, place_in(figure, tag), tag, color, 2.5, false);
  }
}

}  // namespace tconv
