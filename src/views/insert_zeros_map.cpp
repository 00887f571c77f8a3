#include "views/insert_zeros_map.h"

#include <algorithm>
#include <cmath>

#include "core/zero_insertion.h"
#include "views/large_map.h"
#include "views/linking.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

/// Rows and columns of the map at a stage, and where the input's cells lie in it.
struct InsertZerosMaps::Plane {
  struct Axis {
    int64_t extent = 1;
    int64_t begin = 0;  ///< position of input cell 0; negative: it is cropped
    int64_t step = 1;   ///< from one input cell to the next
    int64_t cells = 1;  ///< of the input
    // The positions that are not cropped next:
    int64_t first_kept = 0;
    int64_t last_kept = 0;

    std::optional<int64_t> input(int64_t position) const {
      const int64_t at = position - begin;
      if (at < 0 || at % step != 0 || at / step >= cells) return {};
      return at / step;
    }
    bool cropped(int64_t position) const { return position < first_kept || position > last_kept; }
    /// The input cells at the positions from first to last.
    int64_t inputs(int64_t first, int64_t last) const {
      if (last < begin) return 0;
      const int64_t before = first <= begin ? 0 : (first - begin + step - 1) / step;
      return std::max<int64_t>(0, std::min(cells, (last - begin) / step + 1) - before);
    }
  };
  std::array<Axis, 3> axes;  ///< z, y, x
  int64_t z = 0;             ///< the slice that is shown
  InsertionStage stage = InsertionStage::input;

  int64_t rows() const { return axes[1].extent; }
  int64_t cols() const { return axes[2].extent; }
  /// The input cell at a place of a sample's channel; no tag where a zero lies.
  Tag tag(int64_t batch, int64_t channel, int64_t row, int64_t col) const {
    const auto in_z = axes[0].input(z);
    const auto in_y = axes[1].input(row);
    const auto in_x = axes[2].input(col);
    if (!in_z || !in_y || !in_x) return {};
    return InputCell{{batch, channel, {*in_z, *in_y, *in_x}}};
  }
  bool is_image() const { return rows() > largest_cell_grid || cols() > largest_cell_grid; }
};

InsertZerosMaps::InsertZerosMaps(const ViewInput& in, Figure& figure, std::optional<CellIndex> window, bool turned)
    : in_(in),
      figure_(figure),
      layer_(in.results.scenario.layer),
      state_(in.interaction),
      window_(window),
      turned_(turned) {}

InsertZerosMaps::Plane InsertZerosMaps::plane_at(InsertionStage stage) const {
  const auto layer_axes = layer_.as_3d();
  Plane plane;
  plane.stage = stage;
  // The border's stage still shows what it crops; an image shows no dashes.
  const bool image = insertion_of(layer_axes[1]).padded > largest_cell_grid ||
                     insertion_of(layer_axes[2]).padded > largest_cell_grid ||
                     insertion_of(layer_axes[1]).spread > largest_cell_grid ||
                     insertion_of(layer_axes[2]).spread > largest_cell_grid;
  const bool shows_crop = stage == InsertionStage::border && !image;
  for (std::size_t a = 0; a < 3; ++a) {
    const InsertionAxis map = insertion_of(layer_axes[a]);
    Plane::Axis& axis = plane.axes[a];
    axis.cells = layer_axes[a].input;
    if (stage == InsertionStage::input) {
      axis.extent = axis.cells;
      axis.last_kept = axis.extent - 1;
      continue;
    }
    axis.step = layer_axes[a].stride;
    axis.extent = map.spread;
    if (stage != InsertionStage::zeros_between) {
      axis.begin = shows_crop ? std::max<int64_t>(0, map.border_begin) : map.border_begin;
      axis.extent = axis.begin + map.spread + (shows_crop ? std::max<int64_t>(0, map.border_end) : map.border_end);
    }
    axis.first_kept = axis.begin - map.border_begin;
    axis.last_kept = axis.first_kept + map.padded - 1;
  }
  plane.z = plane.axes[0].begin + state_.in_slice * plane.axes[0].step;
  if (stage == InsertionStage::slide && window_) plane.z = window_slice();
  plane.z = std::clamp<int64_t>(plane.z, 0, plane.axes[0].extent - 1);
  return plane;
}

/// The slice of the padded map that the shown slice of the kernel lies on.
int64_t InsertZerosMaps::window_slice() const {
  const AxisSpec axis = layer_.as_3d()[0];
  return window_->at[0] + (turned_ ? axis.kernel - 1 - state_.tap_slice : state_.tap_slice) * axis.dilation;
}

