#pragma once
// The weights of the `toom_cook` engine: the values of the taps' polynomials, in the order in which they are needed.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/buffer.h"
#include "kernels/layer_plan.h"
#include "kernels/toom_cook_plan.h"
#include "kernels/toom_cook_steps.h"

namespace tconv {

inline constexpr std::size_t toom_cook_most_points = 6;
inline constexpr std::size_t toom_cook_most_taps = 3;

/// An axis' matrix from the taps of a phase to the values at its points; the identity without points.
struct ToomCookWeigh {
  std::size_t points;
  std::size_t taps;
  std::span<const double> numbers;

  ToomCookWeigh(const ToomCookAxis& axis, bool plain);
  double operator()(std::size_t point, std::size_t tap) const { return numbers[point * taps + tap]; }
};

/// A "unit" is ToomCookPlan::blocks_together blocks of a group's output channels, fewer for the last. A unit's vectors
/// of a class are numbered block · phases + phase.
class ToomCookWeights {
 public:
  ToomCookWeights(const LayerPlan& layer, const ToomCookPlan& plan, const ToomCookSteps& steps, const float* weight,
                  const float* bias);

  std::int64_t blocks() const { return blocks_; }  ///< of a group
  std::int64_t units() const { return units_; }    ///< of a group
  int blocks_in(std::int64_t unit) const {
    return static_cast<int>(std::min<std::int64_t>(together_, blocks_ - unit * together_));
  }
  /// Those of point (0, 0) of a class; those of the next points lie `matrix` floats apart, x inside of y.
  const float* of(std::int64_t group, std::int64_t unit, std::size_t cls) const {
    return floats_.data() + starts_[static_cast<std::size_t>(group * units_ + unit)][cls];
  }
  std::int64_t matrix(std::int64_t unit, const ToomCookClass& cls) const {
    return group_in_ * blocks_in(unit) * cls.phases * lanes_;
  }
  /// Of one block, as many as lanes, 0 where there is no channel.
  const float* bias(std::int64_t group, std::int64_t block) const {
    return bias_.data() + (group * blocks_ + block) * lanes_;
  }
  std::int64_t bytes() const { return floats_.size() * static_cast<std::int64_t>(sizeof(float)); }

 private:
  void transform(const LayerPlan& layer, const ToomCookPlan& plan, const ToomCookSteps& steps, const float* weight,
                 std::int64_t group, std::int64_t unit, std::size_t cls);

  std::int64_t lanes_;
  std::int64_t group_in_;
  std::int64_t blocks_;
  std::int64_t together_;
  std::int64_t units_;
  std::vector<std::vector<std::int64_t>> starts_;  ///< [group · units + unit][class]
  FloatBuffer floats_;
  FloatBuffer bias_;
};

}  // namespace tconv
