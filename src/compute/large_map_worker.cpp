#include "compute/large_map_worker.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <tuple>

namespace tconv {
namespace {

using std::int64_t;
using Clock = std::chrono::steady_clock;

constexpr auto between_pictures = std::chrono::milliseconds(40);  // while a map is being made
constexpr std::size_t blocks_at_once = 64;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

void put(const MeanMap& part, int64_t row, int64_t col, MeanMap& whole) {
  for (int64_t y = 0; y < part.rows; ++y) {
    std::copy_n(part.values.data() + y * part.cols, part.cols, whole.values.data() + (row + y) * whole.cols + col);
  }
}

/// Makes one map; each step leaves a state that can be shown.
class Making {
 public:
  using Show = std::function<void(std::shared_ptr<const LargeMapState>)>;

  Making(const LargeMapKey& key, const Making* before) {
    state_.key = key;
    state_.refused = key.refused;
    if (!state_.refused.empty()) return;
    blocks_ = std::make_shared<LargeMapBlocks>(key, before == nullptr ? nullptr : before->blocks_.get());
    state_.blocks = blocks_;
    overview_ = blocks_->coarse();
    left_.resize(static_cast<std::size_t>(blocks_->grid_rows() * blocks_->grid_cols()));
    std::iota(left_.begin(), left_.end(), 0);
    refresh();
  }

  const LargeMapKey& key() const { return state_.key; }
  std::shared_ptr<const LargeMapState> state() const { return std::make_shared<const LargeMapState>(state_); }

  /// The means of the whole map. False when told to stop; what is done by then stays.
  bool finish_overview(const Show& show, const KeepGoing& keep_going) {
    Clock::time_point shown = Clock::now();
    while (!left_.empty()) {
      if (keep_going && !keep_going()) return false;
      const std::size_t count = std::min(blocks_at_once, left_.size());
      const std::vector<int64_t> batch(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count));
      const Clock::time_point begin = Clock::now();
      blocks_->compute(batch, overview_.step, true,
                       [&](int64_t number, const MeanMap& means, const LargeMapStatistics* statistics) {
                         put(means, number / blocks_->grid_cols() * blocks_->block_rows() / overview_.step,
                             number % blocks_->grid_cols() * blocks_->block_cols() / overview_.step, overview_);
                         statistics_.add(*statistics);
                       },
                       {});
      state_.seconds += seconds_since(begin);
      left_.erase(left_.begin(), left_.begin() + static_cast<std::ptrdiff_t>(count));
      if (left_.empty() || Clock::now() - shown > between_pictures) {
        refresh();
        show(state());
        shown = Clock::now();
      }
    }
    return true;
  }

  /// The blocks that a look wants more finely than the whole map has them.
  bool look_at(const LargeMapLook& look, const Show& show, const KeepGoing& keep_going) {
    if (look.step >= overview_.step || look.window.rows <= 0 || look.window.cols <= 0) return true;
    if (state_.tile_step != look.step) state_.tiles.clear();
    state_.tile_step = look.step;
    const std::vector<int64_t> wanted = blocks_in(*blocks_, look.window);
    std::erase_if(state_.tiles, [&](const auto& tile) { return !std::ranges::binary_search(wanted, tile.first); });
    std::vector<int64_t> missing;
    std::ranges::copy_if(wanted, std::back_inserter(missing),
                         [&](int64_t number) { return !state_.tiles.contains(number); });
    const auto keep = [&](int64_t number, MeanMap means, const LargeMapStatistics*) {
      state_.tiles[number] = std::make_shared<const MeanMap>(std::move(means));
    };
    const bool done = missing.empty() || blocks_->compute(missing, look.step, false, keep, keep_going);
    show(state());
    return done;
  }

 private:
  void refresh() {
    const auto all = static_cast<double>(blocks_->grid_rows() * blocks_->grid_cols());
    state_.done = 1 - static_cast<double>(left_.size()) / all;
    state_.overview = std::make_shared<const MeanMap>(overview_);
    state_.statistics = std::make_shared<const LargeMapStatistics>(statistics_);
  }

