#include "compute/large_map_making.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <numeric>

namespace tconv {
namespace {

using std::int64_t;
using Clock = std::chrono::steady_clock;

constexpr auto between_pictures = std::chrono::milliseconds(40);  // while a map is being made
constexpr std::size_t blocks_at_once = 64;

void put(const MeanMap& part, int64_t row, int64_t col, MeanMap& whole) {
  for (int64_t y = 0; y < part.rows; ++y) {
    std::copy_n(part.values.data() + y * part.cols, part.cols, whole.values.data() + (row + y) * whole.cols + col);
  }
}

double difference_of(float a, float b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double difference = std::abs(static_cast<double>(a) - static_cast<double>(b));
  return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
}

}  // namespace

LargeMapMaking::LargeMapMaking(const LargeMapKey& key, const LargeMapMaking* before) {
  state_.key = key;
  state_.refused = key.refused;
  if (!state_.refused.empty()) return;
  blocks_ = std::make_shared<LargeMapBlocks>(key, before == nullptr ? nullptr : before->blocks_.get());
  state_.blocks = blocks_;
  overview_ = blocks_->coarse();
  restart();
  refresh();
}

std::shared_ptr<const LargeMapState> LargeMapMaking::state() const {
  auto state = std::make_shared<LargeMapState>(state_);
  if (!state_.refused.empty() || state_.way == LargeMapWay::cpu) return state;
  state->device = on_device_;
  if (state_.way == LargeMapWay::both) {
    state->difference = difference_;
    return state;
  }
  // What the device says of the map is the whole of it, shared with what was handed out before.
  state->overview = {on_device_, &on_device_->overview};
  state->statistics = {on_device_, &on_device_->statistics};
  state->done = 1;
  state->seconds = 0;
  state->floor_seconds = 0;
  return state;
}

bool LargeMapMaking::choose(LargeMapWay way, LargeMapDevice* device, const std::string& trouble,
                            const KeepGoing& keep_going) {
  state_.trouble = trouble;
  state_.way = LargeMapWay::cpu;
  if (way == LargeMapWay::cpu || device == nullptr || !state_.refused.empty()) return true;
  device_ = device;
  try {
    if (on_device_ == nullptr) {
      auto made = device->compute(*blocks_, keep_going);
      if (!made) return false;
      on_device_ = std::make_shared<const MapOnDevice>(*std::move(made));
    }
    state_.way = way;
    if (way == LargeMapWay::both && !difference_) {
      restart();
      difference_.emplace();
    }
  } catch (const BackendError& error) {
    state_.trouble = error.what();
  }
  return true;
}

bool LargeMapMaking::look_at(const LargeMapLook& look, const Show& show, const KeepGoing& keep_going) {
  if (!by_processor() || look.step >= overview_.step || look.window.rows <= 0 || look.window.cols <= 0) return true;
  if (state_.tile_step != look.step) state_.tiles.clear();
  state_.tile_step = look.step;
  const std::vector<int64_t> wanted = blocks_in(*blocks_, look.window);
  std::erase_if(state_.tiles, [&](const auto& tile) { return !std::ranges::binary_search(wanted, tile.first); });
  std::vector<int64_t> missing;
  std::ranges::copy_if(wanted, std::back_inserter(missing),
                       [&](int64_t number) { return !state_.tiles.contains(number); });
  const auto keep = [&](LargeMapBlocks::Block block) {
    state_.tiles[block.number] = std::make_shared<const MeanMap>(std::move(block.means));
  };
  const bool done = missing.empty() || blocks_->compute(missing, look.step, false, keep, keep_going);
  show(state());
  return done;
}

bool LargeMapMaking::finish_overview(const Show& show, const KeepGoing& keep_going) {
  Clock::time_point shown = Clock::now();
  while (by_processor() && !left_.empty()) {
    if (keep_going && !keep_going()) return false;
    const std::size_t count = std::min(blocks_at_once, left_.size());
    const std::vector<int64_t> batch(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count));
    std::vector<float> rows;  // of the device, that these blocks lie in
    const int64_t first_row = batch.front() / blocks_->grid_cols() * blocks_->block_rows();
    if (state_.way == LargeMapWay::both) {
      const int64_t end = (batch.back() / blocks_->grid_cols() + 1) * blocks_->block_rows();
      try {
        rows = device_->read(*on_device_->map, first_row, std::min(end, blocks_->rows()) - first_row);
      } catch (const BackendError& error) {
        state_.trouble = error.what();
        state_.way = LargeMapWay::cpu;
        difference_.reset();
      }
    }
    blocks_->compute(batch, overview_.step, true,
                     [&](const LargeMapBlocks::Block& block) {
                       put(block.means, block.cells.row / overview_.step, block.cells.col / overview_.step, overview_);
                       statistics_.add(*block.statistics);
                       if (!rows.empty()) compare(block, rows, first_row);
                       state_.seconds += block.seconds / blocks_->threads();
                     },
                     {});
    left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count));
    if (left_.empty() || Clock::now() - shown > between_pictures) {
      refresh();
      show(state());
      shown = Clock::now();
    }
  }
  return true;
}

void LargeMapMaking::compare(const LargeMapBlocks::Block& block, const std::vector<float>& rows, int64_t first_row) {
  const CellWindow& cells = block.cells;
  for (int64_t y = 0; y < cells.rows; ++y) {
    const float* const mine = block.values + y * block.value_cols;
    const float* const other = rows.data() + (cells.row + y - first_row) * blocks_->cols() + cells.col;
    for (int64_t x = 0; x < cells.cols; ++x) {
      if (mine[x] == other[x]) continue;
      const double difference = difference_of(mine[x], other[x]);
      if (difference > difference_->largest) {
        *difference_ = {difference, cells.row + y, cells.col + x, difference_->cells};
      }
    }
  }
  difference_->cells += cells.rows * cells.cols;
}

void LargeMapMaking::set_floors(const MachineLimits* processor, double device_bandwidth) {
  if (blocks_ == nullptr) return;
  if (processor != nullptr) state_.floor_seconds = blocks_->floor_seconds(*processor);
  if (device_bandwidth > 0) {
    state_.device_floor_seconds = static_cast<double>(blocks_->bytes_moved()) / device_bandwidth;
  }
}

void LargeMapMaking::restart() {
  left_.resize(static_cast<std::size_t>(blocks_->grid_rows() * blocks_->grid_cols()));
  std::iota(left_.begin(), left_.end(), 0);
  statistics_ = {};
  state_.seconds = 0;
  state_.done = 0;
}

void LargeMapMaking::refresh() {
  const auto all = static_cast<double>(blocks_->grid_rows() * blocks_->grid_cols());
  state_.done = 1 - static_cast<double>(left_.size()) / all;
  state_.overview = std::make_shared<const MeanMap>(overview_);
  state_.statistics = std::make_shared<const LargeMapStatistics>(statistics_);
}

}  // namespace tconv
