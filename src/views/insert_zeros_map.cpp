#include "views/insert_zeros_map.h"

#include <algorithm>

#include "core/zero_insertion.h"
#include "views/large_map.h"
#include "views/linking.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

/// Rows and columns of the map at a stage, and where its first cell lies in the spread map.
struct InsertZerosMaps::Plane {
  std::array<int64_t, 3> extent{1, 1, 1};  // (z, y, x)
  std::array<int64_t, 3> begin{};          // of the border; negative: cropped
  bool spread = false;
};

InsertZerosMaps::InsertZerosMaps(const ViewInput& in, Figure& figure, std::optional<CellIndex> window)
    : in_(in), figure_(figure), layer_(in.results.scenario.layer), state_(in.interaction), window_(window) {}

bool InsertZerosMaps::turned() const { return !state_.options.contains(unturned_option); }

InsertZerosMaps::Plane InsertZerosMaps::plane_at(InsertionStage stage) const {
  Plane plane;
  const auto axes = layer_.as_3d();
  for (std::size_t a = 0; a < 3; ++a) {
    const InsertionAxis map = insertion_of(axes[a]);
    if (stage == InsertionStage::input) {
      plane.extent[a] = axes[a].input;
    } else if (stage == InsertionStage::zeros_between) {
      plane.extent[a] = map.spread;
    } else {
      plane.extent[a] = map.padded;
      plane.begin[a] = map.border_begin;
    }
  }
  plane.spread = stage != InsertionStage::input;
  return plane;
}

int64_t InsertZerosMaps::slice(InsertionStage stage) const {
  if (stage == InsertionStage::input) return state_.in_slice;
  const AxisSpec axis = layer_.as_3d()[0];
  const Plane plane = plane_at(stage);
  int64_t z = plane.begin[0] + state_.in_slice * axis.stride;
  // The window's part that meets the kernel slice on show.
  if (stage == InsertionStage::slide && window_) z = window_->at[0] + kernel_slice() * axis.dilation;
  return std::clamp<int64_t>(z, 0, plane.extent[0] - 1);
}

int64_t InsertZerosMaps::slices(InsertionStage stage) const { return plane_at(stage).extent[0]; }

int64_t InsertZerosMaps::kernel_slice() const {
  return turned() ? layer_.as_3d()[0].kernel - 1 - state_.tap_slice : state_.tap_slice;
}

int64_t InsertZerosMaps::padded_cells() const {
  const Plane plane = plane_at(InsertionStage::slide);
  return plane.extent[1] * plane.extent[2];
}

int64_t InsertZerosMaps::zero_cells() const {
  const auto axes = layer_.as_3d();
  const Plane plane = plane_at(InsertionStage::slide);
  const InsertionStage stage = window_ ? InsertionStage::slide : InsertionStage::border;
  int64_t real = input_at(axes[0], slice(stage)) ? 1 : 0;
  for (std::size_t a = 1; a < 3; ++a) {
    int64_t cells = 0;
    for (int64_t i = 0; i < axes[a].input; ++i) {
      const int64_t at = padded_position(axes[a], i);
      cells += at >= 0 && at < plane.extent[a] ? 1 : 0;
    }
    real *= cells;
  }
  return padded_cells() - real;
}

int64_t InsertZerosMaps::met() const { return window_ ? real_products(layer_, window_->at) : 0; }

int64_t InsertZerosMaps::products() const {
  const auto axes = layer_.as_3d();
  return axes[0].kernel * axes[1].kernel * axes[2].kernel;
}

