#include "views/paint_maps.h"

#include <algorithm>
#include <cmath>

#include "views/color_bar.h"
#include "views/count_map.h"
#include "views/large_map.h"
#include "views/linking.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

PaintMaps::PaintMaps(const ViewInput& in, Figure& figure)
    : in_(in),
      figure_(figure),
      layer_(in.results.scenario.layer),
      frame_(in.results.frame),
      state_(in.interaction),
      focus_(focused_output(in)) {}

void PaintMaps::title(const Rect& room, Color color, const std::string& name, const std::string& rest) {
  add_map_title(figure_, in_, room, color, name, rest);
}

/// One plane per colour when a large map has three channels, else the channel that is shown.
std::vector<PlaneView> PaintMaps::planes(const Tensor& tensor, int64_t channels, int64_t shown, int64_t slice) const {
  if (channels != 3 || layer_.dims != 2) return {plane_of(tensor, state_.batch, shown, slice)};
  return {plane_of(tensor, state_.batch, 0, slice), plane_of(tensor, state_.batch, 1, slice),
          plane_of(tensor, state_.batch, 2, slice)};
}

double PaintMaps::draw_large(const Rect& room, const std::vector<PlaneView>& shown, const Tag& first) {
  return add_map_image(figure_, in_, room, shown, first, BarPlace::beside_or_below).bottom;
}

double PaintMaps::draw_input(const Rect& room) {
  const Tensor& input = in_.results.input;
  const auto axes = layer_.as_3d();
  title(room, theme().input_text, "Input",
        spatial_text(input.shape()) +
            part_text(layer_, state_.in_channel, layer_.in_channels, state_.in_slice, axes[0].input));
  const PlaneView plane = plane_of(input, state_.batch, state_.in_channel, state_.in_slice);
  const CellIndex origin{.batch = state_.batch, .channel = state_.in_channel, .at = {state_.in_slice, 0, 0}};
  if (too_many_cells(plane)) {
    return draw_large(room, planes(input, layer_.in_channels, state_.in_channel, state_.in_slice), InputCell{origin});
  }
  const GridLayout grid = fit_grid(room, plane.rows, plane.cols, 72);
  const double largest = largest_magnitude(input.values());
  add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
    CellIndex cell = origin;
    cell.at = {state_.in_slice, row, col};
    const float value = plane.values[static_cast<std::size_t>(row * plane.cols + col)];
    const int64_t step = step_of_cell(in_.results.scenario, cell);
    CellLook look{.fill = theme().surface,
                  .stroke = theme().border,
                  .stroke_width = 1,
                  .number = number_text(static_cast<double>(value), 3),
                  .number_color = theme().text,
                  .badge = {},
                  .badge_color = {},
                  .tag = InputCell{cell}};
    if (step > frame_.step) {
      look.number_color = theme().muted;
    } else {
      look.fill = mix(theme().surface, theme().input, 0.10 + 0.14 * strength(value, largest));
    }
    if (frame_.stamp && frame_.stamp->input == cell) {
      look.fill = mix(theme().surface, theme().input, 0.5);
      look.stroke = theme().input;
    }
    show_special(look, value);
    return look;
  });
  return grid.rect().bottom();
}

