#include "kernels/gradient_tiles_plan.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/integers.h"
#include "kernels/engine.h"
#include "kernels/toom_cook_steps.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t most_taps = 4096;
constexpr double most_gradient_weights = 1 << 27;  // floats
constexpr double most_values = 1 << 16;            // floats of a tile: those of some tiles must stay in the caches
constexpr int64_t kept_floats = 512 * 1024;        // of values at a time
constexpr double cached_values = 1.25e6;           // bytes that stay in the level 2 cache beside all else
constexpr int64_t least_together = 32;             // at a time, that fetching the weights pays for
constexpr int64_t most_together = 240;

/// Those that round at most three times worse than plain sums over so many products, see toom_cook_plan.cpp.
int most_cells(int taps, double added) {
  if (taps == 1) return 0;
  if (taps == 2) return added >= 256 ? 4 : 3;
  return added >= 1152 ? 4 : added >= 432 ? 3 : 2;
}

ToomCookAxis without_points(const AxisPlan& axis) {
  ToomCookAxis found;
  for (int64_t tap = 0; tap < axis.kernel; ++tap) found.points_phases.push_back({{tap}, tap * axis.dilation});
  found.tiles = axis.input;
  return found;
}

std::vector<ToomCookAxis> cuts_of(const AxisPlan& axis, double added) {
  std::vector<ToomCookAxis> cuts{without_points(axis)};
  ToomCookAxis found;
  if (!toom_cook_phases(axis, found).empty()) return cuts;
  for (int cells = 2; cells <= most_cells(found.taps, added); ++cells) {
    toom_cook_cut(axis, cells, found);
    cuts.push_back(found);
  }
  return cuts;
}

/// Of one core.
double cycles_of(const LayerPlan& layer, const ToomCookPlan& plan) {
  const double lanes = vector_lanes();
  const auto tiles = static_cast<double>(layer.batch * plan.tiles_in_strip() * plan.y.tiles);
  const auto in_blocks = static_cast<double>(ceil_div(layer.group_in(), vector_lanes()));
  const auto out_blocks = static_cast<double>(ceil_div(layer.group_out(), vector_lanes()));
  const auto groups = static_cast<double>(layer.groups);
  const std::vector<int> slots = gradient_tiles_slots(plan);
  const double channels = static_cast<double>(std::accumulate(slots.begin(), slots.end(), int64_t{0})) *
                          static_cast<double>(layer.group_out());  // of all planes
  const auto chain = static_cast<double>(gradient_tiles_chain(layer, plan));
  const double few = std::max(1.0, 8 / (std::min(tiles, 6.0) * std::min(in_blocks, 4.0)));
  const double multiply = few * tiles * channels * in_blocks * (1 + 2.5 / chain) / (2 * 0.95);
  const double weights = 4 * channels * in_blocks * lanes * groups;
  const double streamed = weights / (weights > 24e6 ? 9 : weights > 640e3 ? 16 : 64);

  double spread = 0;  // for a tile and block of output channels
  for (const ToomCookClass& one : plan.classes) {
    const double along_x = one.weights_x > 1 ? 3.5 * one.points_x * one.points_y : 0;
    spread += one.phases * (along_x + 5.0 * one.points_y * one.points_x);
  }
  const double gathered = 5.0 * static_cast<double>(layer.y().stride * layer.x().stride) * plan.y.cells * plan.x.cells;
  const bool cells = plan.y.taps == 1 && plan.x.taps == 1;
  const double collect = cells ? 4.0 : 3.0 * plan.planes() + 6.0 * plan.y.cells * plan.x.cells;
  const double bytes = 4.0 * static_cast<double>(layer.input_size() + layer.output_size());
  const double memory = memory_cycles(bytes);
  const auto together = static_cast<double>(gradient_tiles_together(static_cast<int64_t>(channels)));
  const double far = far_values_cycles(channels, together, tiles);
  return std::max(groups * multiply, streamed) +
         groups * tiles * (out_blocks * (spread + gathered) + in_blocks * collect) + groups * far + 0.3 * memory +
         2000 * groups;
}

}  // namespace

double far_values_cycles(double values, double together, double tiles) {
  const double bytes = 4 * values * std::min(together, tiles);
  return bytes > cached_values ? 3 * memory_cycles(bytes) * tiles / std::min(together, tiles) : 0;
}

std::int64_t gradient_tiles_together(std::int64_t values) {
  return std::clamp<int64_t>(kept_floats / values, least_together, most_together);
}

std::vector<int> gradient_tiles_slots(const ToomCookPlan& plan) {
  std::vector<int> slots(static_cast<std::size_t>(plan.planes()));
  for (const ToomCookClass& cls : plan.classes) {
    for (int i = 0; i < cls.points_y; ++i) {
      for (int j = 0; j < cls.points_x; ++j) slots[static_cast<std::size_t>(plan.plane_of(cls, i, j))] += cls.phases;
    }
  }
  return slots;
}

std::int64_t gradient_tiles_chain(const LayerPlan& layer, const ToomCookPlan& plan) {
  const bool many = layer.batch * plan.y.tiles * plan.x.tiles > 48;
  return many && plan.y.taps == 1 && plan.x.taps == 1 ? 128 : 32;
}

std::vector<ToomCookPlan> gradient_tiles_plans(const LayerPlan& layer) {
  std::vector<ToomCookPlan> plans;
  const AxisPlan& z = layer.z();
  if (z.input != 1 || z.output != 1 || z.kernel != 1 || z.padding != 0 || layer.taps() > most_taps) return plans;
  const double added = static_cast<double>(layer.group_out() * layer.taps());
  const int64_t blocks = ceil_div(layer.group_in(), vector_lanes());
  for (const ToomCookAxis& y : cuts_of(layer.y(), added)) {
    for (const ToomCookAxis& x : cuts_of(layer.x(), added)) {
      ToomCookPlan plan;
      plan.y = y;
      plan.x = x;
      plan.classes = toom_cook_classes(plan);
      const std::vector<int> slots = gradient_tiles_slots(plan);
      const auto all = static_cast<double>(std::accumulate(slots.begin(), slots.end(), 0));
      if (all * static_cast<double>(layer.in_channels * layer.group_out()) > most_gradient_weights) continue;
      if (all * static_cast<double>(layer.group_out()) > most_values) continue;
      // Enough units for the threads, and enough sums of each for the registers.
      const int64_t tiles = layer.batch * plan.tiles_in_strip() * plan.y.tiles;
      plan.blocks_together =
          static_cast<int>(std::clamp<int64_t>(tiles > 256 || tiles < 6 ? blocks : blocks / 4, 1, 4));
      plan.cycles = cycles_of(layer, plan);
      plans.push_back(std::move(plan));
    }
  }
  return plans;
}

std::optional<ToomCookPlan> gradient_tiles_plan(const LayerPlan& layer) {
  std::vector<ToomCookPlan> plans = gradient_tiles_plans(layer);
  if (plans.empty()) return {};
  return *std::ranges::min_element(plans, {}, &ToomCookPlan::cycles);
}

}  // namespace tconv
