#include "kernels/weight_gradient_tiles.h"

#include <algorithm>
#include <atomic>
#include <span>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/gradient_spread.h"
#include "kernels/gradient_tiles_plan.h"
#include "kernels/gradient_tiles_steps.h"
#include "kernels/outer_panel.h"
#include "kernels/shares.h"
#include "kernels/weight_gradient_tiles_plan.h"

namespace tconv {
namespace {

using std::int64_t;

class GradientByTiles : public WeightGradientWay {
 public:
  GradientByTiles(const LayerPlan& layer, const ToomCookPlan& plan)
      : layer_(layer),
        plan_(plan),
        work_(weight_gradient_tiles_work(layer, plan)),
        steps_(toom_cook_steps()),
        lanes_(steps_.lanes),
        spread_(layer, plan),
        planes_(static_cast<std::size_t>(plan.planes())),
        in_blocks_(ceil_div(layer.group_in(), lanes_)),
        out_blocks_(ceil_div(layer.group_out(), lanes_)),
        x_step_(in_blocks_ * lanes_ + toom_cook_line),
        no_bias_(lanes_) {
    for (std::size_t plane = 0; plane < planes_; ++plane) {
      sums_step_.push_back(ceil_div(spread_.columns(plane), lanes_) * lanes_);
      columns_before_.push_back(columns_);
      columns_ += sums_step_.back();
    }
  }

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    // Threads that have groups of their own do not wait for each other.
    const bool apart = team.threads() > 1 && layer_.groups >= 2 * team.threads();
    works_.resize(static_cast<std::size_t>(team.threads()));
    sums_.resize(apart ? works_.size() : 1);
    // The last vector of taps may reach beyond the last column.
    if (work_.rows_at_once == 0) {
      for (FloatBuffer& sums : sums_) sums.reserve(work_.shares * share_sums() + lanes_);
    }
    if (apart) {
      return team.share(layer_.groups, keep_going, [&](int64_t group, int slot) {
        const auto index = static_cast<std::size_t>(slot);
        run(input, grad_output, grad_weight, group, {&works_[index], 1}, sums_[index].data(), Team(1), {});
      });
    }
    for (int64_t group = 0; group < layer_.groups; ++group) {
      if (!run(input, grad_output, grad_weight, group, works_, sums_.front().data(), team, keep_going)) return false;
    }
    return true;
  }

 private:
  struct Scratch {
    GradientSpreadScratch spread;
    FloatBuffer sums;     ///< [plane][input channel of a part][slot, output channel], if at once
    FloatBuffer weighed;  ///< [point of y][tap of x][output channel]
    FloatBuffer taps;     ///< [block of output channels][tap][lane]
    FloatBuffer by_tap;   ///< [tap of y][output channel]
  };
  /// The values of a chunk, and what a thread needs beside.
  struct Work {
    FloatBuffer x;  ///< [plane][tile][input channel]
    FloatBuffer g;  ///< see GradientSpread
    Scratch scratch;
  };
  using Works = std::span<Work>;  ///< by slot of the team; the values are in the first one

  /// sums: [share][plane][input channel][slot, output channel], unless at once.
  bool run(const float* input, const float* grad_output, float* grad_weight, int64_t group, Works works, float* sums,
           const Team& team, const KeepGoing& keep_going) const {
    if (work_.rows_at_once > 0) {
      const ToomCookChunk all = work_.chunks.at(0);
      return take_to_points(input, grad_output, group, all, works, team, keep_going) &&
             team.share(ceil_div(layer_.group_in(), work_.rows_at_once), keep_going, [&](int64_t part, int slot) {
               compute(all, part * work_.rows_at_once, group, works.front(),
                       works[static_cast<std::size_t>(slot)].scratch, grad_weight);
             });
    }
    const auto add_up = [&](int64_t share, Works some, const Team& by, const KeepGoing& going) {
      const PartRange range = parts_of(share, work_.shares, work_.chunks.count());
      for (int64_t index = range.first; index < range.last; ++index) {
        const ToomCookChunk chunk = work_.chunks.at(index);
        if (!take_to_points(input, grad_output, group, chunk, some, by, going) ||
            !multiply(chunk, index > range.first, some.front(), sums + share * share_sums(), by, going)) {
          return false;
        }
      }
      return true;
    };
    if (team.threads() > 1 && team.threads() <= work_.shares) {
      std::atomic<bool> stopped = false;
      const bool shared = team.share(work_.shares, keep_going, [&](int64_t share, int slot) {
        const Works own = works.subspan(static_cast<std::size_t>(slot), 1);
        if (!add_up(share, own, Team(1), keep_going)) stopped = true;
      });
      if (!shared || stopped) return false;
    } else {
      for (int64_t share = 0; share < work_.shares; ++share) {
        if (!add_up(share, works, team, keep_going)) return false;
      }
    }
    return take_to_taps(grad_weight, group, works, sums, team, keep_going);
  }