double PaintMaps::draw_kernel(const Rect& room) {
  const auto axes = layer_.as_3d();
  // The stamp's own kernel, unless it paints another output than the one that is shown.
  const bool stamping = frame_.stamp && joined(layer_, frame_.stamp->input.channel, state_.out_channel);
  const int64_t in_channel = stamping ? frame_.stamp->input.channel : state_.in_channel;
  const float factor = stamping ? frame_.stamp->value : 1.0F;
  const bool connected = joined(layer_, in_channel, state_.out_channel);
  std::string name = "Kernel";
  const bool image = std::max(axes[1].kernel, axes[2].kernel) > largest_cell_grid;  // its taps are not scaled
  if (stamping && !image) name += " × " + number_text(static_cast<double>(factor), 3);
  std::string rest = "— the brush";
  if (layer_.in_channels > 1 || layer_.out_channels > 1) {
    rest = "w[" + std::to_string(in_channel) + " → " + std::to_string(state_.out_channel) + "]";
  }
  if (layer_.dims == 3) {
    rest += " · slice " + std::to_string(state_.tap_slice) + " of " + std::to_string(axes[0].kernel);
  }
  title(room, theme().kernel_text, name, rest);
  if (!connected) {
    return add_paragraph(figure_, in_.text, {room.x, room.y + 16}, room.w, {.size = 13, .color = theme().muted},
                         "These two channels lie in different groups: no weight joins them.");
  }
  const int64_t per_group = layer_.out_channels / layer_.groups;
  const PlaneView plane = plane_of(in_.results.weight, in_channel, state_.out_channel % per_group, state_.tap_slice);
  if (too_many_cells(plane)) {
    const MapImage grid = add_map_image(figure_, in_, room, {plane}, {}, BarPlace::beside_or_below);
    figure_.grids.back().tag_of = [in_channel, out = state_.out_channel, slice = state_.tap_slice](int64_t row,
                                                                                                   int64_t col) {
      return KernelTap{in_channel, out, {slice, row, col}};
    };
    return grid.bottom;
  }
  const GridLayout grid = fit_grid(room, plane.rows, plane.cols, 54);
  const double largest = largest_magnitude(in_.results.weight.values());
  add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
    const KernelTap tap{in_channel, state_.out_channel, {state_.tap_slice, row, col}};
    const float weight = in_.results.weight[flat_weight(layer_, tap.in_channel, tap.out_channel, tap.tap)];
    const double part = strength(weight, largest);
    CellLook look{.fill = part > 0 ? mix(theme().surface, theme().kernel, 0.14 + 0.26 * part) : theme().surface,
                  .stroke = theme().kernel,
                  .stroke_width = 1,
                  .number = number_text(static_cast<double>(weight * factor), 3),
                  .number_color = theme().text,
                  .badge = {},
                  .badge_color = {},
                  .tag = tap};
    show_special(look, weight * factor);
    return look;
  });
  return grid.rect().bottom();
}

double PaintMaps::draw_output(const Rect& room) {
  const Tensor& output = frame_.output;
  const auto axes = layer_.as_3d();
  const bool hits = in_.document.presentation.show_hits;
  title(room, theme().output_text, "Output",
        spatial_text(output.shape()) +
            part_text(layer_, state_.out_channel, layer_.out_channels, state_.out_slice, output_size(axes[0])) +
            (hits                               ? " — how often each cell is hit"
             : frame_.step == frame_.step_count ? " — the result"
                                                : " — running sums"));
  const PlaneView plane = plane_of(output, state_.batch, state_.out_channel, state_.out_slice);
  const CellIndex origin{.batch = state_.batch, .channel = state_.out_channel, .at = {state_.out_slice, 0, 0}};
  if (!hits && too_many_cells(plane)) return draw_large_output(room, origin);
  if (hits && too_many_cells(plane)) return add_count_map(figure_, in_, room).bottom();
  const GridLayout grid = fit_grid(hits ? room_beside_bar(in_, room) : room, plane.rows, plane.cols,
                                   largest_output_cell);  // as the count map's
  if (hits) {
    add_count_map(figure_, in_, room);
  } else {
    draw_value_cells(grid, plane, origin);
  }
  draw_footprints(grid);
  draw_focus(grid);
  return grid.rect().bottom();
}

double PaintMaps::draw_large_output(const Rect& room, const CellIndex& origin) {
  return draw_large(room, planes(frame_.output, layer_.out_channels, state_.out_channel, state_.out_slice),
                    OutputCell{origin});
}