Rect InsertZerosMaps::draw_map(const Rect& room, InsertionStage stage) {
  const Theme& theme = in_.theme;
  const auto axes = layer_.as_3d();
  const Plane plane = plane_at(stage);
  const int64_t z = slice(stage);
  // By value: the figure outlives what draws it.
  const auto tag_of = [axes, plane, z, batch = state_.batch, channel = state_.in_channel](int64_t row,
                                                                                          int64_t col) -> Tag {
    CellIndex cell{batch, channel, {}};
    const std::array<int64_t, 3> position{z, row, col};
    for (std::size_t a = 0; a < 3; ++a) {
      const int64_t step = plane.spread ? axes[a].stride : 1;
      const int64_t at = position[a] - plane.begin[a];
      if (at < 0 || at % step != 0 || at / step >= axes[a].input) return {};
      cell.at[a] = at / step;
    }
    return InputCell{cell};
  };
  const Tensor& input = in_.results.input;
  const auto value_of = [&](const Tag& tag) {
    const auto* cell = std::get_if<InputCell>(&tag);
    return cell == nullptr ? 0.0F : input[flat_input(layer_, cell->cell)];
  };
  if (plane.extent[1] > largest_cell_grid || plane.extent[2] > largest_cell_grid) {
    const bool padded = stage != InsertionStage::input;
    const PlaneView shown = plane_of(padded ? in_.results.ways->padded : input, state_.batch, state_.in_channel,
                                     padded ? std::clamp<int64_t>(z, 0, insertion_of(axes[0]).padded - 1) : z);
    const CellGrid grid = add_map_image(figure_, in_, room, {shown}, {});
    figure_.grids.back().tag_of = tag_of;
    if (stage == InsertionStage::slide && window_) {
      const Rect window = grid.place(window_->at[1], window_->at[2], window_->at[1] + stamp_extent(axes[1]) - 1,
                                     window_->at[2] + stamp_extent(axes[2]) - 1);
      figure_.add(RectShape{.rect = window.grown(2), .stroke = theme.kernel, .stroke_width = 2});
    }
    return grid.rect;
  }

  const GridLayout grid = fit_grid(room, plane.extent[1], plane.extent[2], 62);
  const double largest = largest_magnitude(input.values());
  const bool crops = stage == InsertionStage::zeros_between;
  const auto cropped = [&](std::size_t a, int64_t position) {
    const InsertionAxis map = insertion_of(axes[a]);
    return crops && (position < -map.border_begin || position >= map.spread + map.border_end);
  };
  add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
    const Tag tag = tag_of(row, col);
    const bool real = has_tag(tag);
    const float value = value_of(tag);
    CellLook look{
        .fill = real ? mix(theme.surface, theme.input, 0.3 + 0.2 * strength(value, largest)) : theme.background,
        .stroke = real ? theme.input : theme.border,
        .stroke_width = 1,
        .number = number_text(static_cast<double>(value), 3),
        .number_color = real ? theme.text : theme.muted,
        .badge = {},
        .badge_color = {},
        .tag = tag,
        .hatched = !real,
        .dashed = cropped(1, row) || cropped(2, col)};
    if (look.dashed) look.number_color = theme.muted;
    return look;
  });
  if (stage == InsertionStage::slide && window_) {
    frame_window(grid.rect(), grid.cell, grid.cell + grid.gap, grid.gap);
  }
  return grid.rect();
}

/// The window: one frame around all of its taps, and with dilation one around each.
void InsertZerosMaps::frame_window(const Rect& map, double cell, double step, double gap) {
  const auto axes = layer_.as_3d();
  const auto at = [&](int64_t row, int64_t col) {
    return Rect{map.x + static_cast<double>(col) * step, map.y + static_cast<double>(row) * step, cell, cell};
  };
  const Rect first = at(window_->at[1], window_->at[2]);
  const Rect last = at(window_->at[1] + stamp_extent(axes[1]) - 1, window_->at[2] + stamp_extent(axes[2]) - 1);
  const double out = std::min(5.0, gap) + 1;
  figure_.add(RectShape{.rect = Rect{first.x, first.y, last.right() - first.x, last.bottom() - first.y}.grown(out),
                        .stroke = in_.theme.kernel,
                        .stroke_width = cell >= 16 ? 3.0 : 2.0,
                        .radius = std::min(7.0, cell * 0.15)});
  if (axes[1].dilation == 1 && axes[2].dilation == 1) return;
  for (int64_t ky = 0; ky < axes[1].kernel; ++ky) {
    for (int64_t kx = 0; kx < axes[2].kernel; ++kx) {
      figure_.add(RectShape{.rect = at(window_->at[1] + ky * axes[1].dilation, window_->at[2] + kx * axes[2].dilation),
                            .stroke = in_.theme.kernel,
                            .stroke_width = 1.5,
                            .radius = 3});
    }
  }
}

