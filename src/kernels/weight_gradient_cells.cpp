// dw = Σ over input cells of the outer product of x, all channels of the cell, with g, all channels of the output cell
// that the tap reaches from there: a product of matrices for each tap, without copying g once for each of them.

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/outer_tiles.h"
#include "kernels/weight_gradient.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t strip_cells = 128;  // whose rows of g stay in the level 1 cache for all input channels

class GradientByCells : public WeightGradientWay {
 public:
  explicit GradientByCells(const LayerSpec& layer)
      : plan_(plan_of(layer)),
        shape_(best_outer_shape(plan_.group_in(), plan_.group_out())),
        width_(int64_t{shape_.vectors} * vector_lanes()),
        in_blocks_(ceil_div(plan_.group_in(), shape_.rows)),
        out_blocks_(ceil_div(plan_.group_out(), width_)) {
    list_offsets();
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    make_room();
    for (int64_t group = 0; group < plan_.groups; ++group) {
      for (int64_t sample = 0; sample < plan_.batch; ++sample) {
        const int64_t channel = sample * plan_.in_channels + group * plan_.group_in();
        const int64_t gradient = sample * plan_.out_channels + group * plan_.group_out();
        if (!put_in_order(input + channel * plan_.input_cells(), grad_output + gradient * plan_.output_cells(), team,
                          keep_going) ||
            !multiply(sample > 0, team, keep_going)) {
          return false;
        }
      }
      float* const to = grad_weight + group * plan_.group_in() * plan_.group_out() * plan_.taps();
      if (!unpack(to, team, keep_going)) return false;
    }
    return true;
  }

 private:
  /// Blocks of output channels lie one after the other, so that the cells of one are neighbours.
  int64_t block_floats() const { return (plan_.output_cells() + 1) * width_; }
  int64_t tile_floats() const { return int64_t{shape_.rows} * width_; }
  int64_t tile_index(int64_t tap, int64_t out_block, int64_t in_block) const {
    return (tap * out_blocks_ + out_block) * in_blocks_ + in_block;
  }

  /// By tap and input cell: where the output cell's channels begin in `g_`; a row of zeros for those outside.
  void list_offsets() {
    offsets_ = reached_cells(plan_);
    for (int64_t& cell : offsets_) cell = (cell < 0 ? plan_.output_cells() : cell) * width_;
  }

  void make_room() {
    x_.reserve(in_blocks_ * plan_.input_cells() * shape_.rows);
    sums_.reserve(plan_.taps() * out_blocks_ * in_blocks_ * tile_floats());
    g_.reserve(out_blocks_ * block_floats());  // the channels beyond the last, and the row of zeros, stay 0
  }

  /// One sample: x by block of channels, then by cell; g by cell.
  bool put_in_order(const float* x, const float* g, const Team& team, const KeepGoing& keep_going) {
    constexpr int64_t together = 512;  // cells
    const int64_t parts = ceil_div(plan_.output_cells(), together);
    return team.share(in_blocks_ + parts, keep_going, [&](int64_t part, int) {
      if (part < in_blocks_) {
        const int64_t first = part * shape_.rows;
        transpose(x + first * plan_.input_cells(), plan_.input_cells(),
                  std::min<int64_t>(shape_.rows, plan_.group_in() - first), plan_.input_cells(),
                  x_.data() + part * plan_.input_cells() * shape_.rows, shape_.rows);
      } else {
        const int64_t first = (part - in_blocks_) * together;
        const int64_t cells = std::min(together, plan_.output_cells() - first);
        for (int64_t block = 0; block < out_blocks_; ++block) {
          const int64_t channel = block * width_;
          transpose(g + channel * plan_.output_cells() + first, plan_.output_cells(),
                    std::min(width_, plan_.group_out() - channel), cells,
                    g_.data() + block * block_floats() + first * width_, width_);
        }
      }
    });
  }

  bool multiply(bool add, const Team& team, const KeepGoing& keep_going) {
    // Enough parts for every thread, of as many input channels as possible: they read the same cells of g.
    const int64_t wanted = team.threads() == 1 ? 1 : ceil_div(int64_t{2} * team.threads(), out_blocks_);
    const int64_t panels = std::min(in_blocks_, wanted);
    const int64_t in_panel = ceil_div(in_blocks_, panels);
    return team.share(out_blocks_ * ceil_div(in_blocks_, in_panel), keep_going, [&](int64_t part, int) {
      const int64_t out_block = part % out_blocks_;
      const int64_t first = part / out_blocks_ * in_panel;
      multiply(add, out_block, first, std::min(in_blocks_, first + in_panel));
    });
  }

  void multiply(bool add, int64_t out_block, int64_t first, int64_t last) {
    const int64_t cells = plan_.input_cells();
    for (int64_t begin = 0; begin < cells; begin += strip_cells) {
      for (int64_t tap = 0; tap < plan_.taps(); ++tap) {
        OuterTile tile{.x = nullptr,
                       .g = g_.data() + out_block * block_floats(),
                       .offsets = offsets_.data() + tap * cells + begin,
                       .cells = std::min(strip_cells, cells - begin),
                       .sums = nullptr,
                       .sums_stride = width_,
                       .add = add || begin > 0};
        for (int64_t in_block = first; in_block < last; ++in_block) {
          tile.x = x_.data() + (in_block * cells + begin) * shape_.rows;
          tile.sums = sums_.data() + tile_index(tap, out_block, in_block) * tile_floats();
          shape_.run(tile);
        }
      }
    }
  }

  bool unpack(float* grad_weight, const Team& team, const KeepGoing& keep_going) const {
    const int64_t taps = plan_.taps();
    return team.share(in_blocks_, keep_going, [&](int64_t in_block, int) {
      const int64_t first = in_block * shape_.rows;
      const int64_t last = std::min(plan_.group_in(), first + shape_.rows);
      const int64_t tap_floats = out_blocks_ * in_blocks_ * tile_floats();
      for (int64_t in = first; in < last; ++in) {
        for (int64_t out_block = 0; out_block < out_blocks_; ++out_block) {
          const int64_t out = out_block * width_;
          const float* const from =
              sums_.data() + tile_index(0, out_block, in_block) * tile_floats() + (in - first) * width_;
          float* const to = grad_weight + (in * plan_.group_out() + out) * taps;
          const int64_t count = std::min(width_, plan_.group_out() - out);
          for (int64_t tap = 0; tap < taps; ++tap) {
            for (int64_t i = 0; i < count; ++i) to[i * taps + tap] = from[tap * tap_floats + i];
          }
        }
      }
    });
  }

  const LayerPlan plan_;
  const OuterShape shape_;
  const int64_t width_;       ///< output channels of a tile
  const int64_t in_blocks_;   ///< of the shape's rows
  const int64_t out_blocks_;  ///< of `width_`
  std::vector<int64_t> offsets_;
  FloatBuffer x_;
  FloatBuffer g_;
  FloatBuffer sums_;
};

}  // namespace

std::unique_ptr<WeightGradientWay> weight_gradient_by_cells(const LayerSpec& layer) {
  return std::make_unique<GradientByCells>(layer);
}

}  // namespace tconv