  int64_t share_sums() const { return layer_.group_in() * columns_; }
  int64_t x_plane(const ToomCookChunk& chunk) const { return spread_.tiles(chunk) * x_step_ + toom_cook_line; }

  bool take_to_points(const float* input, const float* grad_output, int64_t group, const ToomCookChunk& chunk,
                      Works works, const Team& team, const KeepGoing& keep_going) const {
    Work& work = works.front();
    work.g.reserve(spread_.size(chunk));
    work.x.reserve(plan_.planes() * x_plane(chunk));
    const int64_t of_g = spread_.tasks(chunk);
    return team.share(of_g + chunk.rows * in_blocks_, keep_going, [&](int64_t task, int slot) {
      GradientSpreadScratch& scratch = works[static_cast<std::size_t>(slot)].scratch.spread;
      if (task < of_g) {
        spread_.run(grad_output, group, chunk, task, scratch, work.g.data());
      } else {
        expand(input, group, (task - of_g) % in_blocks_, chunk, (task - of_g) / in_blocks_, scratch, work.x.data());
      }
    });
  }

  /// One row of tiles of one block of input channels.
  void expand(const float* input, int64_t group, int64_t block, const ToomCookChunk& chunk, int64_t strip,
              GradientSpreadScratch& scratch, float* values) const {
    const ToomCookAxis& y = plan_.y;
    const ToomCookAxis& x = plan_.x;
    const int64_t channel = block * lanes_;
    const auto channels = static_cast<int>(std::min(lanes_, layer_.group_in() - channel));
    const int64_t row = chunk.row + strip;
    const int64_t size = layer_.y().input * layer_.x().input;
    const float* const from = input + (row / y.tiles * layer_.in_channels + group * layer_.group_in() + channel) * size;
    const int64_t rows = y.cells * y.spacing;
    const int64_t first_y = row % y.tiles * rows;
    const int64_t first_x = chunk.x * x.cells * x.spacing;
    const int64_t columns = chunk.tiles * x.cells * x.spacing;
    const int64_t there = std::clamp<int64_t>(layer_.x().input - first_x, 0, columns);
    const int64_t pitch = columns * lanes_ + toom_cook_line;
    scratch.cells.reserve(rows * pitch);
    for (int64_t r = 0; r < rows; ++r) {
      float* const to = scratch.cells.data() + r * pitch;
      const int64_t some = first_y + r < layer_.y().input ? there : 0;
      if (some > 0) steps_.gather(from + (first_y + r) * layer_.x().input + first_x, size, channels, some, to);
      std::fill(to + some * lanes_, to + columns * lanes_, 0.0F);
    }
    const ToomCookAxisSteps& steps_y = steps_.axis(y.cells, y.taps);
    const ToomCookAxisSteps& steps_x = steps_.axis(x.cells, x.taps);
    const int64_t tile_x = x.rows() * lanes_;
    const int64_t expanded_row = chunk.tiles * tile_x + toom_cook_line;
    const int64_t plane = x_plane(chunk);
    scratch.expanded.reserve(y.cells * expanded_row);
    for (int64_t residue_y = 0; residue_y < y.spacing; ++residue_y) {
      for (int64_t residue_x = 0; residue_x < x.spacing; ++residue_x) {
        for (int64_t i = 0; i < y.cells; ++i) {
          const int64_t cells = (i * y.spacing + residue_y) * pitch + residue_x * lanes_;
          (x.plain ? steps_x.expand_plain : steps_x.expand)({.in = scratch.cells.data() + cells,
                                                             .in_cell = x.spacing * lanes_,
                                                             .in_next = x.cells * x.spacing * lanes_,
                                                             .out = scratch.expanded.data() + i * expanded_row,
                                                             .out_row = lanes_,
                                                             .out_next = tile_x,
                                                             .count = chunk.tiles});
        }
        const int64_t tile = ((strip * y.spacing + residue_y) * x.spacing + residue_x) * chunk.tiles;
        for (int64_t j = 0; j < x.rows(); ++j) {
          (y.plain ? steps_y.expand_plain : steps_y.expand)({.in = scratch.expanded.data() + j * lanes_,
                                                             .in_cell = expanded_row,
                                                             .in_next = tile_x,
                                                             .out = values + j * plane + tile * x_step_ + channel,
                                                             .out_row = x.rows() * plane,
                                                             .out_next = x_step_,
                                                             .count = chunk.tiles});
        }
      }
    }
  }

