#include "views/linking.h"

#include <algorithm>

#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;
using Index = Multiplications::Index;
using Indices = std::array<Index, 3>;

bool within(const Index& index, int64_t extent) { return !index || (*index >= 0 && *index < extent); }

/// Whether an input cell i, a tap k and an output cell j of one axis meet: j = i·S + k·D − P; what is empty is free.
bool meet(const AxisSpec& axis, Index i, Index k, Index j) {
  const int64_t outputs = output_size(axis);
  if (!within(i, axis.input) || !within(k, axis.kernel) || !within(j, outputs)) return false;
  if (i && k) {
    const int64_t lands = *i * axis.stride + *k * axis.dilation - axis.padding_begin;
    return j ? lands == *j : lands >= 0 && lands < outputs;
  }
  if (i && j) {
    const int64_t reach = *j + axis.padding_begin - *i * axis.stride;
    return reach >= 0 && reach % axis.dilation == 0 && reach / axis.dilation < axis.kernel;
  }
  if (i) {
    // Some tap with 0 <= i·S + k·D − P < O.
    const int64_t offset = *i * axis.stride - axis.padding_begin;
    const int64_t first = std::max<int64_t>(0, ceil_div(-offset, axis.dilation));
    return first < axis.kernel && offset + first * axis.dilation < outputs;
  }
  if (k && j) {
    const int64_t start = *j + axis.padding_begin - *k * axis.dilation;
    return start >= 0 && start % axis.stride == 0 && start / axis.stride < axis.input;
  }
  if (k) {
    const CellRange cells = cells_that_land(axis, *k);
    return cells.first <= cells.last;
  }
  if (j) {
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      if (meet(axis, i, tap, j)) return true;
    }
    return false;
  }
  return true;
}

/// What both know; false when they contradict each other.
bool merge(Index& into, const Index& other) {
  if (!into) into = other;
  return !other || *into == *other;
}

bool merge(Indices& into, const Indices& other) {
  return merge(into[0], other[0]) && merge(into[1], other[1]) && merge(into[2], other[2]);
}

bool merge(Multiplications& into, const Multiplications& other) {
  return merge(into.batch, other.batch) && merge(into.in_channel, other.in_channel) &&
         merge(into.out_channel, other.out_channel) && merge(into.input, other.input) && merge(into.tap, other.tap) &&
         merge(into.output, other.output);
}

bool meet(const LayerSpec& layer, const Multiplications& set) {
  if (!within(set.batch, layer.batch) || !within(set.in_channel, layer.in_channels) ||
      !within(set.out_channel, layer.out_channels)) {
    return false;
  }
  if (set.in_channel && set.out_channel && !joined(layer, *set.in_channel, *set.out_channel)) return false;
  const auto axes = layer.as_3d();
  for (std::size_t a = 0; a < 3; ++a) {
    if (!meet(axes[a], set.input[a], set.tap[a], set.output[a])) return false;
  }
  return true;
}

Indices known(const std::array<int64_t, 3>& place) { return {place[0], place[1], place[2]}; }

struct Maker {
  using Result = std::optional<Multiplications>;

  static Result of_input(const CellIndex& cell) {
    Multiplications set;
    set.batch = cell.batch;
    set.in_channel = cell.channel;
    set.input = known(cell.at);
    return set;
  }
  static Result of_output(const CellIndex& cell) {
    Multiplications set;
    set.batch = cell.batch;
    set.out_channel = cell.channel;
    set.output = known(cell.at);
    return set;
  }
  template <typename Tap>
  static Result of_tap(const Tap& tap) {
    Multiplications set;
    set.in_channel = tap.in_channel;
    set.out_channel = tap.out_channel;
    set.tap = known(tap.tap);
    return set;
  }

  Result operator()(const InputCell& tag) const { return of_input(tag.cell); }
  Result operator()(const GradInputCell& tag) const { return of_input(tag.cell); }
  Result operator()(const OutputCell& tag) const { return of_output(tag.cell); }
  Result operator()(const GradOutputCell& tag) const { return of_output(tag.cell); }
  Result operator()(const KernelTap& tag) const { return of_tap(tag); }
  Result operator()(const GradKernelTap& tag) const { return of_tap(tag); }
  Result operator()(const Multiplication& tag) const {
    Result set = of_input(tag.input);
    set->out_channel = tag.out_channel;
    set->tap = known(tag.tap);
    return set;
  }
  template <typename Other>
  Result operator()(const Other&) const {
    return {};
  }
};

Color role_color(const Theme& theme, const Tag& tag) {
  if (std::holds_alternative<InputCell>(tag) || std::holds_alternative<GradInputCell>(tag)) return theme.input;
  if (std::holds_alternative<KernelTap>(tag) || std::holds_alternative<GradKernelTap>(tag)) return theme.kernel;
  if (std::holds_alternative<OutputCell>(tag) || std::holds_alternative<GradOutputCell>(tag)) return theme.output;
  return theme.cursor;
}

void add_frame(Figure& figure, const Rect& place, const Tag& tag, Color color) {
  if (place.w <= 0 || place.h <= 0) return;
  // Never so small that it could not be seen.
  const double side = std::min(place.w, place.h);
  const Rect rect = place.grown(side >= 12 ? 1 : std::max(0.5, (5 - side) / 2));
  figure.shapes.push_back({.what = RectShape{.rect = rect,
                                             .stroke = color,
                                             .stroke_width = side >= 12 ? 2 : 1.5,
                                             .radius = side >= 24   ? 5.0
                                                       : side >= 12 ? 2.0
                                                                    : 0.0},
                           .tag = tag,
                           .highlight = true});
}

