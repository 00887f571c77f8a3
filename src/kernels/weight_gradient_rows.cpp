// dw = Σ over input cells of the outer product of what the cell's stamp covers of g, in the order of the weights, with
// all input channels of the cell: as by stamps, but with the input channels side by side in a vector.

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/outer_panel.h"
#include "kernels/outer_tiles.h"
#include "kernels/toom_cook_steps.h"
#include "kernels/weight_gradient.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t cells_at_once = 192;  // whose stamps and inputs stay in the level 2 cache
constexpr int64_t stamp_floats = 96 * 1024;
constexpr int64_t most_sums = 1 << 20;  // floats of all parts
constexpr int64_t most_parts = 16;      // each with sums of its own

class GradientByRows : public WeightGradientWay {
 public:
  explicit GradientByRows(const LayerSpec& layer)
      : plan_(plan_of(layer)),
        lanes_(vector_lanes()),
        rows_(plan_.group_out() * plan_.taps()),
        stamp_step_((ceil_div(rows_ + most_behind_runs, 16) | 1) * 16),
        channels_(ceil_div(plan_.group_in(), lanes_) * lanes_) {
    const int64_t cells = std::clamp<int64_t>(stamp_floats / stamp_step_, 16, cells_at_once);
    const int64_t width = plan_.x().input;
    columns_together_ = ceil_div(width, ceil_div(width, cells));
    rows_together_ = std::clamp<int64_t>(cells / width, 1, plan_.y().input);
    const int64_t in_sample = ceil_div(plan_.y().input, rows_together_) * ceil_div(width, columns_together_);
    chunks_ = plan_.batch * in_sample;
    parts_ = std::clamp<int64_t>(most_sums / (rows_ * channels_), 1, std::min(chunks_, most_parts));
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    scratch_.resize(static_cast<std::size_t>(team.threads()));
    sums_.reserve(parts_ * rows_ * channels_);
    for (int64_t group = 0; group < plan_.groups; ++group) {
      const bool done = team.share(parts_, keep_going, [&](int64_t part, int slot) {
        const int64_t first = chunks_ * part / parts_;
        for (int64_t chunk = first; chunk < chunks_ * (part + 1) / parts_; ++chunk) {
          add_chunk(input, grad_output, group, chunk, chunk > first, sums_.data() + part * rows_ * channels_,
                    scratch_[static_cast<std::size_t>(slot)]);
        }
      }) && team.share(channels_ / lanes_, keep_going, [&](int64_t block, int slot) {
        add_parts(block, grad_weight + group * plan_.group_in() * rows_, scratch_[static_cast<std::size_t>(slot)]);
      });
      if (!done) return false;
    }
    return true;
  }

 private:
  struct Scratch {
    FloatBuffer padded;  ///< of g: [output channel][row][column], zeros where there is none
    FloatBuffer stamps;  ///< [cell][output channel, tap]
    FloatBuffer x;       ///< [cell][input channel]
    FloatBuffer block;   ///< [output channel, tap][lane]
  };
  /// Cells of one sample.
  struct Chunk {
    int64_t sample, row, rows, column, columns;
  };

  Chunk chunk_at(int64_t index) const {
    const int64_t across = ceil_div(plan_.x().input, columns_together_);
    const int64_t down = ceil_div(plan_.y().input, rows_together_);
    const int64_t row = index / across % down * rows_together_;
    const int64_t column = index % across * columns_together_;
    return {index / across / down, row, std::min(rows_together_, plan_.y().input - row), column,
            std::min(columns_together_, plan_.x().input - column)};
  }

  void add_chunk(const float* input, const float* grad_output, int64_t group, int64_t index, bool add, float* sums,
                 Scratch& scratch) const {
    const Chunk chunk = chunk_at(index);
    put_stamps(grad_output + (chunk.sample * plan_.out_channels + group * plan_.group_out()) * plan_.output_cells(),
               chunk, scratch);
    scratch.x.reserve(chunk.rows * chunk.columns * channels_);
    const float* const from =
        input + (chunk.sample * plan_.in_channels + group * plan_.group_in()) * plan_.input_cells();
    for (int64_t r = 0; r < chunk.rows; ++r) {
      transpose(from + (chunk.row + r) * plan_.x().input + chunk.column, plan_.input_cells(), plan_.group_in(),
                chunk.columns, scratch.x.data() + r * chunk.columns * channels_, channels_);
    }
    run_outer_panel({.x = scratch.stamps.data(),
                     .x_step = stamp_step_,
                     .g = scratch.x.data(),
                     .g_step = channels_,
                     .count = chunk.rows * chunk.columns,
                     .rows = rows_,
                     .columns = channels_,
                     .sums = sums,
                     .sums_step = channels_,
                     .add = add});
  }

