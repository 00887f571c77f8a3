#include "compute/large_map_state.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "compute/large_map_making.h"

namespace tconv {

using std::int64_t;

LargeMapLook look_of(const LargeMapKey& key, const LargeMapView& view) {
  if (!key.refused.empty()) return {};
  const auto rows = static_cast<double>(output_size(key.scenario.layer.axes[0]));
  const auto cols = static_cast<double>(output_size(key.scenario.layer.axes[1]));
  LargeMapLook look;
  const double cells = std::max(view.w * cols, view.h * rows) / std::max(1.0, view.pixels);  // of a pixel
  while (static_cast<double>(look.step) * 2 <= cells) look.step *= 2;
  const auto range = [](double begin, double part, double extent) {
    const double first = std::clamp(std::floor(begin * extent), 0.0, extent - 1);
    const double last = std::clamp(std::ceil((begin + part) * extent), first + 1, extent);
    return std::pair(static_cast<int64_t>(first), static_cast<int64_t>(last - first));
  };
  std::tie(look.window.row, look.window.rows) = range(view.y, view.h, rows);
  std::tie(look.window.col, look.window.cols) = range(view.x, view.w, cols);
  return look;
}

std::vector<int64_t> blocks_in(const LargeMapBlocks& blocks, const CellWindow& window) {
  std::vector<int64_t> numbers;
  if (window.rows <= 0 || window.cols <= 0) return numbers;
  const auto range = [](int64_t first, int64_t count, int64_t cells, int64_t grid) {
    return std::pair(std::clamp<int64_t>(first / cells, 0, grid - 1),
                     std::clamp<int64_t>((first + count - 1) / cells, 0, grid - 1));
  };
  const auto [top, bottom] = range(window.row, window.rows, blocks.block_rows(), blocks.grid_rows());
  const auto [left, right] = range(window.col, window.cols, blocks.block_cols(), blocks.grid_cols());
  for (int64_t row = top; row <= bottom; ++row) {
    for (int64_t col = left; col <= right; ++col) numbers.push_back(row * blocks.grid_cols() + col);
  }
  return numbers;
}

bool shows(const LargeMapState& state, const LargeMapLook& look) {
  if (!state.refused.empty()) return true;
  if (state.way == LargeMapWay::gpu) return state.device != nullptr;
  if (!state.complete()) return false;
  if (look.step >= state.overview->step) return true;
  if (state.tile_step != look.step) return false;
  return std::ranges::all_of(blocks_in(*state.blocks, look.window),
                             [&](int64_t number) { return state.tiles.contains(number); });
}

std::shared_ptr<const LargeMapState> large_map(const LargeMapKey& key, const LargeMapLook& look,
                                               const KeepGoing& keep_going) try {
  LargeMapMaking making(key, nullptr);
  if (!key.refused.empty()) return making.state();
  const auto ignore = [](const std::shared_ptr<const LargeMapState>&) {};
  making.choose(LargeMapWay::cpu, nullptr, "", {}, keep_going);
  if (!making.finish_overview(ignore, keep_going) || !making.look_at(look, ignore, keep_going)) return nullptr;
  return making.state();
} catch (const std::bad_alloc&) {
  LargeMapState state;
  state.key = key;
  state.refused = out_of_memory;
  return std::make_shared<const LargeMapState>(std::move(state));
}

}  // namespace tconv
