// dw[c] = Σ over input cells of x[c] times the part of g that the cell's stamp covers: a product of matrices whose
// columns are the weights of one input channel in their own order, so that the result is written once and in place.

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/outer_tiles.h"
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
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    for (int64_t group = 0; group < plan_.groups; ++group) {
      put_in_order(input, group);
      float* const to = grad_weight + group * plan_.group_in() * columns_;
      const bool done = team.share(ceil_div(columns_, width_), keep_going, [&](int64_t panel, int slot) {
        compute(grad_output, group, panel * width_, to, scratch_[static_cast<std::size_t>(slot)]);
      });
      if (!done) return false;
    }
    return true;
  }

 private:
  struct Scratch {
    FloatBuffer stamps;  ///< [cell][column of the panel]
    FloatBuffer tile;
  };

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

  void gather(const float* grad_output, int64_t group, int64_t first, FloatBuffer& stamps) const {
    stamps.reserve(cells() * width_);
    const int64_t count = std::min(width_, columns_ - first);
    for (int64_t column = 0; column < width_; ++column) {
      float* to = stamps.data() + column;
      if (column >= count) {
        for (int64_t cell = 0; cell < cells(); ++cell) to[cell * width_] = 0;
        continue;
      }
      const int64_t out = group * plan_.group_out() + (first + column) / plan_.taps();
      const int64_t* const reached = reached_.data() + (first + column) % plan_.taps() * plan_.input_cells();
      for (int64_t sample = 0; sample < plan_.batch; ++sample) {
        const float* const from = grad_output + (sample * plan_.out_channels + out) * plan_.output_cells();
        for (int64_t cell = 0; cell < plan_.input_cells(); ++cell, to += width_) {
          *to = reached[cell] < 0 ? 0 : from[reached[cell]];
        }
      }
    }
  }

  /// The weights [first, first + width_) of every input channel.
  void compute(const float* grad_output, int64_t group, int64_t first, float* grad_weight, Scratch& scratch) const {
    gather(grad_output, group, first, scratch.stamps);
    scratch.tile.reserve(shape_.rows * width_);
    const int64_t count = std::min(width_, columns_ - first);
    for (int64_t block = 0; block < in_blocks_; ++block) {
      const int64_t in = block * shape_.rows;
      const int64_t rows = std::min<int64_t>(shape_.rows, plan_.group_in() - in);
      float* const to = grad_weight + in * columns_ + first;
      const bool whole = rows == shape_.rows && count == width_;
      shape_.run({.x = x_.data() + block * cells() * shape_.rows,
                  .g = scratch.stamps.data(),
                  .offsets = offsets_.data(),
                  .cells = cells(),
                  .sums = whole ? to : scratch.tile.data(),
                  .sums_stride = whole ? columns_ : width_,
                  .add = false});
      for (int64_t row = 0; !whole && row < rows; ++row) {
        std::copy_n(scratch.tile.data() + row * width_, count, to + row * columns_);
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
  std::vector<Scratch> scratch_;  ///< by slot of the team
};

}  // namespace

std::unique_ptr<WeightGradientWay> weight_gradient_by_stamps(const LayerSpec& layer) {
  return std::make_unique<GradientByStamps>(layer);
}

}  // namespace tconv
