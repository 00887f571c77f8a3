#include "compute/large_map.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>
#include <thread>

#include "compute/limits.h"

namespace tconv {
namespace {

using std::int64_t;

/// The input that makes an axis' output about as large as `side`: the same whatever the kernel, so that sliders which
/// change weights leave the input as it is.
int64_t input_for(const AxisSpec& axis, int64_t side) { return std::max<int64_t>(1, side / axis.stride); }

/// Bytes that the threads need to compute blocks of the map.
int64_t working_memory(const LayerSpec& layer) {
  constexpr int64_t block_side = 512;
  int64_t cells = 1;
  for (const AxisSpec& axis : layer.spatial()) {
    const int64_t reach = axis.dilation * (axis.kernel - 1);
    cells *= std::min(axis.input, (block_side + reach) / axis.stride + 2);
  }
  const int64_t threads = std::max(1U, std::thread::hardware_concurrency());
  return (cells * layer.in_channels + 2 * block_side * block_side) * threads * int64_t{sizeof(float)};
}

std::string in_words(int64_t bytes) { return std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB"; }

}  // namespace

LargeMapKey large_map_key(const Scenario& scenario, const LargeMapChoice& choice) {
  LargeMapKey key{.scenario = scenario};
  LayerSpec& layer = key.scenario.layer;
  key.own_in_channels = layer.in_channels;
  key.own_out_channels = layer.out_channels;
  key.own_groups = layer.groups;
  const int64_t out_per_group = layer.out_channels / layer.groups;
  key.group = choice.out_channel / out_per_group;
  key.out_channel = choice.out_channel % out_per_group;
  layer.batch = 1;
  layer.in_channels /= layer.groups;
  layer.out_channels = layer.groups = 1;
  key.scenario.grad_output = {};
  if (layer.dims != 2) {
    key.refused = "Large maps are for layers with two spatial axes; this one has " + std::to_string(layer.dims) + ".";
    return key;
  }
  if (choice.side > 0) {
    // Both axes grow alike, so that the map keeps its proportions.
    const double rows = static_cast<double>(layer.axes[0].input);
    const double cols = static_cast<double>(layer.axes[1].input);
    const std::size_t longer = rows > cols ? 0 : 1;
    const int64_t most = input_for(layer.axes[longer], choice.side);
    const double part = std::min(rows, cols) / std::max(rows, cols);
    layer.axes[1 - longer].input = std::min(input_for(layer.axes[1 - longer], choice.side),
                                            std::max<int64_t>(1, std::llround(part * static_cast<double>(most))));
    layer.axes[longer].input = most;
  }
  const int64_t free = current_limits().memory_bytes;
  const int64_t needed = working_memory(layer);
  if (const auto problems = validate(layer); !problems.empty()) {
    key.refused =
        "This layer cannot be made so large: its " + problems.front().field + " " + problems.front().rule + ".";
  } else if (needed > free) {
    key.refused = "Computing this map takes " + in_words(needed) + ", and " + in_words(free) +
                  " are free: choose a smaller map or fewer channels.";
  }
  return key;
}

LargeMapStatistics::LargeMapStatistics(double least, double most, std::vector<int64_t> parts, int64_t not_finite)
    : equal_parts_(true),
      bins_(std::move(parts)),
      cells_(std::accumulate(bins_.begin(), bins_.end(), not_finite)),
      not_finite_(not_finite),
      least_(least),
      most_(most) {}

void LargeMapStatistics::add(const float* values, int64_t count) {
  bins_.resize(bins);
  cells_ += count;
  float least = std::numeric_limits<float>::infinity();
  float most = -least;
  for (int64_t i = 0; i < count; ++i) {
    const float value = values[i];
    ++bins_[std::bit_cast<std::uint32_t>(value) >> 16];
    // Comparisons with NaN are false, and infinities are sorted out below.
    least = value < least ? value : least;
    most = value > most ? value : most;
  }
  if (!(std::isfinite(least) && std::isfinite(most))) {
    least = std::numeric_limits<float>::infinity();
    most = -least;
    for (int64_t i = 0; i < count; ++i) {
      if (!std::isfinite(values[i])) continue;
      least = std::min(least, values[i]);
      most = std::max(most, values[i]);
    }
  }
  int64_t finite = count;
  for (int64_t i = 0; i < count; ++i) finite -= std::isfinite(values[i]) ? 0 : 1;
  const bool first = cells_ - count == not_finite_;
  not_finite_ += count - finite;
  if (finite == 0) return;
  least_ = first ? static_cast<double>(least) : std::min(least_, static_cast<double>(least));
  most_ = first ? static_cast<double>(most) : std::max(most_, static_cast<double>(most));
}

void LargeMapStatistics::add(const LargeMapStatistics& other) {
  if (other.cells_ == 0) return;
  bins_.resize(bins);
  for (std::size_t i = 0; i < bins; ++i) bins_[i] += other.bins_[i];
  if (other.cells_ > other.not_finite_) {
    const bool first = cells_ == not_finite_;
    least_ = first ? other.least_ : std::min(least_, other.least_);
    most_ = first ? other.most_ : std::max(most_, other.most_);
  }
  cells_ += other.cells_;
  not_finite_ += other.not_finite_;
}

double LargeMapStatistics::place_of(std::size_t bin) const {
  if (equal_parts_) {
    // The first and the last part hold the ends.
    const double last = static_cast<double>(bins_.size()) - 1;
    return least_ + (most_ - least_) * (last > 0 ? static_cast<double>(bin) / last : 0);
  }
  // The first of the floats with these upper bits: zero and whole numbers up to 256 have only zeros below.
  return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bin << 16)));
}

std::vector<int64_t> LargeMapStatistics::histogram(double low, double high, int bars) const {
  std::vector<int64_t> counts(static_cast<std::size_t>(bars));
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    if (bins_[bin] == 0) continue;
    const double place = place_of(bin);
    if (!std::isfinite(place)) continue;
    const double part = (place - low) / (high - low);
    const auto bar = static_cast<int64_t>(std::floor(part * bars));
    counts[static_cast<std::size_t>(std::clamp<int64_t>(bar, 0, bars - 1))] += bins_[bin];
  }
  return counts;
}

}  // namespace tconv
