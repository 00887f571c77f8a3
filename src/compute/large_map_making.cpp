#include "compute/large_map_making.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <new>
#include <numeric>

namespace tconv {
namespace {

using std::int64_t;
using Clock = std::chrono::steady_clock;

constexpr auto between_pictures = std::chrono::milliseconds(40);  // while a map is being made
constexpr double a_frame = 0.03;                                  // seconds of a device that nobody waits for
constexpr auto a_while = std::chrono::milliseconds(20);  // of blocks, before anybody is asked or shown anything

void put(const MeanMap& part, int64_t row, int64_t col, MeanMap& whole) {
  for (int64_t y = 0; y < part.rows; ++y) {
    std::copy_n(part.values.data() + y * part.cols, part.cols, whole.values.data() + (row + y) * whole.cols + col);
  }
}

/// How many blocks take about `a_while`.
class Batch {
 public:
  explicit Batch(int threads) : least_(static_cast<std::size_t>(threads)), count_(least_) {}

  /// The first of `left` that are to be computed next.
  std::vector<int64_t> of(const std::vector<int64_t>& left) const {
    return {left.begin(), left.begin() + static_cast<std::ptrdiff_t>(std::min(count_, left.size()))};
  }
  void took(Clock::duration spent) {
    const auto times = spent.count() > 0
                           ? static_cast<double>(Clock::duration(a_while).count()) / static_cast<double>(spent.count())
                           : 2.0;
    count_ = std::max(least_, static_cast<std::size_t>(static_cast<double>(count_) * std::min(times, 4.0)));
  }

 private:
  std::size_t least_;
  std::size_t count_;
};

double difference_of(float a, float b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return 0;
  const double difference = std::abs(static_cast<double>(a) - static_cast<double>(b));
  return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
}

}  // namespace

LargeMapMaking::LargeMapMaking(const LargeMapKey& key, const LargeMapMaking* before)
    : device_seconds_(before == nullptr               ? std::numeric_limits<double>::infinity()
                      : before->on_device_ == nullptr ? before->device_seconds_
                                                      : before->on_device_->seconds) {
  state_.key = key;
  state_.refused = key.refused;
  if (!state_.refused.empty()) return;
  blocks_ = std::make_shared<LargeMapBlocks>(key, before == nullptr ? nullptr : before->blocks_.get());
  state_.blocks = blocks_;
  restart();
}

std::shared_ptr<const LargeMapState> LargeMapMaking::state() const {
  auto state = std::make_shared<LargeMapState>(state_);
  if (!state_.refused.empty() || state_.way == LargeMapWay::cpu || state_.awaits_device) return state;
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

bool LargeMapMaking::choose(LargeMapWay way, LargeMapDevice* device, const std::string& trouble, const Show& show,
                            const KeepGoing& keep_going) {
  if (asked_ && *asked_ != way) {
    // Of what was begun by another choice nobody waits from now on.
    const bool anew = state_.done == 0 || (way == LargeMapWay::both && !difference_);
    begin_ = anew ? std::optional(Clock::now()) : std::nullopt;
  }
  asked_ = way;
  state_.trouble = trouble;
  state_.way = LargeMapWay::cpu;
  state_.awaits_device = false;
  if (!state_.refused.empty()) return true;
  if (!use_device(way, device, show, keep_going)) return false;
  // Blocks that are computed without a look at the device's would never be compared.
  if (state_.way != LargeMapWay::both && !left_.empty()) difference_.reset();
  if (by_processor()) begin_coarse();
  return true;
}

void LargeMapMaking::begin_coarse() {
  if (!overview_.values.empty()) return;
  overview_ = blocks_->coarse();
  refresh();
}

bool LargeMapMaking::use_device(LargeMapWay way, LargeMapDevice* device, const Show& show,
                                const KeepGoing& keep_going) {
  if (way == LargeMapWay::cpu || device == nullptr) return true;
  device_ = device;
  try {
    if (on_device_ == nullptr) {
      if (device_seconds_ > a_frame) {
        begin_coarse();
        state_.way = way;
        state_.awaits_device = true;
        show(state());
        state_.awaits_device = false;
        state_.way = LargeMapWay::cpu;
      }
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
  } catch (const std::bad_alloc&) {
    state_.trouble = "there is too little memory to bring the input to the GPU";
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
  Batch batch(blocks_->threads());
  while (!missing.empty()) {
    if (keep_going && !keep_going()) return false;
    const std::vector<int64_t> next = batch.of(missing);
    const Clock::time_point begin = Clock::now();
    blocks_->compute(next, look.step, false, keep, {});
    missing.erase(missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(next.size()));
    show(state());
    batch.took(Clock::now() - begin);
  }
  show(state());
  return true;
}

bool LargeMapMaking::finish_overview(const Show& show, const KeepGoing& keep_going) {
  Clock::time_point shown = Clock::now();
  Batch sized(blocks_ == nullptr ? 1 : blocks_->threads());
  std::vector<float> rows;  // of the device, from first_row on
  int64_t first_row = 0;
  while (by_processor() && !left_.empty()) {
    if (keep_going && !keep_going()) {
      refresh();  // seconds and blocks belong together
      return false;
    }
    const std::vector<int64_t> batch = sized.of(left_);
    if (state_.way == LargeMapWay::both) fetch(batch, rows, first_row);
    const Clock::time_point begin = Clock::now();
    blocks_->compute(batch, overview_.step, true,
                     [&](const LargeMapBlocks::Block& block) {
                       put(block.means, block.cells.row / overview_.step, block.cells.col / overview_.step, overview_);
                       statistics_.add(*block.statistics);
                       if (state_.way == LargeMapWay::both) compare(block, rows, first_row);
                       state_.seconds += block.seconds / blocks_->threads();
                     },
                     {});
    sized.took(Clock::now() - begin);
    left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
    if (left_.empty() || Clock::now() - shown > between_pictures) {
      refresh();
      show(state());
      shown = Clock::now();
    }
  }
  return true;
}

void LargeMapMaking::fetch(const std::vector<int64_t>& batch, std::vector<float>& rows, int64_t& first_row) {
  const int64_t first = batch.front() / blocks_->grid_cols() * blocks_->block_rows();
  const int64_t end = std::min(blocks_->rows(), (batch.back() / blocks_->grid_cols() + 1) * blocks_->block_rows());
  const auto end_of_rows = first_row + static_cast<int64_t>(rows.size()) / blocks_->cols();
  if (first >= first_row && end <= end_of_rows) return;
  try {
    rows = device_->read(*on_device_->map, first, end - first);
    first_row = first;
  } catch (const BackendError& error) {
    state_.trouble = error.what();
    state_.way = LargeMapWay::cpu;
    difference_.reset();
  }
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
  state_.waited = 0;
  state_.done = 0;
}

void LargeMapMaking::refresh() {
  const auto all = static_cast<double>(blocks_->grid_rows() * blocks_->grid_cols());
  state_.done = 1 - static_cast<double>(left_.size()) / all;
  if (left_.empty() && state_.waited == 0 && begin_) {
    state_.waited = std::chrono::duration<double>(Clock::now() - *begin_).count();
  }
  state_.overview = std::make_shared<const MeanMap>(overview_);
  state_.statistics = std::make_shared<const LargeMapStatistics>(statistics_);
}

}  // namespace tconv