Rect InsertZerosMaps::draw_kernel(const Rect& room) {
  const Theme& theme = in_.theme;
  const auto axes = layer_.as_3d();
  if (!joined(layer_, state_.in_channel, state_.out_channel)) {
    const double y = add_paragraph(figure_, in_.text, {room.x, room.y + 16}, room.w, {.size = 13, .color = theme.muted},
                                   "These two channels lie in different groups: no weight joins them.");
    return {room.x, room.y, room.w, y - room.y};
  }
  const GridLayout grid = fit_grid(room, axes[1].kernel, axes[2].kernel, 54);
  const double largest = largest_magnitude(in_.results.weight.values());
  add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
    const KernelTap tap{
        state_.in_channel,
        state_.out_channel,
        {state_.tap_slice, turned() ? axes[1].kernel - 1 - row : row, turned() ? axes[2].kernel - 1 - col : col}};
    const float weight = in_.results.weight[flat_weight(layer_, tap.in_channel, tap.out_channel, tap.tap)];
    // Filled where this place of the window lies on an input cell.
    const bool meets = window_ && input_at(axes[0], window_->at[0] + kernel_slice() * axes[0].dilation) &&
                       input_at(axes[1], window_->at[1] + row * axes[1].dilation) &&
                       input_at(axes[2], window_->at[2] + col * axes[2].dilation);
    const double part = strength(weight, largest);
    return CellLook{.fill = meets ? mix(theme.surface, theme.kernel, 0.2 + 0.2 * part) : theme.surface,
                    .stroke = theme.kernel,
                    .stroke_width = 1,
                    .number = number_text(static_cast<double>(weight), 3),
                    .number_color = theme.text,
                    .badge = {},
                    .badge_color = {},
                    .tag = tap};
  });
  return grid.rect();
}

void add_insert_zeros_panel(Figure& figure, const ViewInput& in, const Rect& room) {
  const LayerSpec& layer = in.results.scenario.layer;
  const Theme& theme = in.theme;
  InsertZerosMaps maps(in, figure, focused_output(in));
  add_map_title(figure, in, room, theme.text, "Insert zeros", "— spread, pad, slide the turned kernel");
  const double side = std::clamp(room.w * 0.32, 70.0, 150.0);
  const double gap = 18;
  const Rect map = maps.draw_map({room.x, room.y, room.w - side - gap, room.h}, InsertionStage::slide);
  const double x = map.right() + gap;
  if (room.right() - x < side) return;  // nothing is left beside the map
  figure.add(TextShape{.at = {x, room.y + 12},
                       .text = in.text.fitted(Font::semibold, 12, "turned kernel", side),
                       .font = Font::semibold,
                       .size = 12,
                       .color = theme.kernel_text});
  const Rect kernel = maps.draw_kernel({x, room.y + 24, side, std::min(side, room.h - 110)});
  if (!joined(layer, in.interaction.in_channel, in.interaction.out_channel)) return;
  const std::string words =
      std::to_string(maps.met()) + " of " + std::to_string(maps.products()) + " products are not with an inserted zero";
  if (kernel.bottom() + 24 + 3 * 18 < room.bottom()) {
    add_paragraph(figure, in.text, {x, kernel.bottom() + 26}, side, {.size = 12, .color = theme.muted}, words);
  }
}

}  // namespace tconv
