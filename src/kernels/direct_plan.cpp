#include "kernels/direct_plan.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>

#include "core/integers.h"
#include "kernels/axis_pattern.h"
#include "kernels/chained_products.h"
#include "kernels/engine.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t passes_in_place = 1;     // over the input, by blocks of output channels; more pay for packing it
constexpr int64_t shortest_in_place = 16;  // rows of so many cells keep all offsets of a pattern apart

bool fits_in_place(const LayerPlan& plan, const DirectShape& shape) {
  const AxisPlan& z = plan.z();
  return z.input == 1 && z.output == 1 && z.kernel == 1 && z.padding == 0 && plan.y().input_planes == 1 &&
         plan.x().input >= shortest_in_place && ceil_div(plan.group_out(), shape.outputs) <= passes_in_place;
}

bool fits(const LayerPlan& plan, const DirectShape& shape) {
  return (!shape.in_place || fits_in_place(plan, shape)) &&
         (shape.phases_x == 1 || shape.phases_x == plan.x().stride) &&
         (shape.phases_y == 1 || shape.phases_y == plan.y().stride || plan.y().stride == 1) &&
         (shape.pattern == 0 || shape.pattern == pattern_of(plan.x()));
}

/// Of one core; what all choices share (memory) is not in it. The plan is that for the shape.
double shape_cycles_of(const LayerPlan& plan, const DirectShape& shape, FlatMap::Lines lines) {
  const double lanes = vector_lanes();
  const auto chunk = static_cast<int64_t>(lanes) * shape.vectors;
  const FlatMap map(plan, chunk, lines);
  const auto chunks = static_cast<double>(map.chunks());
  const double blocks = static_cast<double>(plan.groups * ceil_div(plan.group_out(), shape.outputs));
  const int phases = shape.phases_x * shape.phases_y;
  const double classes =
      static_cast<double>(plan.z().stride * (plan.y().stride / shape.phases_y) * (plan.x().stride / shape.phases_x));
  // Taps and the offsets at which they read, of the average class.
  const double rows_together = static_cast<double>(plan.y().input_step);
  const double taps = static_cast<double>(plan.taps()) * rows_together / classes;
  double terms = 1;
  for (int axis = 0; axis < 3; ++axis) {
    const AxisPlan& a = plan.axes[static_cast<std::size_t>(axis)];
    const int together = axis == 2 ? shape.phases_x : axis == 1 ? shape.phases_y : 1;
    const double of_phase =
        static_cast<double>(a.kernel) * static_cast<double>(a.input_step) / static_cast<double>(a.stride);
    const auto all = static_cast<double>(a.most_offset - a.least_offset + 1);
    terms *= std::max(1.0, together > 1 ? std::min(all, of_phase * together) : of_phase);
  }
  terms = std::min(terms, std::max(taps, 1.0));
  const double multiply = taps * shape.outputs * shape.vectors / 2;
  const double load = (terms * shape.vectors * 1.8 + taps * shape.outputs) / 2;  // most loads cross a cache line
  const double branches = shape.pattern != 0 ? terms * shape.phases_y * 0.3 : phases > 1 ? terms * phases * 0.6 : terms;
  const double channels = static_cast<double>(plan.group_in());
  double tile = channels * (std::max(multiply * 1.08, load) + branches) + 40 + phases * shape.outputs * shape.vectors;

  if (lines == FlatMap::Lines::in_place) tile += 80;  // to find what lies inside

  const double quotients = static_cast<double>(plan.x().quotients);
  const double full = static_cast<double>(plan.x().output / plan.x().stride);
  double direct_share = 0;  // of tiles that are written at once
  if (shape.phases_x == plan.x().stride) {
    direct_share = lines != FlatMap::Lines::run_on ? std::floor(full / static_cast<double>(chunk)) /
                                                         std::ceil(quotients / static_cast<double>(chunk))
                                                   : std::max(0.0, 1 - static_cast<double>(chunk) / full);
  }
  const double written = static_cast<double>(phases * shape.outputs) * static_cast<double>(chunk);
  tile += (1 - direct_share) * written * (shape.phases_x != plan.x().stride ? 1.5 : lanes > 4 ? 0.06 : 0.35);
  const double read = static_cast<double>(std::min(map.input_planes(), plan.taps()) * plan.in_channels) * chunks *
                      static_cast<double>(chunk);
  const double rows = static_cast<double>(plan.batch * plan.in_channels * plan.z().input * plan.y().input);
  const double packing = lines == FlatMap::Lines::in_place ? 0
                                                           : read / (map.input_stride() > 4   ? 0.3
                                                                     : map.input_stride() > 1 ? 2
                                                                                              : 6) +
                                                                 30 * rows;
  return chunks * blocks * classes * tile + packing;
}

}  // namespace

