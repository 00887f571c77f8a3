#include "kernels/wide_stride_pack.h"

#include <algorithm>

#include "core/integers.h"

namespace tconv {
namespace {

const std::vector<AxisPlan::Tap>& taps_of(const AxisPlan& axis, std::int64_t phase) {
  return axis.phases[static_cast<std::size_t>(phase)];
}

}  // namespace

WidePack::WidePack(const LayerPlan& plan, const WideRow& row, std::int64_t most_channels, const float* weight)
    : plan_(plan),
      row_(row),
      tiles_(ceil_div(plan.group_out(), most_channels)),
      channels_(ceil_div(plan.group_out(), tiles_)) {
  tiles_ = ceil_div(plan.group_out(), channels_);
  for (std::int64_t z = 0; z < std::min(plan.z().stride, plan.z().output); ++z) {
    for (std::int64_t y = 0; y < std::min(plan.y().stride, plan.y().output); ++y) add_phases(z, y);
  }
  weights_ = FloatBuffer(before(plan.groups, 0));
  float* to = weights_.data();
  for (std::int64_t group = 0; group < plan.groups; ++group) {
    for (std::int64_t tile = 0; tile < tiles_; ++tile) {
      const float* from = weight + plan.weight_index(group, 0, tile * channels_, 0);
      for (const WidePhases& phases : phases_) {
        for (std::int64_t window = 0; window < row.windows; ++window) {
          to = pack_window(phases, window, from, channels_of(tile), to);
        }
      }
    }
  }
}

std::int64_t WidePack::channels_of(std::int64_t tile) const {
  return std::min(channels_, plan_.group_out() - tile * channels_);
}

const float* WidePack::weights(std::int64_t group, std::int64_t tile, const WidePhases& phases) const {
  return weights_.data() + before(group, tile) + phases.first_term * channels_of(tile) * row_.windows * row_.numbers;
}

std::int64_t WidePack::next_window(std::int64_t tile, const WidePhases& phases) const {
  return row_.windows == 1 ? 0 : phases.terms * channels_of(tile) * row_.numbers;
}

std::int64_t WidePack::before(std::int64_t group, std::int64_t tile) const {
  const std::int64_t channels = group * plan_.group_out() + tile * channels_;
  return channels * static_cast<std::int64_t>(inputs_.size()) * row_.windows * row_.numbers;
}

void WidePack::add_phases(std::int64_t z, std::int64_t y) {
  const auto first = static_cast<std::int64_t>(inputs_.size());
  for (const AxisPlan::Tap& z_tap : taps_of(plan_.z(), z)) {
    for (const AxisPlan::Tap& y_tap : taps_of(plan_.y(), y)) {
      const std::int64_t rows = z_tap.offset * plan_.y().input + y_tap.offset;
      for (std::int64_t channel = 0; channel < plan_.group_in(); ++channel) {
        for (const std::int64_t level : row_.levels) {
          inputs_.push_back(channel * input_channel() + rows * row_.row_length - level);
        }
      }
    }
  }
  phases_.push_back({z, y, first, static_cast<std::int64_t>(inputs_.size()) - first});
}

float* WidePack::pack_window(const WidePhases& phases, std::int64_t window, const float* weight, std::int64_t channels,
                             float* to) const {
  std::vector<std::vector<std::int32_t>> taps;
  for (const std::int64_t level : row_.levels) taps.push_back(row_.taps(level, window));
  for (const AxisPlan::Tap& z_tap : taps_of(plan_.z(), phases.z)) {
    for (const AxisPlan::Tap& y_tap : taps_of(plan_.y(), phases.y)) {
      const float* from = weight + (z_tap.tap * plan_.y().kernel + y_tap.tap) * plan_.x().kernel;
      for (std::int64_t in = 0; in < plan_.group_in(); ++in, from += plan_.group_out() * plan_.taps()) {
        for (const std::vector<std::int32_t>& row : taps) {
          for (std::int64_t out = 0; out < channels; ++out) {
            for (const std::int32_t tap : row) *to++ = tap < 0 ? 0.0F : from[out * plan_.taps() + tap];
          }
        }
      }
    }
  }
  return to;
}

}  // namespace tconv
