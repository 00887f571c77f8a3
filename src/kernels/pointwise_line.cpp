#include "kernels/pointwise_line.h"

#include <algorithm>
#include <utility>

#include "core/integers.h"

namespace tconv {

using std::int64_t;

PointwiseLine::Axis PointwiseLine::pairs_of(const AxisPlan& plan) {
  Axis axis;
  axis.input.extent = plan.input;
  axis.output.extent = plan.output;
  for (std::size_t phase = 0; phase < plan.phases.size(); ++phase) {
    if (plan.phases[phase].empty()) continue;
    const AxisPlan::Tap& tap = plan.phases[phase].front();
    const auto cell = static_cast<int64_t>(phase);
    const int64_t first = std::max<int64_t>(0, -tap.offset);  // quotients
    const int64_t last = std::min(floor_div(plan.input - 1 - tap.plane, plan.input_planes) - tap.offset,
                                  floor_div(plan.output - 1 - cell, plan.stride));
    axis.pairs = std::max<int64_t>(0, last - first + 1);
    axis.input.first = (first + tap.offset) * plan.input_planes + tap.plane;
    axis.input.step = plan.input_planes;
    axis.output.first = first * plan.stride + cell;
    axis.output.step = plan.stride;
  }
  return axis;
}

std::optional<PointwiseLine> PointwiseLine::of(const LayerPlan& plan) {
  if (plan.taps() != 1) return std::nullopt;
  PointwiseLine line;
  for (std::size_t axis = 0; axis < 3; ++axis) line.axes_[axis] = pairs_of(plan.axes[axis]);
  if (line.cells() == 0) return std::nullopt;
  line.merge_rows();
  line.input_ = line.side_of(&Axis::input);
  line.output_ = line.side_of(&Axis::output);
  return line;
}

void PointwiseLine::merge_rows() {
  for (const auto& [outer, inner] : {std::pair<int, int>{1, 2}, {0, 1}, {1, 2}}) {
    Axis& rows = axes_[outer];
    Axis& row = axes_[inner];
    if (!row.whole() || (rows.pairs > 1 && (rows.input.step > 1 || rows.output.step > 1))) continue;
    const auto joined = [](const Cells& of_rows, const Cells& of_row) {
      return Cells{.first = of_rows.first * of_row.extent, .extent = of_rows.extent * of_row.extent};
    };
    row = {.pairs = rows.pairs * row.pairs,
           .input = joined(rows.input, row.input),
           .output = joined(rows.output, row.output)};
    rows = {};
  }
}

PointwiseLine::Side PointwiseLine::side_of(Cells Axis::*side) const {
  const auto& [z, y, x] = axes_;
  const auto follow = [&](const Axis& a) { return a.pairs == 1 || (a.*side).step == 1; };
  const auto all = [&](const Axis& a) { return a.pairs == (a.*side).extent; };
  const bool in_line =
      follow(x) && (y.pairs == 1 || (follow(y) && all(x))) && (z.pairs == 1 || (follow(z) && all(y) && all(x)));
  const int64_t begin = ((z.*side).first * (y.*side).extent + (y.*side).first) * (x.*side).extent + (x.*side).first;
  return {in_line, begin, (x.*side).step};
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

void PointwiseLine::list(Cells Axis::*side, int64_t first, int64_t last, std::vector<FlatMap::Piece>& pieces) const {
  pieces.clear();
  const Cells& z = axes_[0].*side;
  const Cells& y = axes_[1].*side;
  const Cells& x = axes_[2].*side;
  for_each_row(first, last, [&](int64_t pz, int64_t py, int64_t px, int64_t at, int64_t length) {
    pieces.push_back({at, length, (z.of(pz) * y.extent + y.of(py)) * x.extent + x.of(px)});
  });
}

void PointwiseLine::list_input(int64_t first, int64_t last, std::vector<FlatMap::Piece>& pieces) const {
  list(&Axis::input, first, last, pieces);
}

void PointwiseLine::list_output(int64_t first, int64_t last, std::vector<FlatMap::Piece>& pieces) const {
  list(&Axis::output, first, last, pieces);
}

void PointwiseLine::list_places(int64_t first, int64_t last, std::vector<Place>& places) const {
  places.clear();
  const auto& [z, y, x] = axes_;
  for_each_row(first, last, [&](int64_t pz, int64_t py, int64_t px, int64_t at, int64_t length) {
    const int64_t begin = x.begin(px);
    const int64_t cells = x.end(px + length - 1) - begin;
    const int64_t result_z = z.output.of(pz);
    const int64_t result_y = y.output.of(py);
    for (int64_t oz = z.begin(pz); oz < z.end(pz); ++oz) {
      for (int64_t oy = y.begin(py); oy < y.end(py); ++oy) {
        const int64_t to = (oz * y.output.extent + oy) * x.output.extent + begin;
        if (oz == result_z && oy == result_y) {
          places.push_back({at, length, to, x.output.of(px) - begin, cells});
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