InsertZerosMaps::Count InsertZerosMaps::count(InsertionStage stage) const {
  const Plane plane = plane_at(stage);
  const auto& [z, y, x] = plane.axes;
  Count count;
  count.cells = y.extent * x.extent;
  count.zeros = count.cells;
  count.image = plane.is_image();
  if (!z.input(plane.z)) return count;
  const int64_t inputs = y.inputs(0, y.extent - 1) * x.inputs(0, x.extent - 1);
  count.zeros -= inputs;
  const bool slice_cropped = z.cropped(plane.z);
  count.cropped =
      inputs - (slice_cropped ? 0 : y.inputs(y.first_kept, y.last_kept) * x.inputs(x.first_kept, x.last_kept));
  return count;
}

int64_t InsertZerosMaps::met_in_slice() const {
  const auto axes = layer_.as_3d();
  if (!window_ || !input_at(axes[0], window_slice())) return 0;
  int64_t product = 1;
  for (std::size_t a = 1; a < 3; ++a) {
    int64_t met = 0;
    for (int64_t tap = 0; tap < axes[a].kernel; ++tap) {
      met += input_at(axes[a], window_->at[a] + tap * axes[a].dilation) ? 1 : 0;
    }
    product *= met;
  }
  return product;
}

std::string InsertZerosMaps::plane_text(InsertionStage stage) const {
  const Plane plane = plane_at(stage);
  std::string text;
  for (std::size_t a = static_cast<std::size_t>(3 - layer_.dims); a < 3; ++a) {
    text += (text.empty() ? "" : " × ") + std::to_string(plane.axes[a].extent);
  }
  return text + part_text(layer_, state_.in_channel, layer_.in_channels, plane.z, plane.axes[0].extent);
}

double InsertZerosMaps::largest_height(const Rect& room) const {
  double height = 0;
  for (const auto stage :
       {InsertionStage::input, InsertionStage::zeros_between, InsertionStage::border, InsertionStage::slide}) {
    const Plane plane = plane_at(stage);
    height = std::max(height, plane.is_image() ? fitted_rect(room, plane.rows(), plane.cols()).h
                                               : fit_grid(room, plane.rows(), plane.cols(), 62).height());
  }
  return height;
}

Rect InsertZerosMaps::draw_map(const Rect& room, InsertionStage stage) {
  const Plane plane = plane_at(stage);
  return plane.is_image() ? draw_image(room, plane) : draw_cells(room, plane);
}

Rect InsertZerosMaps::draw_cells(const Rect& room, const Plane& plane) {
  const Theme& theme = in_.theme;
  const Tensor& input = in_.results.input;
  const GridLayout grid = fit_grid(room, plane.rows(), plane.cols(), 62);
  const double largest = largest_magnitude(input.values());
  // The diagonals have the stroke's colour: stronger than a border, so that they are seen on small cells.
  const Color zero_stroke = mix(theme.border, theme.faint, 0.7);
  const bool slice_cropped = plane.axes[0].cropped(plane.z);
  add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
    const Tag tag = plane.tag(state_.batch, state_.in_channel, row, col);
    const auto* cell = std::get_if<InputCell>(&tag);
    const bool cropped = slice_cropped || plane.axes[1].cropped(row) || plane.axes[2].cropped(col);
    const float value = cell == nullptr ? 0.0F : input[flat_input(layer_, cell->cell)];
    CellLook look{.fill = theme.background,
                  .stroke = zero_stroke,
                  .stroke_width = 1,
                  .number = number_text(static_cast<double>(value), 3),
                  .number_color = theme.muted,
                  .badge = {},
                  .badge_color = {},
                  .tag = tag,
                  .hatched = cell == nullptr && !cropped,
                  .dashed = cropped};
    if (cell == nullptr) return look;
    look.stroke = theme.input;
    if (cropped) return look;
    look.fill = mix(theme.surface, theme.input, 0.3 + 0.2 * strength(value, largest));
    look.number_color = theme.text;
    return look;
  });
  if (plane.stage == InsertionStage::slide && window_) {
    frame_window([&](int64_t row, int64_t col) { return grid.cell_rect(row, col); }, std::min(5.0, grid.gap) + 1);
  }
  return grid.rect();
}

/// The shown plane of the input with the zeros between, row after row.
std::vector<float> InsertZerosMaps::spread_values(const Plane& plane) const {
  std::vector<float> values(static_cast<std::size_t>(plane.rows() * plane.cols()));
  const auto z = plane.axes[0].input(plane.z);
  if (!z) return values;
  const PlaneView input = plane_of(in_.results.input, state_.batch, state_.in_channel, *z);
  for (int64_t row = 0; row < input.rows; ++row) {
    for (int64_t col = 0; col < input.cols; ++col) {
      values[static_cast<std::size_t>(row * plane.axes[1].step * plane.cols() + col * plane.axes[2].step)] =
          input.values[static_cast<std::size_t>(row * input.cols + col)];
    }
  }
  return values;
}