constexpr std::size_t most_frames = 256;  // in a map that is an image; for more of them one frame around all

void light_grid(Figure& figure, const CellGrid& grid, const ViewInput& in, const Multiplications& cursor) {
  auto plane = multiplications_of(grid.first);
  if (!plane || grid.tag_of) return;
  const LayerSpec& layer = in.results.scenario.layer;
  Indices& place = plane->input[0] ? plane->input : plane->output;
  place[1] = place[2] = {};
  // The axes are independent of each other: what is lit are some rows times some columns.
  const auto lit = [&](std::size_t axis, int64_t count) {
    std::vector<int64_t> found;
    for (int64_t index = 0; index < count; ++index) {
      place[axis] = index;
      if (share_one(layer, cursor, *plane)) found.push_back(index);
    }
    place[axis] = {};
    return found;
  };
  const auto rows = lit(1, grid.rows);
  const auto cols = lit(2, grid.cols);
  if (rows.empty() || cols.empty()) return;
  const auto frame = [&](int64_t row, int64_t col, int64_t last_row, int64_t last_col, const Tag& tag) {
    const Color color = tag == in.interaction.hover ? in.theme.cursor : role_color(in.theme, grid.first);
    add_frame(figure, grid.place(row, col, last_row, last_col), tag, color);
  };
  if (rows.size() * cols.size() > most_frames) return frame(rows[0], cols[0], rows.back(), cols.back(), {});
  for (const int64_t row : rows) {
    for (const int64_t col : cols) frame(row, col, row, col, grid.tag(row, col));
  }
}

}  // namespace

std::optional<Multiplications> multiplications_of(const Tag& tag) { return std::visit(Maker{}, tag); }

bool share_one(const LayerSpec& layer, const Multiplications& a, const Multiplications& b) {
  Multiplications both = a;
  return merge(both, b) && meet(layer, both);
}

CellIndex output_of(const LayerSpec& layer, const Multiplication& one) {
  const auto axes = layer.as_3d();
  CellIndex cell{.batch = one.input.batch, .channel = one.out_channel, .at = {}};
  for (std::size_t a = 0; a < 3; ++a) {
    cell.at[a] = one.input.at[a] * axes[a].stride + one.tap[a] * axes[a].dilation - axes[a].padding_begin;
  }
  return cell;
}

ListedMultiplications list_multiplications(const LayerSpec& layer, const Multiplications& set, std::size_t most) {
  const auto axes = layer.as_3d();
  // Per axis, the (input cell, tap) pairs that meet; all combinations of them are multiplications.
  std::array<std::vector<std::array<int64_t, 2>>, 3> pairs;
  for (std::size_t a = 0; a < 3; ++a) {
    for (int64_t tap = 0; tap < axes[a].kernel; ++tap) {
      if (set.tap[a] && *set.tap[a] != tap) continue;
      CellRange cells = cells_that_land(axes[a], tap);
      // An axis may be a million cells long: where the cell is known, or follows, it is not looked for.
      const auto keep_only = [&](int64_t cell) { cells = {std::max(cells.first, cell), std::min(cells.last, cell)}; };
      if (set.input[a]) keep_only(*set.input[a]);
      if (set.output[a]) {
        const int64_t start = *set.output[a] + axes[a].padding_begin - tap * axes[a].dilation;
        if (start < 0 || start % axes[a].stride != 0) continue;
        keep_only(start / axes[a].stride);
      }
      for (int64_t cell = cells.first; cell <= cells.last; ++cell) {
        if (meet(axes[a], cell, tap, set.output[a])) pairs[a].push_back({cell, tap});
      }
    }
  }
  ListedMultiplications list;
  const auto each = [](const Index& known, int64_t count, const auto& use) {
    for (int64_t i = known.value_or(0); i < (known ? *known + 1 : count); ++i) use(i);
  };
  each(set.batch, layer.batch, [&](int64_t n) {
    each(set.in_channel, layer.in_channels, [&](int64_t c) {
      each(set.out_channel, layer.out_channels, [&](int64_t o) {
        if (!joined(layer, c, o)) return;
        list.count += static_cast<int64_t>(pairs[0].size() * pairs[1].size() * pairs[2].size());
        for (const auto& z : pairs[0]) {
          for (const auto& y : pairs[1]) {
            for (const auto& x : pairs[2]) {
              if (list.first.size() == most) return;
              list.first.push_back({{n, c, {z[0], y[0], x[0]}}, o, {z[1], y[1], x[1]}});
            }
          }
        }
      });
    });
  });
  return list;
}

void add_highlights(Figure& figure, const ViewInput& in) {
  const auto cursor = multiplications_of(in.interaction.hover);
  if (!cursor || !in.results.ready()) return;
  const LayerSpec& layer = in.results.scenario.layer;
  const std::size_t drawn = figure.shapes.size();
  for (std::size_t i = 0; i < drawn; ++i) {
    const auto* box = std::get_if<RectShape>(&figure.shapes[i].what);
    if (box == nullptr || !has_tag(figure.shapes[i].tag)) continue;
    const Tag tag = figure.shapes[i].tag;
    const auto own = multiplications_of(tag);
    if (!own || !share_one(layer, *cursor, *own)) continue;
    const Rect rect = box->rect;
    add_frame(figure, rect, tag, tag == in.interaction.hover ? in.theme.cursor : role_color(in.theme, tag));
  }
  for (const CellGrid& grid : figure.grids) light_grid(figure, grid, in, *cursor);
}

}  // namespace tconv