  /// Some input channels from their values to the weights.
  void compute(const ToomCookChunk& chunk, int64_t first, int64_t group, const Work& work, Scratch& scratch,
               float* grad_weight) const {
    const int64_t width = outer_panel_columns();
    const int64_t rows = std::min(work_.rows_at_once, layer_.group_in() - first);
    scratch.sums.reserve(work_.rows_at_once * columns_ + lanes_);
    for (std::size_t plane = 0; plane < planes_; ++plane) {
      const auto index = static_cast<int64_t>(plane);
      for (int64_t column = 0; column < sums_step_[plane]; column += width) {
        run_outer_panel({.x = work.x.data() + index * x_plane(chunk) + first,
                         .x_step = x_step_,
                         .g = work.g.data() + index * spread_.plane(chunk) + column,
                         .g_step = spread_.step(),
                         .count = spread_.tiles(chunk),
                         .rows = rows,
                         .columns = std::min(width, sums_step_[plane] - column),
                         .sums = scratch.sums.data() + columns_before_[plane] * work_.rows_at_once + column,
                         .sums_step = sums_step_[plane],
                         .add = false});
      }
    }
    for (int64_t row = 0; row < rows; ++row) {
      take_to_taps(row, work_.rows_at_once, scratch.sums.data(), scratch,
                   grad_weight + (group * layer_.group_in() + first + row) * layer_.group_out() * layer_.taps());
    }
  }

  bool multiply(const ToomCookChunk& chunk, bool add, const Work& work, float* sums, const Team& team,
                const KeepGoing& keep_going) const {
    const int64_t width = outer_panel_columns();
    std::vector<int64_t> parts{0};  // before each plane
    for (const int64_t columns : sums_step_) parts.push_back(parts.back() + ceil_div(columns, width));
    return team.share(parts.back(), keep_going, [&](int64_t part, int) {
      const auto plane = static_cast<std::size_t>(std::ranges::upper_bound(parts, part) - parts.begin() - 1);
      const int64_t first = (part - parts[plane]) * width;
      const auto index = static_cast<int64_t>(plane);
      run_outer_panel({.x = work.x.data() + index * x_plane(chunk),
                       .x_step = x_step_,
                       .g = work.g.data() + index * spread_.plane(chunk) + first,
                       .g_step = spread_.step(),
                       .count = spread_.tiles(chunk),
                       .rows = layer_.group_in(),
                       .columns = std::min(width, sums_step_[plane] - first),
                       .sums = sums + columns_before_[plane] * layer_.group_in() + first,
                       .sums_step = sums_step_[plane],
                       .add = add});
    });
  }

  bool take_to_taps(float* grad_weight, int64_t group, Works works, float* sums, const Team& team,
                    const KeepGoing& keep_going) const {
    constexpr int64_t together = 4;  // input channels
    const int64_t parts = ceil_div(layer_.group_in(), together);
    // All of them before any is taken: the last vector of a channel reaches into the next one.
    if (work_.shares > 1 && !team.share(parts, keep_going, [&](int64_t part, int) {
          add_shares(part * together, std::min(layer_.group_in(), (part + 1) * together), sums);
        })) {
      return false;
    }
    return team.share(parts, keep_going, [&](int64_t part, int slot) {
      const int64_t last = std::min(layer_.group_in(), (part + 1) * together);
      for (int64_t in = part * together; in < last; ++in) {
        take_to_taps(in, layer_.group_in(), sums, works[static_cast<std::size_t>(slot)].scratch,
                     grad_weight + (group * layer_.group_in() + in) * layer_.group_out() * layer_.taps());
      }
    });
  }

  /// To the first one, those of some input channels.
  void add_shares(int64_t first, int64_t last, float* sums) const {
    for (std::size_t plane = 0; plane < planes_; ++plane) {
      float* const to = sums + columns_before_[plane] * layer_.group_in();
      for (int64_t share = 1; share < work_.shares; ++share) {
        const float* const from = to + share * share_sums();
        for (int64_t i = first * sums_step_[plane]; i < last * sums_step_[plane]; ++i) to[i] += from[i];
      }
    }
  }