Rect InsertZerosMaps::draw_image(const Rect& room, const Plane& plane) {
  std::vector<float> spread;
  PlaneView shown;
  if (plane.stage == InsertionStage::input) {
    shown = plane_of(in_.results.input, state_.batch, state_.in_channel, plane.z);
  } else if (plane.stage == InsertionStage::zeros_between) {
    spread = spread_values(plane);
    shown = {spread, plane.rows(), plane.cols()};
  } else {
    shown = plane_of(in_.results.ways->padded, state_.batch, state_.in_channel, plane.z);
  }
  const MapImage image = add_map_image(figure_, in_, room, {shown}, {});
  CellGrid& grid = figure_.grids.back();
  // A copy: the figure outlives this.
  grid.tag_of = [plane, batch = state_.batch, channel = state_.in_channel](int64_t row, int64_t col) {
    return plane.tag(batch, channel, row, col);
  };
  add_products(grid, plane);
  if (plane.stage == InsertionStage::slide && window_) {
    frame_window([&](int64_t row, int64_t col) { return grid.place(row, col, row, col); }, 2);
  }
  return {image.rect.x, image.rect.y, image.right - image.rect.x, image.bottom - image.rect.y};
}

/// Shapes for the input cells of an image that share a multiplication with the cursor, for `picture` to frame: it
/// cannot know where they lie among the zeros. Where there are many, the window's frame has to do.
void InsertZerosMaps::add_products(const CellGrid& grid, const Plane& plane) {
  auto set = multiplications_of(in_.interaction.hover);
  const auto z = plane.axes[0].input(plane.z);
  if (!set || !z || set->batch.value_or(state_.batch) != state_.batch ||
      set->in_channel.value_or(state_.in_channel) != state_.in_channel || set->input[0].value_or(*z) != *z) {
    return;
  }
  set->batch = state_.batch;
  set->in_channel = state_.in_channel;
  set->input[0] = *z;
  std::vector<std::array<int64_t, 3>> lit;
  if (set->input[1] && set->input[2]) {
    if (share_one(layer_, *set, *set)) lit.push_back({*z, *set->input[1], *set->input[2]});
  } else {
    constexpr std::size_t most = 256;
    const ListedMultiplications list = list_multiplications(layer_, *set, most);
    if (list.count > static_cast<int64_t>(most)) return;
    for (const Multiplication& one : list.first) lit.push_back(one.input.at);
  }
  for (const auto& at : lit) {
    const int64_t row = plane.axes[1].begin + at[1] * plane.axes[1].step;
    const int64_t col = plane.axes[2].begin + at[2] * plane.axes[2].step;
    const Rect place = grid.place(row, col, row, col);
    if (place.w <= 0 || place.h <= 0) continue;
    figure_.add(RectShape{.rect = place}, InputCell{{state_.batch, state_.in_channel, at}});
  }
}

/// The window: one frame around all of its taps, and with dilation one around each.
void InsertZerosMaps::frame_window(const std::function<Rect(int64_t row, int64_t col)>& cell_rect, double out) {
  const auto axes = layer_.as_3d();
  const Rect first = cell_rect(window_->at[1], window_->at[2]);
  const Rect last = cell_rect(window_->at[1] + stamp_extent(axes[1]) - 1, window_->at[2] + stamp_extent(axes[2]) - 1);
  const Rect all{first.x, first.y, last.right() - first.x, last.bottom() - first.y};
  if (all.w <= 0 || all.h <= 0) return;  // outside of the part that is shown
  figure_.add(RectShape{.rect = all.grown(out),
                        .stroke = in_.theme.kernel,
                        .stroke_width = first.w >= 16 ? 3.0 : 2.0,
                        .radius = std::min(7.0, first.w * 0.15)});
  // The holes of a dilated window stay free.
  if ((axes[1].dilation == 1 && axes[2].dilation == 1) || first.w < 6) return;
  for (int64_t ky = 0; ky < axes[1].kernel; ++ky) {
    for (int64_t kx = 0; kx < axes[2].kernel; ++kx) {
      const Rect cell = cell_rect(window_->at[1] + ky * axes[1].dilation, window_->at[2] + kx * axes[2].dilation);
      if (cell.w <= 0 || cell.h <= 0) continue;
      figure_.add(RectShape{.rect = cell, .stroke = in_.theme.kernel, .stroke_width = 2, .radius = 3});
    }
  }
}

/// The tap that lies at a place of the window.
KernelTap InsertZerosMaps::tap_at(int64_t row, int64_t col) const {
  const auto axes = layer_.as_3d();
  return {state_.in_channel,
          state_.out_channel,
          {state_.tap_slice, turned_ ? axes[1].kernel - 1 - row : row, turned_ ? axes[2].kernel - 1 - col : col}};
}

