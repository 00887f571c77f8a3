#include "compute/large_map.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numeric>

namespace tconv {
namespace {

using std::int64_t;

/// The input that makes an axis' output about as large as `side`: the same whatever the kernel, so that sliders which
/// change weights leave the input as it is.
int64_t input_for(const AxisSpec& axis, double side) {
  return std::max<int64_t>(1, static_cast<int64_t>(side / static_cast<double>(axis.stride) + 1e-9));
}

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
  key.as_it_is = choice.side <= 0;
  if (!key.as_it_is) {
    // Both axes of the output grow alike, so that the map keeps its proportions.
    const auto extent = [&](std::size_t axis) { return layer.axes[axis].input * layer.axes[axis].stride; };
    const auto longest = static_cast<double>(std::max(extent(0), extent(1)));
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const double part = static_cast<double>(extent(axis)) / longest;
      layer.axes[axis].input = input_for(layer.axes[axis], static_cast<double>(choice.side) * part);
    }
  }
  if (const auto problems = validate(layer); !problems.empty()) {
    key.refused =
        "This layer cannot be made so large: its " + problems.front().field + " " + problems.front().rule + ".";
  }
  return key;
}

LargeMapStatistics::LargeMapStatistics(double least, double most, std::vector<int64_t> parts, int64_t nan,
                                       int64_t plus_infinity, int64_t minus_infinity)
    : equal_parts_(true),
      bins_(std::move(parts)),
      cells_(std::accumulate(bins_.begin(), bins_.end(), nan + plus_infinity + minus_infinity)),
      nan_(nan),
      plus_infinity_(plus_infinity),
      minus_infinity_(minus_infinity),
      least_(least),
      most_(most) {}

void LargeMapStatistics::add(const float* values, int64_t count) {
  bins_.resize(bins);
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
  const bool first = !any_finite();
  cells_ += count;
  if (finite < count) count_specials(values, count);
  if (finite == 0) return;
  least_ = first ? static_cast<double>(least) : std::min(least_, static_cast<double>(least));
  most_ = first ? static_cast<double>(most) : std::max(most_, static_cast<double>(most));
}

void LargeMapStatistics::count_specials(const float* values, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    if (std::isnan(values[i])) ++nan_;
    if (std::isinf(values[i])) ++(values[i] > 0 ? plus_infinity_ : minus_infinity_);
  }
}

void LargeMapStatistics::add(const LargeMapStatistics& other) {
  if (other.cells_ == 0) return;
  bins_.resize(bins);
  for (std::size_t i = 0; i < bins; ++i) bins_[i] += other.bins_[i];
  if (other.any_finite()) {
    const bool first = !any_finite();
    least_ = first ? other.least_ : std::min(least_, other.least_);
    most_ = first ? other.most_ : std::max(most_, other.most_);
  }
  cells_ += other.cells_;
  nan_ += other.nan_;
  plus_infinity_ += other.plus_infinity_;
  minus_infinity_ += other.minus_infinity_;
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

LargeMapStatistics::Part LargeMapStatistics::part_of(std::size_t bin) const {
  double low = 0;
  double high = 0;
  if (equal_parts_) {
    const double each = (most_ - least_) / static_cast<double>(bins_.size());
    low = least_ + each * static_cast<double>(bin);
    high = low + each;
  } else {
    // The floats with these upper bits, by their sign in this order or the other.
    const auto first = static_cast<std::uint32_t>(bin << 16);
    low = static_cast<double>(std::bit_cast<float>(first));
    high = static_cast<double>(std::bit_cast<float>(first | 0xffffU));
    if (low > high) std::swap(low, high);
  }
  return {std::clamp(low, least_, most_), std::clamp(high, least_, most_), bins_[bin]};
}

std::vector<LargeMapStatistics::Part> LargeMapStatistics::parts() const {
  std::vector<Part> parts;
  const auto add = [&](std::size_t bin) {
    if (bins_[bin] > 0 && std::isfinite(place_of(bin))) parts.push_back(part_of(bin));
  };
  const std::size_t positive = equal_parts_ ? bins_.size() : bins_.size() / 2;
  for (std::size_t bin = bins_.size(); bin > positive; --bin) add(bin - 1);  // negative floats count downwards
  for (std::size_t bin = 0; bin < positive; ++bin) add(bin);
  return parts;
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
