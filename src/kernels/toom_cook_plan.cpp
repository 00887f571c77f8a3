#include "kernels/toom_cook_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/integers.h"
#include "kernels/engine.h"
#include "kernels/toom_cook_steps.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t least_tile_channels = 8;     // with fewer the transforms take longer than what they save
constexpr double most_tile_weights = 1 << 27;  // floats; they are up to 6 times those of the layer

/// Tiles of more cells would round worse than three times what plain sums do, whose rounding grows with the channels
/// while that of the transforms stays; measured for uniform numbers.
int most_cells(int taps, int64_t channels) {
  if (taps == 1) return 2;
  if (taps == 2) return channels >= 64 ? 4 : 3;
  return channels >= 128 ? 4 : channels >= 48 ? 3 : 2;
}

/// Of output channels, for at least two vectors of sums, where there are so many.
int blocks_together(const LayerPlan& layer, const std::vector<ToomCookClass>& classes) {
  const bool one_phase = std::ranges::all_of(classes, [](const ToomCookClass& one) { return one.phases == 1; });
  return one_phase && layer.group_out() > vector_lanes() ? 2 : 1;
}

/// Of all groups, as the kernel keeps them.
double weight_floats(const LayerPlan& layer, const ToomCookPlan& plan) {
  const int64_t blocks = ceil_div(layer.group_out(), vector_lanes());
  double floats = 0;
  for (const ToomCookClass& one : plan.classes) {
    floats += static_cast<double>(int64_t{one.weights_y} * one.weights_x * one.phases * blocks * vector_lanes());
  }
  return floats * static_cast<double>(layer.in_channels);
}

/// In registers, see toom_cook_products-inl.h.
double sums_at_a_time(int phases, int blocks, double tiles) {
  const int vectors = std::min(vector_lanes() >= 16 ? 4 : 2, phases * blocks);
  return vectors * tiles / std::ceil(tiles / (vectors == 4 ? 6 : 8));
}

/// Of one core that has all of the layer to do.
double tile_cycles_of(const LayerPlan& layer, const ToomCookPlan& plan) {
  const double lanes = vector_lanes();
  const double tiles = static_cast<double>(layer.batch * plan.tiles_in_strip() * plan.y.tiles);
  const double in_blocks = std::ceil(static_cast<double>(layer.group_in()) / lanes);
  const double out_blocks = std::ceil(static_cast<double>(layer.group_out()) / lanes);
  const double channels = static_cast<double>(layer.group_in());
  const int together = blocks_together(layer, plan.classes);
  double products = 0;    // vectors, for a tile and an input channel
  double multiplied = 0;  // likewise, those counted more that wait for the ones before
  double combined = 0;    // vectors that a tile's sums are read from and its results written to
  for (const ToomCookClass& one : plan.classes) {
    const double vectors = one.phases * out_blocks;
    products += one.points_y * one.points_x * vectors;
    multiplied +=
        one.points_y * one.points_x * vectors * std::max(1.0, 10 / sums_at_a_time(one.phases, together, tiles));
    combined += (3.5 * one.points_y * one.points_x + 6.0 * one.points_y * plan.x.cells) * vectors;
  }
  const double chains = 1 + 3.0 / std::min<double>(channels, toom_cook_chain);
  const double multiply = tiles * multiplied * channels * chains / (2 * 0.9);
  const double expand = tiles * in_blocks * (3.0 * plan.planes() + 4.0 * plan.y.cells * plan.x.cells);
  const double written = tiles * out_blocks * static_cast<double>(plan.y.reach(layer.y()) * plan.x.reach(layer.x())) /
                         static_cast<double>(plan.y.spacing * plan.x.spacing);
  const double bytes = 4.0 * static_cast<double>(layer.input_size() + layer.output_size());
  const double memory = memory_cycles(bytes);
  const double weights = 4 * weight_floats(layer, plan);
  const double streamed = weights / (weights > 24e6 ? 8 : 10);  // from beyond the level 2 cache, once
  // Sums of so many phases that they leave that cache before they are combined.
  const double sums = 4 * lanes * tiles * products * static_cast<double>(layer.groups);
  const double at_once = 4 * lanes * products / out_blocks * std::min(tiles, 32.0);
  const double spilled = at_once > 640e3 ? sums * 2 / 12 : 0;
  // Threads share rows of tiles or blocks of channels: with few of both, an engine that they share well is worth more.
  const double rows = static_cast<double>(layer.batch * plan.y.tiles);
  const double shared = std::max(rows, static_cast<double>(layer.groups) * out_blocks) < 4 ? 1.2 : 1.0;
  return shared * (side_by_side(static_cast<double>(layer.groups) * multiply, streamed) + spilled +
                   static_cast<double>(layer.groups) * (expand + tiles * combined + 3.0 * written) + 0.3 * memory);
}

}  // namespace