Rect InsertZerosMaps::draw_kernel(const Rect& room) {
  const Theme& theme = in_.theme;
  const auto axes = layer_.as_3d();
  if (!joined(layer_, state_.in_channel, state_.out_channel)) {
    const double y = add_paragraph(figure_, in_.text, {room.x, room.y + 16}, room.w, {.size = 13, .color = theme.muted},
                                   "These two channels lie in different groups: no weight joins them.");
    return {room.x, room.y, room.w, y - room.y};
  }
  const Tensor& weight = in_.results.weight;
  const auto value = [&](const KernelTap& tap) {
    return weight[flat_weight(layer_, tap.in_channel, tap.out_channel, tap.tap)];
  };
  const double largest = largest_magnitude(weight.values());
  if (axes[1].kernel > largest_cell_grid || axes[2].kernel > largest_cell_grid) {
    std::vector<float> values;
    for (int64_t row = 0; row < axes[1].kernel; ++row) {
      for (int64_t col = 0; col < axes[2].kernel; ++col) values.push_back(value(tap_at(row, col)));
    }
    ViewInput whole = in_;
    whole.interaction.viewport = {};
    const CellGrid grid =
        add_map_image(figure_, whole, room, {{values, axes[1].kernel, axes[2].kernel}}, {}, BarPlace::none);
    figure_.grids.back().tag_of = [last = tap_at(0, 0), turned = turned_](int64_t row, int64_t col) -> Tag {
      KernelTap tap = last;
      tap.tap[1] += turned ? -row : row;
      tap.tap[2] += turned ? -col : col;
      return tap;
    };
    return grid.rect;
  }
  const GridLayout grid = fit_grid(room, axes[1].kernel, axes[2].kernel, 54);
  add_cells(figure_, in_.text, grid, [&](int64_t row, int64_t col) {
    const KernelTap tap = tap_at(row, col);
    const float number = value(tap);
    // Filled where this place of the window lies on an input cell.
    const bool meets = window_ && input_at(axes[0], window_slice()) &&
                       input_at(axes[1], window_->at[1] + row * axes[1].dilation) &&
                       input_at(axes[2], window_->at[2] + col * axes[2].dilation);
    return CellLook{
        .fill = meets ? mix(theme.surface, theme.kernel, 0.2 + 0.2 * strength(number, largest)) : theme.surface,
        .stroke = theme.kernel,
        .stroke_width = 1,
        .number = number_text(static_cast<double>(number), 3),
        .number_color = theme.text,
        .badge = {},
        .badge_color = {},
        .tag = tap};
  });
  return grid.rect();
}

bool too_large_for_insertion(const ViewInput& in) { return in.results.ways->padded.empty(); }

void add_insert_zeros_panel(Figure& figure, const ViewInput& in, const Rect& room) {
  const LayerSpec& layer = in.results.scenario.layer;
  const Theme& theme = in.theme;
  if (too_large_for_insertion(in)) {
    add_map_title(figure, in, room, theme.text, "Insert zeros", "");
    add_paragraph(figure, in.text, {room.x, room.y + 14}, room.w, {.size = 13, .color = theme.muted},
                  "This layer is too large to be computed this way here.");
    return;
  }
  const CellIndex window = focused_output(in);
  InsertZerosMaps maps(in, figure, window, true);
  const std::string border = insertion_crops(layer) ? "crop" : "pad by " + border_text(layer);
  add_map_title(figure, in, room, theme.text, "Insert zeros", "— spread, " + border + ", slide the turned kernel");
  const double side = std::clamp(room.w * 0.32, 70.0, 150.0);
  const double gap = 18;
  const Rect map = maps.draw_map({room.x, room.y, room.w - side - gap, room.h}, InsertionStage::slide);
  const double x = map.right() + gap;
  if (room.right() - x < side) return;  // nothing is left beside the map
  figure.add(TextShape{.at = {x, room.y + 12},
                       .text = in.text.fitted(Font::semibold, 12, "Turned kernel", side),
                       .font = Font::semibold,
                       .size = 12,
                       .color = theme.kernel_text});
  const Rect kernel = maps.draw_kernel({x, room.y + 24, side, std::min(side, room.h - 110)});
  if (!joined(layer, in.interaction.in_channel, in.interaction.out_channel)) return;
  const std::string words = std::to_string(real_products(layer, window.at)) + " of " +
                            std::to_string(window_taps(layer)) + " products are not multiplied by an inserted zero";
  const auto lines = in.text.wrap(Font::regular, 12, words, side);
  if (kernel.bottom() + 26 + 18 * static_cast<double>(lines.size()) < room.bottom()) {
    add_paragraph(figure, in.text, {x, kernel.bottom() + 26}, side, {.size = 12, .color = theme.muted}, words);
  }
}

}  // namespace tconv