  void put_stamps(const float* g, const Chunk& chunk, Scratch& scratch) const {
    const AxisPlan& y = plan_.y();
    const AxisPlan& x = plan_.x();
    const int64_t rows = (chunk.rows - 1) * y.stride + y.kernel;
    const int64_t columns = (chunk.columns - 1) * x.stride + x.kernel;
    const int64_t pitch = columns + most_behind_runs;
    const int64_t first_row = chunk.row * y.stride - y.padding;
    const int64_t first_column = chunk.column * x.stride - x.padding;
    const int64_t begin = std::clamp<int64_t>(-first_column, 0, columns);
    const int64_t end = std::clamp<int64_t>(x.output - first_column, begin, columns);
    scratch.padded.reserve(plan_.group_out() * rows * pitch);
    scratch.stamps.reserve(chunk.rows * chunk.columns * stamp_step_);
    for (int64_t out = 0; out < plan_.group_out(); ++out) {
      float* const padded = scratch.padded.data() + out * rows * pitch;
      for (int64_t r = 0; r < rows; ++r) {
        float* const to = padded + r * pitch;
        const int64_t row = first_row + r;
        if (row < 0 || row >= y.output) {
          std::fill_n(to, pitch, 0.0F);
          continue;
        }
        const float* const from = g + out * plan_.output_cells() + row * x.output + first_column;
        std::fill_n(to, begin, 0.0F);
        std::copy(from + begin, from + end, to + begin);
        std::fill(to + end, to + pitch, 0.0F);
      }
      // What a run writes behind its end, the next one overwrites.
      for (int64_t tap = 0; tap < y.kernel; ++tap) {
        for (int64_t r = 0; r < chunk.rows; ++r) {
          copy_runs(padded + (r * y.stride + tap) * pitch, x.stride, chunk.columns, x.kernel,
                    scratch.stamps.data() + r * chunk.columns * stamp_step_ + (out * y.kernel + tap) * x.kernel,
                    stamp_step_);
        }
      }
    }
  }

  /// In the parts' order: the result does not depend on who computed them.
  void add_parts(int64_t block, float* grad_weight, Scratch& scratch) const {
    alignas(64) static constexpr float no_bias[16] = {};
    const int64_t channel = block * lanes_;
    scratch.block.reserve(rows_ * lanes_);
    for (int64_t row = 0; row < rows_; ++row) {
      float* const to = scratch.block.data() + row * lanes_;
      const float* from = sums_.data() + row * channels_ + channel;
      std::copy_n(from, lanes_, to);
      for (int64_t part = 1; part < parts_; ++part) {
        from += rows_ * channels_;
        for (int64_t lane = 0; lane < lanes_; ++lane) to[lane] += from[lane];
      }
    }
    toom_cook_steps().scatter(scratch.block.data(), lanes_, no_bias,
                              static_cast<int>(std::min(lanes_, plan_.group_in() - channel)), rows_,
                              grad_weight + channel * rows_, rows_, false);
  }

  const LayerPlan plan_;
  const int64_t lanes_;
  const int64_t rows_;        ///< weights of an input channel
  const int64_t stamp_step_;  ///< from one cell's stamp to the next
  const int64_t channels_;    ///< of a group's input, whole vectors
  int64_t columns_together_ = 1;
  int64_t rows_together_ = 1;
  int64_t chunks_ = 1;
  int64_t parts_ = 1;
  FloatBuffer sums_;              ///< [part][output channel, tap][input channel]
  std::vector<Scratch> scratch_;  ///< by slot of the team
};

}  // namespace

std::unique_ptr<WeightGradientWay> weight_gradient_by_rows(const LayerSpec& layer) {
  return std::make_unique<GradientByRows>(layer);
}

}  // namespace tconv
