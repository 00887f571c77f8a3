#include "views/count_map.h"

#include <algorithm>
#include <set>

#include "core/coverage.h"
#include "views/color_bar.h"
#include "views/color_scales.h"
#include "views/large_map.h"
#include "views/paint_maps.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

namespace {

std::array<std::vector<int64_t>, 3> hit_counts(const LayerSpec& layer) {
  const auto axes = layer.as_3d();
  return {axis_coverage(axes[0]), axis_coverage(axes[1]), axis_coverage(axes[2])};
}

}  // namespace

Rect add_count_map(Figure& figure, const ViewInput& in, const Rect& room) {
  const auto counts = hit_counts(in.results.scenario.layer);
  const Interaction& state = in.interaction;
  const int64_t depth = counts[0][static_cast<std::size_t>(state.out_slice)];
  const CellIndex origin{.batch = state.batch, .channel = state.out_channel, .at = {state.out_slice, 0, 0}};
  const auto rows = static_cast<int64_t>(counts[1].size());
  const auto cols = static_cast<int64_t>(counts[2].size());
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(rows * cols));
  for (const int64_t y : counts[1]) {
    for (const int64_t x : counts[2]) values.push_back(static_cast<float>(depth * y * x));
  }
  const ColorScale scale = count_scale_for(in, values);
  if (rows > largest_cell_grid || cols > largest_cell_grid) {
    const MapImage image = add_map_image(figure, in, room, PlaneView{values, rows, cols}, OutputCell{origin}, scale,
                                         BarPlace::beside_or_below);
    return {image.rect.x, image.rect.y, image.right - image.rect.x, image.bottom - image.rect.y};
  }
  const GridLayout grid = fit_grid(room_beside_bar(in, room), rows, cols, PaintMaps::largest_output_cell);
  figure.color_range = scale.range();
  add_cells(figure, in.text, grid, [&](int64_t row, int64_t col) {
    const int64_t count = depth * counts[1][static_cast<std::size_t>(row)] * counts[2][static_cast<std::size_t>(col)];
    const Color fill = scale.color(static_cast<double>(count));
    CellIndex cell = origin;
    cell.at = {state.out_slice, row, col};
    return CellLook{.fill = fill,
                    .stroke = in.theme.border,
                    .stroke_width = 0,
                    .number = std::to_string(count),
                    .number_color = readable_on(fill),
                    .badge = {},
                    .badge_color = {},
                    .tag = OutputCell{cell}};
  });
  Rect place = grid.rect();
  if (add_bar_beside(figure, in, place, room, scale)) place.w += color_column_width + color_column_gap;
  return place;
}

std::string painted_text(const LayerSpec& layer) {
  std::set<int64_t> all{1};
  for (const auto& axis : hit_counts(layer)) {
    std::set<int64_t> next;
    for (const int64_t count : std::set<int64_t>(axis.begin(), axis.end())) {
      for (const int64_t before : all) next.insert(before * count);
    }
    all = std::move(next);
  }
  if (all.size() > 6) return std::to_string(*all.begin()) + "× to " + std::to_string(*all.rbegin()) + "×";
  std::string text;
  for (const int64_t count : all) text += (text.empty() ? "" : " ") + std::to_string(count) + "×";
  return text;
}

void add_counts_panel(Figure& figure, const ViewInput& in, const Rect& room) {
  const LayerSpec& layer = in.results.scenario.layer;
  add_map_title(figure, in, room, in.theme.text, "Overlap", "— how many input cells paint each output cell");
  const bool wide = room.w >= 320;
  const double side = wide ? 150 : 0;
  const Rect map = add_count_map(figure, in, {room.x, room.y, room.w - side - (wide ? 24 : 0), room.h});
  if (!wide) return;
  Point at{map.right() + 24, room.y + 12};
  if (room.right() - at.x < side) return;  // nothing is left beside the map
  const auto line = [&](const std::vector<Span>& spans) {
    if (at.y > room.bottom()) return;
    double used = 0;
    for (const Span& span : spans) used += in.text.width(span.font, 12, span.text);
    if (used <= room.right() - at.x) add_spans(figure, in.text, at, 12, spans);
    at.y += 20;
  };
  const bool same = std::ranges::all_of(layer.spatial(), [&](const AxisSpec& axis) { return axis == layer.axes[0]; });
  for (int index = 0; index < (same ? 1 : layer.dims); ++index) {
    const AxisSpec& axis = layer.axes[static_cast<std::size_t>(index)];
    const auto counts = phase_counts(axis);
    line({{same ? "Taps per phase" : "Taps per phase, " + std::string(axis_name(layer, index)), in.theme.text,
           Font::semibold}});
    constexpr std::size_t most_phases = 6;
    for (std::size_t phase = 0; phase < std::min(counts.size(), most_phases); ++phase) {
      line({{std::to_string(phase) + " → ", in.theme.muted, Font::mono},
            {std::to_string(counts[phase]) + "×", in.theme.text, Font::mono}});
    }
    if (counts.size() > most_phases) {
      line({{"… " + std::to_string(counts.size() - most_phases) + " more", in.theme.muted}});
    }
    line({{"variance " + number_text(phase_variance(axis), 3), in.theme.muted}});
    at.y += 8;
  }
  const bool even = is_even(layer);
  line({{even ? "✓ even" : "✗ not even", even ? in.theme.good_text : in.theme.bad_text, Font::semibold}});
}

}  // namespace tconv
