#include "kernels/toom_cook_weights.h"

#include <algorithm>
#include <array>

#include "core/integers.h"

namespace tconv {
using std::int64_t;

ToomCookWeigh::ToomCookWeigh(const ToomCookAxis& axis, bool plain)
    : points(plain || axis.taps == 1 ? 1 : static_cast<std::size_t>(axis.points())),
      taps(plain ? 1 : static_cast<std::size_t>(axis.taps)) {
  static constexpr double one[] = {1};
  numbers = taps == 1 ? std::span<const double>(one) : toom_cook_weights(axis.cells, axis.taps);
}

ToomCookWeights::ToomCookWeights(const LayerPlan& layer, const ToomCookPlan& plan, const ToomCookSteps& steps,
                                 const float* weight, const float* bias)
    : lanes_(steps.lanes),
      group_in_(layer.group_in()),
      blocks_(ceil_div(layer.group_out(), lanes_)),
      together_(plan.blocks_together),
      units_(ceil_div(blocks_, together_)) {
  int64_t size = 0;
  for (int64_t group = 0; group < layer.groups; ++group) {
    for (int64_t unit = 0; unit < units_; ++unit) {
      std::vector<int64_t>& starts = starts_.emplace_back();
      for (const ToomCookClass& cls : plan.classes) {
        starts.push_back(size);
        size += cls.weights_y * cls.weights_x * matrix(unit, cls);
      }
    }
  }
  floats_ = FloatBuffer(size);
  for (int64_t group = 0; group < layer.groups; ++group) {
    for (int64_t unit = 0; unit < units_; ++unit) {
      for (std::size_t cls = 0; cls < plan.classes.size(); ++cls) {
        transform(layer, plan, steps, weight, group, unit, cls);
      }
    }
  }
  bias_ = FloatBuffer(layer.groups * blocks_ * lanes_);
  for (int64_t out = 0; bias != nullptr && out < layer.out_channels; ++out) {
    const int64_t group = out / layer.group_out();
    bias_.data()[group * blocks_ * lanes_ + out % layer.group_out()] = bias[out];
  }
}

void ToomCookWeights::transform(const LayerPlan& layer, const ToomCookPlan& plan, const ToomCookSteps& steps,
                                const float* weight, int64_t group, int64_t unit, std::size_t index) {
  const ToomCookClass& cls = plan.classes[index];
  const auto& phases_y = cls.plain_y ? plan.y.plain_phases : plan.y.points_phases;
  const auto& phases_x = cls.plain_x ? plan.x.plain_phases : plan.x.points_phases;
  const ToomCookWeigh weigh_y(plan.y, cls.plain_y);
  const ToomCookWeigh weigh_x(plan.x, cls.plain_x);
  const int64_t apart = matrix(unit, cls);
  const int vectors = blocks_in(unit) * cls.phases;
  float* const first = floats_.data() + starts_[static_cast<std::size_t>(group * units_ + unit)][index];
  for (int64_t in = 0; in < group_in_; ++in) {
    for (int v = 0; v < vectors; ++v) {
      float* const place = first + steps.place(group_in_, toom_cook_chain, vectors, in, v);
      const auto phase = static_cast<std::size_t>(v % cls.phases);
      const auto& taps_y = phases_y[phase / phases_x.size()].taps;
      const auto& taps_x = phases_x[phase % phases_x.size()].taps;
      const int64_t out = (unit * together_ + v / cls.phases) * lanes_;
      for (int64_t lane = 0; lane < std::min(lanes_, layer.group_out() - out); ++lane) {
        const float* taps = weight + ((group * group_in_ + in) * layer.group_out() + out + lane) * layer.taps();
        double along_x[toom_cook_most_taps][toom_cook_most_points] = {};
        for (std::size_t i = 0; i < taps_y.size(); ++i) {
          for (std::size_t j = 0; j < taps_x.size(); ++j) {
            const double tap = taps[taps_y[i] * layer.x().kernel + taps_x[j]];
            for (std::size_t p = 0; p < weigh_x.points; ++p) along_x[i][p] += weigh_x(p, j) * tap;
          }
        }
        for (std::size_t q = 0; q < weigh_y.points; ++q) {
          for (std::size_t p = 0; p < weigh_x.points; ++p) {
            double value = 0;
            for (std::size_t i = 0; i < taps_y.size(); ++i) value += weigh_y(q, i) * along_x[i][p];
            place[static_cast<int64_t>(q * weigh_x.points + p) * apart + lane] = static_cast<float>(value);
          }
        }
      }
    }
  }
}

}  // namespace tconv
