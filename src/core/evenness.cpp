#include "core/evenness.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tconv {
namespace {

using std::int64_t;

/// Taps to phases, and the sums.
class PhaseSums {
 public:
  PhaseSums(const LayerSpec& layer, const Tensor& weight) : layer_(layer), weight_(weight) {
    const auto axes = layer.as_3d();
    for (std::size_t a = 0; a < 3; ++a) {
      for (int64_t tap = 0; tap < axes[a].kernel; ++tap)
        phase_of_tap_[a].push_back(tap * axes[a].dilation % axes[a].stride);
      phases_ *= axes[a].stride;
      strides_[a] = axes[a].stride;
    }
  }

  std::vector<double> none() const { return std::vector<double>(static_cast<std::size_t>(phases_), 0.0); }

  int64_t outputs_per_group() const { return layer_.out_channels / layer_.groups; }
  int64_t inputs_per_group() const { return layer_.in_channels / layer_.groups; }

  /// `column`: the output channel within its group.
  /// Returns the sum of the taps' magnitudes per phase, on average.
  double add(int64_t in_channel, int64_t column, std::vector<double>& sums) const {
    double magnitude = 0;
    const auto taps = static_cast<int64_t>(phase_of_tap_[0].size() * phase_of_tap_[1].size() * phase_of_tap_[2].size());
    int64_t flat = (in_channel * outputs_per_group() + column) * taps;
    for (const int64_t z : phase_of_tap_[0]) {
      for (const int64_t y : phase_of_tap_[1]) {
        double* row = sums.data() + (z * strides_[1] + y) * strides_[2];
        for (const int64_t x : phase_of_tap_[2]) {
          const auto tap = static_cast<double>(weight_[flat++]);
          row[x] += tap;
          magnitude += std::abs(tap);
        }
      }
    }
    return magnitude / static_cast<double>(phases_);
  }

  /// All input channels that feed an output channel.
  double add_group(int64_t out_channel, std::vector<double>& sums) const {
    const int64_t group = out_channel / outputs_per_group();
    double magnitude = 0;
    for (int64_t in = group * inputs_per_group(); in < (group + 1) * inputs_per_group(); ++in) {
      magnitude += add(in, out_channel % outputs_per_group(), sums);
    }
    return magnitude;
  }

 private:
  const LayerSpec& layer_;
  const Tensor& weight_;
  std::array<std::vector<int64_t>, 3> phase_of_tap_;
  std::array<int64_t, 3> strides_{};
  int64_t phases_ = 1;
};

bool is_worse(const Evenness& one, const Evenness& than) { return one.off_dc > than.off_dc; }

}  // namespace

Evenness evenness_of(std::span<const double> values, double magnitude) {
  Evenness result;
  if (values.empty()) return result;
  double squares = 0;
  double largest = magnitude;
  result.least = std::numeric_limits<double>::infinity();
  result.most = -result.least;
  for (const double value : values) {
    result.mean += value;
    squares += value * value;
    largest = std::max(largest, std::abs(value));
    result.least = std::min(result.least, value);
    result.most = std::max(result.most, value);
  }
  const auto count = static_cast<double>(values.size());
  result.mean /= count;
  squares /= count;
  constexpr double rounding = 1e-6;  // of float32 weights and a sum of some of them
  const double spread = result.most - result.least;
  result.even = spread <= rounding * largest;
  if (result.even) return result;
  const bool around_nothing = std::abs(result.mean) <= rounding * largest;
  result.ripple = around_nothing ? std::numeric_limits<double>::infinity() : spread / std::abs(result.mean);
  result.off_dc = std::clamp(1 - result.mean * result.mean / squares, 0.0, 1.0);
  return result;
}

bool has_few_phases(const LayerSpec& layer) {
  constexpr int64_t most_phases = int64_t{1} << 20;
  int64_t phases = 1;
  for (const AxisSpec& axis : layer.spatial()) {
    if (axis.stride > most_phases / phases) return false;
    phases *= axis.stride;
  }
  return true;
}

bool evenness_is_quick(const LayerSpec& layer) {
  constexpr int64_t most = int64_t{1} << 24;
  if (!has_few_phases(layer)) return false;
  int64_t phases = 1;
  for (const AxisSpec& axis : layer.spatial()) phases *= axis.stride;
  const auto weights = weight_shape(layer).checked_elements();
  const int64_t pairs = layer.in_channels * (layer.out_channels / layer.groups);
  return weights && *weights <= most && pairs <= most / phases;
}

std::vector<double> phase_sums(const LayerSpec& layer, const Tensor& weight, int64_t in_channel, int64_t out_channel) {
  const PhaseSums pairs(layer, weight);
  std::vector<double> sums = pairs.none();
  const int64_t column = out_channel % pairs.outputs_per_group();
  if (in_channel / pairs.inputs_per_group() == out_channel / pairs.outputs_per_group()) {
    pairs.add(in_channel, column, sums);
  }
  return sums;
}

std::vector<double> flat_response(const LayerSpec& layer, const Tensor& weight, int64_t out_channel) {
  const PhaseSums pairs(layer, weight);
  std::vector<double> sums = pairs.none();
  pairs.add_group(out_channel, sums);
  return sums;
}

WeightEvenness weight_evenness(const LayerSpec& layer, const Tensor& weight) {
  const PhaseSums pairs(layer, weight);
  WeightEvenness result;
  for (int64_t in = 0; in < layer.in_channels; ++in) {
    const int64_t first = in / pairs.inputs_per_group() * pairs.outputs_per_group();
    for (int64_t column = 0; column < pairs.outputs_per_group(); ++column) {
      std::vector<double> sums = pairs.none();
      const double magnitude = pairs.add(in, column, sums);
      const Evenness evenness = evenness_of(sums, magnitude);
      if (!evenness.even) ++result.uneven;
      if (result.pairs++ == 0 || is_worse(evenness, result.worst)) {
        result.worst = evenness;
        result.in_channel = in;
        result.out_channel = first + column;
        result.sums = std::move(sums);
      }
    }
  }
  return result;
}

FlatEvenness flat_evenness(const LayerSpec& layer, const Tensor& weight) {
  const PhaseSums pairs(layer, weight);
  FlatEvenness result;
  for (int64_t out = 0; out < layer.out_channels; ++out) {
    std::vector<double> response = pairs.none();
    const double magnitude = pairs.add_group(out, response);
    const Evenness evenness = evenness_of(response, magnitude);
    if (!evenness.even) ++result.uneven;
    if (result.channels++ == 0 || is_worse(evenness, result.worst)) {
      result.worst = evenness;
      result.out_channel = out;
      result.response = std::move(response);
    }
  }
  return result;
}

}  // namespace tconv