void PaintMaps::draw_value_cells(const GridLayout& grid, const PlaneView& plane, const CellIndex& origin) {
  const PlaneView gains = plane_of(frame_.gain, state_.batch, state_.out_channel, state_.out_slice);
  const double largest = largest_magnitude(frame_.output.values());
  add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
    const auto flat = static_cast<std::size_t>(row * plane.cols + col);
    const float value = plane.values[flat];
    const float gain = gains.values[flat];
    const double part = strength(value, largest);
    CellIndex cell = origin;
    cell.at = {state_.out_slice, row, col};
    CellLook look{.fill = theme().surface,
                  .stroke = theme().border,
                  .stroke_width = 1,
                  .number = number_text(static_cast<double>(value), 4),
                  .number_color = theme().text,
                  .badge = {},
                  .badge_color = theme().kernel_text,
                  .tag = OutputCell{cell}};
    if (part > 0) look.fill = mix(theme().surface, theme().output, 0.07 + 0.15 * part);
    if (gain != 0) {
      look.fill = mix(theme().surface, theme().output, 0.19 + 0.12 * part);
      look.badge = (gain > 0 ? "+" : "") + number_text(static_cast<double>(gain), 3);
    }
    show_special(look, value);
    return look;
  });
}

/// The first and last output cell of an axis that a tap of the stamp lands on; empty if last < first.
CellRange PaintMaps::landing(const Stamp& stamp, std::size_t a) const {
  const AxisSpec axis = layer_.as_3d()[a];
  CellRange range{INT64_MAX, -1};
  for (int64_t cell = stamp.begin[a]; cell < stamp.end[a]; cell += axis.dilation) {
    if (cell < 0 || cell >= output_size(axis)) continue;
    range = {std::min(range.first, cell), cell};
  }
  return range;
}

/// The frame around the output cells that a stamp paints in this slice; nothing if there are none.
void PaintMaps::add_frame(const GridLayout& grid, const Stamp& stamp, Color color, double width, bool dashed) {
  const int64_t z = state_.out_slice - stamp.begin[0];
  if (z < 0 || state_.out_slice >= stamp.end[0] || z % layer_.as_3d()[0].dilation != 0) return;
  const auto [y0, y1] = landing(stamp, 1);
  const auto [x0, x1] = landing(stamp, 2);
  if (y0 > y1 || x0 > x1) return;
  const Rect a = grid.cell_rect(y0, x0);
  const Rect b = grid.cell_rect(y1, x1);
  const double out = std::min(6.0, grid.gap * 0.75) + width / 2;
  figure_.add(RectShape{.rect = Rect{a.x, a.y, b.right() - a.x, b.bottom() - a.y}.grown(out),
                        .stroke = color,
                        .stroke_width = width,
                        .radius = std::min(7.0, grid.cell * 0.12),
                        .dashed = dashed});
}

void PaintMaps::draw_footprints(const GridLayout& grid) {
  const double width = grid.cell >= 24 ? 3 : 2;
  if (frame_.stamp && frame_.stamp->input.batch == state_.batch) {
    add_frame(grid, *frame_.stamp, theme().kernel, width, false);
  }
  if (const auto* hovered = std::get_if<InputCell>(&in_.interaction.hover)) {
    if (frame_.stamp && frame_.stamp->input == hovered->cell) return;
    add_frame(grid, stamp_of(layer_, in_.results.input, hovered->cell), theme().input, 2, true);
  }
}

void PaintMaps::draw_focus(const GridLayout& grid) {
  if (!in_.interactive || multiplications_of(in_.interaction.hover) || focus_.at[0] != state_.out_slice ||
      focus_.batch != state_.batch)
    return;
  figure_.add(RectShape{.rect = grid.cell_rect(focus_.at[1], focus_.at[2]).grown(grid.cell >= 12 ? 2 : 1),
                        .stroke = theme().cursor,
                        .stroke_width = 2,
                        .radius = grid.cell >= 24 ? 6.0 : 2.0});
}

}  // namespace tconv