  LargeMapState state_;
  std::shared_ptr<LargeMapBlocks> blocks_;
  MeanMap overview_;
  LargeMapStatistics statistics_;
  std::vector<int64_t> left_;  ///< blocks that the overview lacks
};

std::shared_ptr<const LargeMapState> without_memory(const LargeMapKey& key) {
  LargeMapState state;
  state.key = key;
  state.refused = "There is too little memory for this map: choose a smaller one.";
  return std::make_shared<const LargeMapState>(std::move(state));
}

}  // namespace

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
  if (!state.complete()) return false;
  if (look.step >= state.overview->step) return true;
  if (state.tile_step != look.step) return false;
  return std::ranges::all_of(blocks_in(*state.blocks, look.window),
                             [&](int64_t number) { return state.tiles.contains(number); });
}

std::shared_ptr<const LargeMapState> large_map(const LargeMapKey& key, const LargeMapLook& look,
                                               const KeepGoing& keep_going) try {
  Making making(key, nullptr);
  if (!key.refused.empty()) return making.state();
  const auto ignore = [](const std::shared_ptr<const LargeMapState>&) {};
  if (!making.finish_overview(ignore, keep_going) || !making.look_at(look, ignore, keep_going)) return nullptr;
  return making.state();
} catch (const std::bad_alloc&) {
  return without_memory(key);
}

LargeMapWorker::LargeMapWorker(std::function<void()> wake)
    : wake_(std::move(wake)), thread_([this](const std::stop_token& stop) { work(stop); }) {}

LargeMapWorker::~LargeMapWorker() {
  thread_.request_stop();
  changed_.notify_all();
}

void LargeMapWorker::ask_for(const LargeMapKey& key, const LargeMapLook& look) {
  const std::lock_guard lock(mutex_);
  Request request{key, look};
  if (wanted_ == request) return;
  wanted_ = std::move(request);
  settled_ = false;
  changed_.notify_all();
}

void LargeMapWorker::forget() {
  const std::lock_guard lock(mutex_);
  wanted_.reset();
  settled_ = true;
  state_ = nullptr;
  changed_.notify_all();
}

std::shared_ptr<const LargeMapState> LargeMapWorker::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool LargeMapWorker::settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

void LargeMapWorker::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return settled_; });
}

bool LargeMapWorker::still_wanted(const Request& request) const {
  const std::lock_guard lock(mutex_);
  return wanted_ == request;
}

void LargeMapWorker::publish(std::shared_ptr<const LargeMapState> state) {
  {
    const std::lock_guard lock(mutex_);
    if (!wanted_ || wanted_->key != state->key) return;  // something newer was asked for meanwhile
    state_ = std::move(state);
  }
  if (wake_) wake_();
}

void LargeMapWorker::work(const std::stop_token& stop) {
  std::unique_ptr<Making> making;
  while (!stop.stop_requested()) {
    Request request;
    {
      std::unique_lock lock(mutex_);
      if (!wanted_) making = nullptr;  // its memory is no longer needed
      if (!changed_.wait(lock, stop, [this] { return wanted_ && !settled_; })) return;
      request = *wanted_;
    }
    const auto show = [this](std::shared_ptr<const LargeMapState> state) { publish(std::move(state)); };
    try {
      if (making == nullptr || making->key() != request.key) {
        making = std::make_unique<Making>(request.key, making.get());
        show(making->state());
      }
      if (request.key.refused.empty()) {
        // What is looked at comes first; a changed look interrupts the rest, which then goes on from there.
        const auto wanted = [&] { return !stop.stop_requested() && still_wanted(request); };
        if (!making->look_at(request.look, show, wanted) || !making->finish_overview(show, wanted)) continue;
      }
    } catch (const std::bad_alloc&) {
      making = nullptr;
      publish(without_memory(request.key));
    }
    const std::lock_guard lock(mutex_);
    if (wanted_ == request) {
      settled_ = true;
      changed_.notify_all();
    }
  }
}

}  // namespace tconv
