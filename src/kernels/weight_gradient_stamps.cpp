// dw[c] = Σ over input cells of x[c] times the part of g that the cell's stamp covers: a product of matrices whose
// columns are the weights of one input channel in their own order, so that the result is written once and in place.

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/outer_tiles.h"
#include "kernels/toom_cook_steps.h"
#include "kernels/weight_gradient.h"

namespace tconv {
namespace {

using std::int64_t;

class GradientByStamps : public WeightGradientWay {
 public:
  explicit GradientByStamps(const LayerSpec& layer)
      : plan_(plan_of(layer)),
        columns_(plan_.group_out() * plan_.taps()),
        shape_(best_outer_shape(plan_.group_in(), columns_)),
        width_(int64_t{shape_.vectors} * vector_lanes()),
        in_blocks_(ceil_div(plan_.group_in(), shape_.rows)),
        reached_(reached_cells(plan_)) {
    for (int64_t cell = 0; cell < cells(); ++cell) offsets_.push_back(cell * width_);
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    tiles_.resize(static_cast<std::size_t>(team.threads()));
    const int64_t panels = ceil_div(columns_, width_);
    stamps_.reserve(panels * cells() * width_);
    // Large stamps stay in the level 1 cache for all input channels; beside small ones the weights are written row by
    // row.
    const int64_t together = std::clamp<int64_t>(cells() / 2, 1, in_blocks_);  // blocks of input channels
    const int64_t some = ceil_div(in_blocks_, together);
    const int64_t ranges = std::min(panels, ceil_div(int64_t{4} * team.threads(), some));
    for (int64_t group = 0; group < plan_.groups; ++group) {
      put_in_order(input, group);
      float* const to = grad_weight + group * plan_.group_in() * columns_;
      const bool done = team.share(panels, keep_going, [&](int64_t panel, int) {
        gather(grad_output, group, panel);
      }) && team.share(some * ranges, keep_going, [&](int64_t part, int slot) {
        const int64_t first = part / ranges * together;
        const int64_t last = std::min(in_blocks_, first + together);
        const int64_t end = panels * (part % ranges + 1) / ranges;
        for (int64_t panel = panels * (part % ranges) / ranges; panel < end; ++panel) {
          compute(panel, first, last, to, tiles_[static_cast<std::size_t>(slot)]);
        }
        toom_cook_steps().flush();
      });
      if (!done) return false;
    }
    return true;
  }

 private:
  int64_t cells() const { return plan_.batch * plan_.input_cells(); }  ///< of all samples

  /// x by block of channels, then by cell.
  void put_in_order(const float* input, int64_t group) {
    x_.reserve(in_blocks_ * cells() * shape_.rows);
    std::ranges::fill(x_.span(), 0.0F);
    for (int64_t sample = 0; sample < plan_.batch; ++sample) {
      const float* const from = input + (sample * plan_.in_channels + group * plan_.group_in()) * plan_.input_cells();
      for (int64_t block = 0; block < in_blocks_; ++block) {
        const int64_t first = block * shape_.rows;
        transpose(from + first * plan_.input_cells(), plan_.input_cells(),
                  std::min<int64_t>(shape_.rows, plan_.group_in() - first), plan_.input_cells(),
                  x_.data() + (block * cells() + sample * plan_.input_cells()) * shape_.rows, shape_.rows);
      }
    }
  }

  /// The stamps' columns of a panel: [cell][column].
  void gather(const float* grad_output, int64_t group, int64_t panel) {
    float* const stamps = stamps_.data() + panel * cells() * width_;
    const int64_t first = panel * width_;
    const int64_t count = std::min(width_, columns_ - first);
    int64_t out = group * plan_.group_out() + first / plan_.taps();
    int64_t tap = first % plan_.taps();
    for (int64_t column = 0; column < count; ++column) {
      float* to = stamps + column;
      const int64_t* const reached = reached_.data() + tap * plan_.input_cells();
      for (int64_t sample = 0; sample < plan_.batch; ++sample) {
        const float* const from = grad_output + (sample * plan_.out_channels + out) * plan_.output_cells();
        for (int64_t cell = 0; cell < plan_.input_cells(); ++cell, to += width_) {
          *to = reached[cell] < 0 ? 0 : from[reached[cell]];
        }
      }
      if (++tap < plan_.taps()) continue;
      tap = 0;
      ++out;
    }
    for (int64_t cell = 0; cell < cells(); ++cell) {
      std::fill(stamps + cell * width_ + count, stamps + (cell + 1) * width_, 0.0F);
    }
  }

  /// The weights of a panel and of the blocks [first, last) of input channels.
  void compute(int64_t panel, int64_t first, int64_t last, float* grad_weight, FloatBuffer& tile) const {
    tile.reserve(shape_.rows * width_);
    const int64_t column = panel * width_;
    const int64_t count = std::min(width_, columns_ - column);
    for (int64_t block = first; block < last; ++block) {
      const int64_t in = block * shape_.rows;
      const int64_t rows = std::min<int64_t>(shape_.rows, plan_.group_in() - in);
      float* const to = grad_weight + in * columns_ + column;
      const bool whole = rows == shape_.rows && count == width_;
      shape_.run({.x = x_.data() + block * cells() * shape_.rows,
                  .g = stamps_.data() + panel * cells() * width_,
                  .offsets = offsets_.data(),
                  .cells = cells(),
                  .sums = whole ? to : tile.data(),
                  .sums_stride = whole ? columns_ : width_,
                  .add = false,
                  .past_the_caches = whole && plan_.weight_size() > cached_floats});
      for (int64_t row = 0; !whole && row < rows; ++row) {
        std::copy_n(tile.data() + row * width_, count, to + row * columns_);
      }
    }
  }

  const LayerPlan plan_;
  const int64_t columns_;  ///< weights of one input channel
  const OuterShape shape_;
  const int64_t width_;
  const int64_t in_blocks_;
  const std::vector<int64_t> reached_;
  std::vector<int64_t> offsets_;
  FloatBuffer x_;
  FloatBuffer stamps_;              ///< [panel][cell][column of the panel]
  std::vector<FloatBuffer> tiles_;  ///< by slot of the team
};

}  // namespace

std::unique_ptr<WeightGradientWay> weight_gradient_by_stamps(const LayerSpec& layer) {
  return std::make_unique<GradientByStamps>(layer);
}

}  // namespace tconv