std::string toom_cook_phases(const AxisPlan& axis, ToomCookAxis& found) {
  std::size_t most = 0;
  for (const auto& phase : axis.phases) {
    most = std::max(most, phase.size());
    if (phase.size() > 1) found.spacing = phase[0].offset - phase[1].offset;
  }
  if (most > 3) return "only for phases of at most three taps along an axis";
  if (most > 1 && axis.input <= found.spacing) return "only for taps that lie no further apart than the input reaches";
  found.taps = static_cast<int>(std::max<std::size_t>(most, 1));
  for (const auto& phase : axis.phases) {
    if (phase.empty()) continue;
    ToomCookAxis::Phase one;
    for (const AxisPlan::Tap& tap : phase) one.taps.push_back(tap.tap);
    one.start = phase.front().tap * axis.dilation;
    if (one.start >= axis.stride) return "only for phases that begin within one stride of the first tap";
    found.plain = found.plain || (phase.size() == 1 && most > 1);
    (phase.size() == 1 && most > 1 ? found.plain_phases : found.points_phases).push_back(std::move(one));
  }
  return {};
}

void toom_cook_cut(const AxisPlan& axis, int cells, ToomCookAxis& found) {
  found.cells = found.taps == 1 ? 1 : cells;
  found.tiles = ceil_div(ceil_div(axis.input, found.spacing), found.cells);
}

std::vector<ToomCookClass> toom_cook_classes(const ToomCookPlan& plan) {
  std::vector<ToomCookClass> classes;
  for (const bool plain_y : {false, true}) {
    for (const bool plain_x : {false, true}) {
      const auto& phases_y = plain_y ? plan.y.plain_phases : plan.y.points_phases;
      const auto& phases_x = plain_x ? plan.x.plain_phases : plan.x.points_phases;
      if (phases_y.empty() || phases_x.empty()) continue;
      ToomCookClass one;
      one.plain_y = plain_y;
      one.plain_x = plain_x;
      one.phases = static_cast<int>(phases_y.size() * phases_x.size());
      one.points_y = plain_y ? plan.y.cells : plan.y.points();
      one.points_x = plain_x ? plan.x.cells : plan.x.points();
      one.weights_y = plain_y || plan.y.taps == 1 ? 1 : one.points_y;
      one.weights_x = plain_x || plan.x.taps == 1 ? 1 : one.points_x;
      classes.push_back(one);
    }
  }
  return classes;
}

int ToomCookPlan::products() const {
  int sum = 0;
  for (const ToomCookClass& one : classes) sum += one.points_y * one.points_x * one.phases;
  return sum;
}

std::string toom_cook_words(const LayerPlan& layer, const ToomCookPlan& plan) {
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, "%.3g instead of %lld",
                static_cast<double>(plan.products()) / (plan.y.cells * plan.x.cells),
                static_cast<long long>(layer.taps()));
  return "tiles of " + std::to_string(plan.y.cells) + " × " + std::to_string(plan.x.cells) + " cells: " + numbers +
         " products an input cell and pair of channels";
}

ToomCookChoice toom_cook_choice(const LayerPlan& layer) {
  const AxisPlan& z = layer.z();
  if (z.input != 1 || z.output != 1 || z.kernel != 1 || z.padding != 0) return {{}, "only for maps of two axes"};
  if (layer.group_in() < least_tile_channels || layer.group_out() < least_tile_channels) {
    return {{}, "only for channels enough to pay for the transforms"};
  }
  ToomCookPlan plan;
  std::string why = toom_cook_phases(layer.y(), plan.y);
  if (why.empty()) why = toom_cook_phases(layer.x(), plan.x);
  if (!why.empty()) return {{}, why};
  if (plan.y.taps == 1 && plan.x.taps == 1) return {{}, "only for phases of two taps and more along an axis"};
  ToomCookChoice best;
  for (int cells_y = 2; cells_y <= most_cells(plan.y.taps, layer.group_in()); ++cells_y) {
    for (int cells_x = 2; cells_x <= most_cells(plan.x.taps, layer.group_in()); ++cells_x) {
      toom_cook_cut(layer.y(), cells_y, plan.y);
      toom_cook_cut(layer.x(), cells_x, plan.x);
      plan.classes = toom_cook_classes(plan);
      if (weight_floats(layer, plan) > most_tile_weights) continue;
      plan.cycles = tile_cycles_of(layer, plan);
      if (!best.plan || plan.cycles < best.plan->cycles) best.plan = plan;
    }
  }
  if (!best.plan) return {{}, "only for weights that take less memory once transformed"};
  best.plan->blocks_together = blocks_together(layer, best.plan->classes);
  return best;
}

}  // namespace tconv
