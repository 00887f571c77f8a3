#include "kernels/pointwise_line.h"

#include <algorithm>
#include <utility>

#include "core/integers.h"

namespace tconv {

using std::int64_t;

PointwiseLine::Axis PointwiseLine::pairs_of(const AxisPlan& plan) {
  Axis axis;
  axis.input = plan.input;
  axis.output = plan.output;
  for (std::size_t phase = 0; phase < plan.phases.size(); ++phase) {
    if (plan.phases[phase].empty()) continue;
    const AxisPlan::Tap& tap = plan.phases[phase].front();
    const auto cell = static_cast<int64_t>(phase);
    const int64_t first = std::max<int64_t>(0, -tap.offset);  // quotients
    const int64_t last = std::min(floor_div(plan.input - 1 - tap.plane, plan.input_planes) - tap.offset,
                                  floor_div(plan.output - 1 - cell, plan.stride));
    axis.pairs = std::max<int64_t>(0, last - first + 1);
    axis.in_first = (first + tap.offset) * plan.input_planes + tap.plane;
    axis.in_step = plan.input_planes;
    axis.out_first = first * plan.stride + cell;
    axis.out_step = plan.stride;
  }
  return axis;
}

std::optional<PointwiseLine> PointwiseLine::of(const LayerPlan& plan) {
  if (plan.taps() != 1) return std::nullopt;
  PointwiseLine line;
  for (std::size_t axis = 0; axis < 3; ++axis) line.axes_[axis] = pairs_of(plan.axes[axis]);
  if (line.cells() == 0) return std::nullopt;
  line.merge_rows();
  line.find_sides();
  return line;
}

void PointwiseLine::merge_rows() {
  for (const auto& [outer, inner] : {std::pair<int, int>{1, 2}, {0, 1}, {1, 2}}) {
    Axis& rows = axes_[outer];
    Axis& row = axes_[inner];
    if (!row.whole() || (rows.pairs > 1 && (rows.in_step > 1 || rows.out_step > 1))) continue;
    row = {.pairs = rows.pairs * row.pairs,
           .in_first = rows.in_first * row.input,
           .input = rows.input * row.input,
           .out_first = rows.out_first * row.output,
           .output = rows.output * row.output};
    rows = {};
  }
}

void PointwiseLine::find_sides() {
  const auto [z, y, x] = axes_;
  const auto in_line = [&](int64_t Axis::*step, int64_t Axis::*extent) {
    const auto follow = [&](const Axis& a) { return a.pairs == 1 || a.*step == 1; };
    const auto all = [&](const Axis& a) { return a.pairs == a.*extent; };
    return follow(x) && (y.pairs == 1 || (y.*step == 1 && all(x))) &&
           (z.pairs == 1 || (z.*step == 1 && all(y) && all(x)));
  };
  input_ = {in_line(&Axis::in_step, &Axis::input), (z.in_first * y.input + y.in_first) * x.input + x.in_first,
            x.in_step};
  output_ = {in_line(&Axis::out_step, &Axis::output), (z.out_first * y.output + y.out_first) * x.output + x.out_first,
             x.out_step};
}

template <typename Visit>
void PointwiseLine::for_each_row(int64_t first, int64_t last, const Visit& visit) const {
  const int64_t columns = axes_[2].pairs;
  for (int64_t position = first; position < last;) {
    const int64_t row = position / columns;
    const int64_t x = position % columns;
    const int64_t length = std::min(columns - x, last - position);
    visit(row / axes_[1].pairs, row % axes_[1].pairs, x, position - first, length);
    position += length;
  }
}

void PointwiseLine::list_input(int64_t first, int64_t last, std::vector<FlatMap::Piece>& pieces) const {
  pieces.clear();
  const auto& [z, y, x] = axes_;
  for_each_row(first, last, [&](int64_t pz, int64_t py, int64_t px, int64_t at, int64_t length) {
    const int64_t row = (z.in_first + pz * z.in_step) * y.input + y.in_first + py * y.in_step;
    pieces.push_back({at, length, row * x.input + x.in_first + px * x.in_step});
  });
}

void PointwiseLine::list_output(int64_t first, int64_t last, std::vector<FlatMap::Piece>& pieces) const {
  pieces.clear();
  const auto& [z, y, x] = axes_;
  for_each_row(first, last, [&](int64_t pz, int64_t py, int64_t px, int64_t at, int64_t length) {
    const int64_t row = (z.out_first + pz * z.out_step) * y.output + y.out_first + py * y.out_step;
    pieces.push_back({at, length, row * x.output + x.out_first + px * x.out_step});
  });
}

void PointwiseLine::list_places(int64_t first, int64_t last, std::vector<Place>& places) const {
  places.clear();
  const auto& [z, y, x] = axes_;
  for_each_row(first, last, [&](int64_t pz, int64_t py, int64_t px, int64_t at, int64_t length) {
    const int64_t begin = x.begin(px);
    const int64_t cells = x.end(px + length - 1) - begin;
    const int64_t result_z = z.out_first + pz * z.out_step;
    const int64_t result_y = y.out_first + py * y.out_step;
    for (int64_t oz = z.begin(pz); oz < z.end(pz); ++oz) {
      for (int64_t oy = y.begin(py); oy < y.end(py); ++oy) {
        const int64_t to = (oz * y.output + oy) * x.output + begin;
        if (oz == result_z && oy == result_y) {
          places.push_back({at, length, to, x.out_first + px * x.out_step - begin, cells});
        } else if (!places.empty() && places.back().to + places.back().cells == to) {
          places.back().cells += cells;  // nothing but bias follows
        } else {
          places.push_back({at, 0, to, cells, cells});
        }
      }
    }
  });
}

}  // namespace tconv