  void take_to_taps(int64_t in, int64_t rows, const float* sums, Scratch& scratch, float* to) const {
    const int64_t taps = layer_.taps();
    const int64_t channels = out_blocks_ * lanes_;
    scratch.taps.reserve(channels * taps);
    scratch.by_tap.reserve(channels * plan_.y.taps);
    scratch.weighed.reserve(channels * (plan_.y.points() + 1) * plan_.x.taps);
    for (std::size_t index = 0; index < plan_.classes.size(); ++index) {
      const ToomCookClass& cls = plan_.classes[index];
      const auto& phases_y = cls.plain_y ? plan_.y.plain_phases : plan_.y.points_phases;
      const auto& phases_x = cls.plain_x ? plan_.x.plain_phases : plan_.x.points_phases;
      const GradientAxisSteps& steps_y = gradient_steps(plan_.y.cells, cls.plain_y ? 1 : plan_.y.taps);
      const GradientAxisSteps& steps_x = gradient_steps(plan_.x.cells, cls.plain_x ? 1 : plan_.x.taps);
      const int64_t point_step = plan_.x.taps * channels;
      for (int phase = 0; phase < cls.phases; ++phase) {
        for (int i = 0; i < cls.points_y; ++i) {
          GradientWeigh step{
              .in = {}, .out = scratch.weighed.data() + i * point_step, .out_tap = channels, .count = out_blocks_};
          for (int j = 0; j < cls.points_x; ++j) {
            const auto plane = static_cast<std::size_t>(plan_.plane_of(cls, i, j));
            const int slot = spread_.first_slot(index, i * cls.points_x + j) + phase;
            step.in[j] = sums + columns_before_[plane] * rows + in * sums_step_[plane] + slot * layer_.group_out();
          }
          steps_x.weigh(step);
        }
        const auto& taps_y = phases_y[static_cast<std::size_t>(phase) / phases_x.size()].taps;
        const auto& taps_x = phases_x[static_cast<std::size_t>(phase) % phases_x.size()].taps;
        for (std::size_t tap_x = 0; tap_x < taps_x.size(); ++tap_x) {
          GradientWeigh step{.in = {}, .out = scratch.by_tap.data(), .out_tap = channels, .count = out_blocks_};
          for (int i = 0; i < cls.points_y; ++i) {
            step.in[i] = scratch.weighed.data() + i * point_step + static_cast<int64_t>(tap_x) * channels;
          }
          steps_y.weigh(step);
          for (std::size_t tap_y = 0; tap_y < taps_y.size(); ++tap_y) {
            const int64_t tap = taps_y[tap_y] * layer_.x().kernel + taps_x[tap_x];
            for (int64_t block = 0; block < out_blocks_; ++block) {
              std::copy_n(scratch.by_tap.data() + static_cast<int64_t>(tap_y) * channels + block * lanes_, lanes_,
                          scratch.taps.data() + (block * taps + tap) * lanes_);
            }
          }
        }
      }
    }
    for (int64_t block = 0; block < out_blocks_; ++block) {
      const int64_t out = block * lanes_;
      steps_.scatter(scratch.taps.data() + block * taps * lanes_, lanes_, no_bias_.data(),
                     static_cast<int>(std::min(lanes_, layer_.group_out() - out)), taps, to + out * taps, taps, false);
    }
  }

  const LayerPlan layer_;
  const ToomCookPlan plan_;
  const WeightGradientTilesWork work_;
  const ToomCookSteps& steps_;
  const int64_t lanes_;
  const GradientSpread spread_;
  const std::size_t planes_;
  const int64_t in_blocks_;
  const int64_t out_blocks_;
  const int64_t x_step_;  ///< from one tile to the next
  FloatBuffer no_bias_;
  std::vector<int64_t> sums_step_;       ///< by plane: from one input channel to the next
  std::vector<int64_t> columns_before_;  ///< by plane: of the planes before it
  int64_t columns_ = 0;
  std::vector<FloatBuffer> sums_;  ///< by slot of the team, where threads have groups of their own
  std::vector<Work> works_;
};

}  // namespace

std::vector<ToomCookPlan> weight_gradient_cuts(const LayerPlan& layer) {
  std::vector<ToomCookPlan> cuts = gradient_tiles_plans(layer);
  for (ToomCookPlan& cut : cuts) cut.cycles = weight_gradient_tiles_cycles(layer, cut);
  return cuts;
}

std::unique_ptr<WeightGradientWay> weight_gradient_by_tiles(const LayerPlan& layer, const ToomCookPlan& cut) {
  return std::make_unique<GradientByTiles>(layer, cut);
}

}  // namespace tconv
