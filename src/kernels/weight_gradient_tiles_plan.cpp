#include "kernels/weight_gradient_tiles_plan.h"

#include <algorithm>
#include <numeric>

#include "core/integers.h"
#include "kernels/engine.h"
#include "kernels/gradient_tiles_plan.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t kept_gradient_floats = 512 * 1024;  // of values at a time
constexpr int64_t least_chunk_tiles = 64;             // of a chunk: all sums are read and written once for each
constexpr int64_t most_chunk_tiles = 256;
constexpr int64_t most_tiles_at_once = 48;
constexpr int64_t rows_at_once = 24;             // input channels
constexpr int64_t cached_sums = 128 * 1024;      // floats that stay in the caches until all of them are there
constexpr int64_t least_share_tiles = 32;        // fewer, and adding up the shares takes too long
constexpr int64_t most_shares = 16;              // of all groups
constexpr int64_t most_share_sums = 768 * 1024;  // floats, of all shares

/// Of a group.
struct Size {
  Size(const LayerPlan& layer, const ToomCookPlan& plan) : tiles(layer.batch * plan.tiles_in_strip() * plan.y.tiles) {
    int64_t columns = 0;
    for (const int slots : gradient_tiles_slots(plan)) {
      columns += ceil_div(slots * layer.group_out(), vector_lanes()) * vector_lanes();
    }
    values = plan.planes() * layer.group_in() + columns;
    sums = layer.group_in() * columns;
  }
  int64_t tiles;
  int64_t values;  ///< floats of a tile at all points
  int64_t sums;    ///< floats
};

/// Where there are fewer values than sums.
bool at_once(const Size& size) { return size.tiles <= most_tiles_at_once && size.sums > cached_sums; }

int64_t shares_for(const Size& size, int64_t groups) {
  int64_t shares = 1;
  while (2 * shares * groups <= most_shares && size.tiles >= 2 * shares * least_share_tiles &&
         2 * shares * size.sums <= most_share_sums) {
    shares *= 2;
  }
  return shares;
}

}  // namespace

WeightGradientTilesWork weight_gradient_tiles_work(const LayerPlan& layer, const ToomCookPlan& plan) {
  const Size size(layer, plan);
  const int64_t rows = layer.batch * plan.y.tiles;
  const int64_t in_strip = plan.tiles_in_strip();
  WeightGradientTilesWork work{.chunks = {.rows = rows, .x_tiles = plan.x.tiles}};
  if (at_once(size)) {
    work.chunks.rows_together = rows;
    work.chunks.tiles_together = plan.x.tiles;
    const int64_t parts = ceil_div(layer.group_in(), rows_at_once);
    work.rows_at_once =
        ceil_div(layer.group_in(), parts > 2 ? ceil_div(parts, 4) * 4 : parts);  // as many for each thread
    return work;
  }
  work.shares = shares_for(size, layer.groups);
  // The values may take as much room as the sums: more chunks would move more of these than of those.
  const int64_t kept = std::max(kept_gradient_floats, size.sums) / size.values;
  const int64_t tiles = std::clamp(kept, least_chunk_tiles, most_chunk_tiles);
  if (in_strip <= tiles + tiles / 2) {
    const int64_t chunks = ceil_div(rows, std::max<int64_t>(1, tiles / in_strip));
    work.chunks.rows_together = ceil_div(rows, ceil_div(chunks, work.shares) * work.shares);
    work.chunks.tiles_together = plan.x.tiles;
  } else {
    work.chunks.tiles_together = ceil_div(plan.x.tiles, std::min(plan.x.tiles, ceil_div(in_strip, tiles)));
  }
  work.shares = std::min(work.shares, work.chunks.count());
  return work;
}

double weight_gradient_tiles_cycles(const LayerPlan& layer, const ToomCookPlan& plan) {
  const WeightGradientTilesWork work = weight_gradient_tiles_work(layer, plan);
  const Size size(layer, plan);
  const auto tiles = static_cast<double>(size.tiles);
  const auto in_blocks = static_cast<double>(ceil_div(layer.group_in(), vector_lanes()));
  const auto out_blocks = static_cast<double>(ceil_div(layer.group_out(), vector_lanes()));
  const std::vector<int> slots = gradient_tiles_slots(plan);
  const auto all = static_cast<double>(std::accumulate(slots.begin(), slots.end(), 0));
  const double vectors = all * out_blocks * static_cast<double>(layer.group_in());  // of sums
  const double bytes = vectors * 4 * static_cast<double>(vector_lanes());
  const double kept = bytes / (bytes > 24e6 ? 6 : bytes > 8e6 ? 8 : bytes > 512e3 ? 16 : 40);
  double spread = 0;  // for a tile and block of output channels
  for (const ToomCookClass& one : plan.classes) {
    spread += one.phases * 5.5 * one.points_y * one.points_x;
  }
  const double gathered = 8.0 * static_cast<double>(layer.y().stride * layer.x().stride) * plan.y.cells * plan.x.cells;
  const double expand = 8.0 * plan.y.cells * plan.x.cells + 5.0 * plan.planes();
  const double transforms = tiles * (out_blocks * (spread + gathered) + in_blocks * expand);
  const double multiply = tiles * vectors / (2 * 0.93);
  const auto values = static_cast<double>(size.values);
  const double together = tiles / static_cast<double>(work.chunks.count());
  const double far = values * together > 1.1 * kept_gradient_floats ? far_values_cycles(values, together, tiles) : 0;
  const double written = memory_cycles(4.0 * static_cast<double>(layer.weight_size() / layer.groups));
  const double moved = static_cast<double>(2 * work.chunks.count() + work.shares - 1) * kept;
  const double sums =
      work.rows_at_once > 0 ? 0.07 * multiply + 9 * vectors + written : moved + vectors * (bytes > 8e6 ? 14 : 4);
  return static_cast<double>(layer.groups) * (multiply + sums + transforms + far);
}

}  // namespace tconv