LayerPlan for_shape(LayerPlan plan, const DirectShape& shape) {
  if (shape.phases_y != plan.y().stride && shape.phases_y > 1) plan.axes[1] = unrolled(plan.y(), shape.phases_y);
  return plan;
}

DirectChoice best_direct_choice(const LayerPlan& plan) {
  using Lines = FlatMap::Lines;
  DirectChoice best;
  std::vector<DirectShape> shapes(general_shapes().begin(), general_shapes().end());
  shapes.insert(shapes.end(), pattern_shapes().begin(), pattern_shapes().end());
  for (const DirectShape& shape : shapes) {
    if (!fits(plan, shape)) continue;
    const LayerPlan taken = for_shape(plan, shape);
    for (const Lines lines : {Lines::by_rows, Lines::run_on, Lines::in_place}) {
      if (lines == Lines::run_on && taken.y().input_step > 1) continue;
      if ((lines == Lines::in_place) != shape.in_place) continue;
      const double cycles = shape_cycles_of(taken, shape, lines);
      if (best.shape.run == nullptr || cycles < best.cycles) best = {shape, lines, cycles};
    }
  }
  return best;
}

std::string tile_words(const DirectShape& shape) {
  std::string text =
      std::to_string(shape.outputs) + (shape.outputs == 1 ? " output channel × " : " output channels × ");
  const int phases = shape.phases_y * shape.phases_x;
  if (phases > 1) text += std::to_string(phases) + " phases × ";
  return text + std::to_string(shape.vectors * vector_lanes()) + " neighbouring cells";
}

double direct_class_count(const LayerPlan& plan) {
  double count = 1;
  for (const AxisPlan& axis : plan.axes) count *= static_cast<double>(std::min(axis.stride, axis.output));
  return count;
}

std::vector<DirectClass> direct_classes(const LayerPlan& plan, const DirectShape& shape, const FlatMap& map) {
  std::vector<DirectClass> classes;
  // Phases that begin behind the output have no cell.
  const auto present = [](const AxisPlan& axis) { return std::min(axis.stride, axis.output); };
  for (int64_t z = 0; z < present(plan.z()); ++z) {
    for (int64_t y = 0; y < present(plan.y()); y += shape.phases_y) {
      for (int64_t x = 0; x < present(plan.x()); x += shape.phases_x) {
        DirectClass cls{.z = z, .y = y, .x = x, .reads = {}};
        std::map<std::pair<int64_t, int64_t>, std::uint32_t> reached;  // by plane and offset
        int64_t longest = 0;
        std::vector<int64_t> taps_of_phase(static_cast<std::size_t>(shape.phases_x * shape.phases_y));
        for_each_tap(plan, shape, cls, [&](const auto& tap_z, const auto& tap_y, const auto& tap_x, int phase) {
          const int64_t plane = map.plane(tap_z.plane, tap_y.plane, tap_x.plane);
          reached[{plane, map.offset(tap_z.offset, tap_y.offset, tap_x.offset)}] |= std::uint32_t{1} << phase;
          ++cls.phase_taps;
          longest = std::max(longest, ++taps_of_phase[static_cast<std::size_t>(phase)]);
        });
        for (const auto& [place, phases] : reached) cls.reads.push_back({place.first, place.second, phases});
        cls.channels_apart = std::max<int64_t>(1, chained_products / std::max<int64_t>(1, longest));
        classes.push_back(std::move(cls));
      }
    }
  }
  return classes;
}

void mark_rows(const DirectShape& shape, std::vector<DirectTerm>& terms) {
  const auto offsets = static_cast<std::size_t>(offsets_of(shape.pattern));  // and as many terms a row
  int64_t weights = 0;
  for (std::size_t first = 0; first < terms.size(); first += offsets) {
    terms[first].weights = weights;
    for (std::size_t i = first; i < first + offsets; ++i) weights += std::popcount(terms[i].phases) * shape.outputs;
    for (int y = 0; y < shape.phases_y; ++y) {
      const std::uint32_t phases = ((std::uint32_t{1} << shape.phases_x) - 1) << (y * shape.phases_x);
      for (std::size_t i = first; i < first + offsets; ++i) {
        if ((terms[i].phases & phases) != 0) terms[first].rows |= std::uint32_t{1} << y;
      }
    }
  }
}

}  // namespace tconv
