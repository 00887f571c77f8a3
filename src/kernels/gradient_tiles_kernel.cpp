#include "kernels/gradient_tiles_kernel.h"

#include <algorithm>

#include "core/integers.h"
#include "kernels/gradient_tiles_steps.h"
#include "kernels/toom_cook_weights.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t kept_floats = 512 * 1024;         // of values at a time
constexpr int64_t cached_weights = 128 * 1024;      // floats that every chunk may read again
constexpr int64_t cached_floats = 2 * 1024 * 1024;  // an output of more is written past the caches
constexpr int64_t least_tiles = 32;                 // of a chunk, that fetching the weights pays for
constexpr int64_t most_tiles = 240;

/// Cells of g along an axis that all phases of one tile read.
int64_t span_of(const ToomCookAxis& axis, int64_t stride) {
  int64_t span = 1;
  for (const bool plain : {false, true}) {
    const int64_t cells = plain ? axis.cells : axis.points();
    for (const ToomCookAxis::Phase& phase : plain ? axis.plain_phases : axis.points_phases) {
      span = std::max(span, phase.start + stride * (axis.spacing * cells - 1) + 1);
    }
  }
  return span;
}

}  // namespace

GradientTilesKernel::GradientTilesKernel(const LayerPlan& layer, ToomCookPlan plan, const float* weight)
    : layer_(layer),
      plan_(std::move(plan)),
      steps_(toom_cook_steps()),
      lanes_(steps_.lanes),
      chain_(gradient_tiles_chain(layer, plan_)),
      in_blocks_(ceil_div(layer.group_in(), lanes_)),
      out_blocks_(ceil_div(layer.group_out(), lanes_)),
      units_(ceil_div(in_blocks_, plan_.blocks_together)),
      reach_y_(plan_.y.reach(layer.y())),
      reach_x_(plan_.x.reach(layer.x())),
      span_y_(span_of(plan_.y, layer.y().stride)),
      span_x_(span_of(plan_.x, layer.x().stride)),
      used_rows_(static_cast<std::size_t>(layer.y().stride)),
      slots_(gradient_tiles_slots(plan_)),
      no_bias_(lanes_) {
  for (const auto* phases : {&plan_.y.points_phases, &plan_.y.plain_phases}) {
    for (const ToomCookAxis::Phase& phase : *phases) {
      used_rows_[static_cast<std::size_t>(phase.start % layer.y().stride)] = true;
    }
  }
  std::ranges::fill(no_bias_.span(), 0.0F);
  number_slots();
  pack(weight);
}

void GradientTilesKernel::number_slots() {
  std::vector<int> next(slots_.size());
  for (const ToomCookClass& cls : plan_.classes) {
    std::vector<int>& first = first_slots_.emplace_back();
    for (int i = 0; i < cls.points_y; ++i) {
      for (int j = 0; j < cls.points_x; ++j) {
        int& slot = next[static_cast<std::size_t>(plan_.plane_of(cls, i, j))];
        first.push_back(slot);
        slot += cls.phases;
      }
    }
  }
  value_step_ = (ceil_div(*std::ranges::max_element(slots_) * layer_.group_out(), toom_cook_line) | 1) * toom_cook_line;
}

void GradientTilesKernel::pack(const float* weight) {
  for (int64_t unit = 0; unit < units_; ++unit) {
    for (const int slots : slots_) {
      weights_at_.push_back(group_weights_);
      group_weights_ += slots * layer_.group_out() * vectors_in(unit) * lanes_;
    }
  }
  weights_ = FloatBuffer(layer_.groups * group_weights_);
  std::ranges::fill(weights_.span(), 0.0F);
  for (int64_t group = 0; group < layer_.groups; ++group) {
    for (int64_t unit = 0; unit < units_; ++unit) pack(weight, group, unit, weights_.data() + group * group_weights_);
  }
}

void GradientTilesKernel::pack(const float* weight, int64_t group, int64_t unit, float* packed) const {
  const int vectors = vectors_in(unit);
  const int64_t out_channels = layer_.group_out();
  for (std::size_t index = 0; index < plan_.classes.size(); ++index) {
    const ToomCookClass& cls = plan_.classes[index];
    const auto& phases_y = cls.plain_y ? plan_.y.plain_phases : plan_.y.points_phases;
    const auto& phases_x = cls.plain_x ? plan_.x.plain_phases : plan_.x.points_phases;
    const ToomCookWeigh weigh_y(plan_.y, cls.plain_y);
    const ToomCookWeigh weigh_x(plan_.x, cls.plain_x);
    for (int phase = 0; phase < cls.phases; ++phase) {
      const auto& taps_y = phases_y[static_cast<std::size_t>(phase) / phases_x.size()].taps;
      const auto& taps_x = phases_x[static_cast<std::size_t>(phase) % phases_x.size()].taps;
      for (int64_t out = 0; out < out_channels; ++out) {
        for (int v = 0; v < vectors; ++v) {
          float* places[toom_cook_most_points * toom_cook_most_points];
          for (int i = 0; i < cls.points_y; ++i) {
            for (int j = 0; j < cls.points_x; ++j) {
              const auto point = static_cast<std::size_t>(i * cls.points_x + j);
              const auto plane = static_cast<std::size_t>(plan_.plane_of(cls, i, j));
              const int64_t k = (first_slots_[index][point] + phase) * out_channels + out;
              places[point] = packed + weights_at_[static_cast<std::size_t>(unit) * slots_.size() + plane] +
                              steps_.place(slots_[plane] * out_channels, chain_, vectors, k, v);
            }
          }
          const int64_t in = (unit * plan_.blocks_together + v) * lanes_;
          for (int64_t lane = 0; lane < std::min(lanes_, layer_.group_in() - in); ++lane) {
            const float* const taps = weight + layer_.weight_index(group, in + lane, out, 0);
            double along_x[toom_cook_most_taps][toom_cook_most_points] = {};
            for (std::size_t i = 0; i < taps_y.size(); ++i) {
              for (std::size_t j = 0; j < taps_x.size(); ++j) {
                const double tap = taps[taps_y[i] * layer_.x().kernel + taps_x[j]];
                for (std::size_t p = 0; p < weigh_x.points; ++p) along_x[i][p] += weigh_x(p, j) * tap;
              }
            }
            for (int i = 0; i < cls.points_y; ++i) {
              const std::size_t q = weigh_y.points > 1 ? static_cast<std::size_t>(i) : 0;
              for (int j = 0; j < cls.points_x; ++j) {
                const std::size_t p = weigh_x.points > 1 ? static_cast<std::size_t>(j) : 0;
                double value = 0;
                for (std::size_t tap = 0; tap < taps_y.size(); ++tap) value += weigh_y(q, tap) * along_x[tap][p];
                places[i * cls.points_x + j][lane] = static_cast<float>(value);
              }
            }
          }
        }
      }
    }
  }
}

GradientTilesKernel::Cut GradientTilesKernel::cut_for(const Team& team) const {
  int64_t values = 0;
  for (const int slots : slots_) values += slots * layer_.group_out();
  const int64_t in_strip = plan_.tiles_in_strip();
  const int64_t rows = layer_.batch * plan_.y.tiles;
  const int64_t all = rows * in_strip;
  const int threads = team.threads();
  Cut cut;
  int64_t tiles = std::clamp<int64_t>(kept_floats / values, least_tiles, most_tiles);
  if (threads > 1) {
    const bool small = weights_.size() / layer_.groups <= cached_weights;
    cut.together = all < threads * (small ? 12 : least_tiles);
    if (!cut.together) {
      // As many chunks for each thread.
      const int64_t chunks = ceil_div(ceil_div(all, tiles), threads) * threads;
      tiles = std::max<int64_t>(1, ceil_div(all, chunks));
    }
  }
  if (in_strip <= tiles + tiles / 2) {
    cut.tiles = plan_.x.tiles;
    cut.rows = std::max<int64_t>(1, tiles / in_strip);
    cut.rows = ceil_div(rows, ceil_div(rows, cut.rows));
  } else {
    cut.tiles = ceil_div(plan_.x.tiles, std::min(plan_.x.tiles, ceil_div(in_strip, tiles)));
  }
  return cut;
}

int64_t GradientTilesKernel::runs_in(const ToomCookChunk& chunk) const {
  return (chunk.row + chunk.rows - 1) / plan_.y.tiles - chunk.row / plan_.y.tiles + 1;
}

bool GradientTilesKernel::run(const float* grad_output, float* grad_input, const Team& team,
                              const KeepGoing& keep_going) {
  scratch_.resize(static_cast<std::size_t>(team.threads()));
  const Cut cut = cut_for(team);
  const int64_t rows = layer_.batch * plan_.y.tiles;
  const int64_t pieces = ceil_div(plan_.x.tiles, cut.tiles);
  const int64_t chunks = ceil_div(rows, cut.rows) * pieces;
  const auto chunk_at = [&](int64_t index) {
    const int64_t row = index / pieces * cut.rows;
    const int64_t x = index % pieces * cut.tiles;
    return ToomCookChunk{row, std::min(cut.rows, rows - row), x, std::min(cut.tiles, plan_.x.tiles - x)};
  };
  if (!cut.together) {
    return team.share(chunks, keep_going, [&](int64_t index, int slot) {
      const ToomCookChunk chunk = chunk_at(index);
      Scratch& scratch = scratch_[static_cast<std::size_t>(slot)];
      scratch.values.reserve(plan_.planes() * value_plane(chunk));
      for (int64_t group = 0; group < layer_.groups; ++group) {
        for (int64_t task = 0; task < runs_in(chunk) * out_blocks_; ++task) {
          spread(grad_output, group, chunk, task, scratch, scratch.values);
        }
        for (int64_t unit = 0; unit < units_; ++unit) {
          compute(group, unit, chunk, scratch.values, grad_input, scratch);
        }
      }
    });
  }
  for (int64_t index = 0; index < chunks; ++index) {
    const ToomCookChunk chunk = chunk_at(index);
    shared_values_.reserve(plan_.planes() * value_plane(chunk));
    for (int64_t group = 0; group < layer_.groups; ++group) {
      const bool done = team.share(runs_in(chunk) * out_blocks_, keep_going, [&](int64_t task, int slot) {
        spread(grad_output, group, chunk, task, scratch_[static_cast<std::size_t>(slot)], shared_values_);
      }) && team.share(units_, keep_going, [&](int64_t unit, int slot) {
        compute(group, unit, chunk, shared_values_, grad_input, scratch_[static_cast<std::size_t>(slot)]);
      });
      if (!done) return false;
    }
  }
  return true;
}

int64_t GradientTilesKernel::gather(const float* grad_output, int64_t group, int64_t block, int64_t row, int64_t rows,
                                    const ToomCookChunk& chunk, Scratch& scratch) const {
  const AxisPlan& y = layer_.y();
  const AxisPlan& x = layer_.x();
  const int64_t channel = block * lanes_;
  const auto channels = static_cast<int>(std::min(lanes_, layer_.group_out() - channel));
  const int64_t plane = y.output * x.output;
  const int64_t sample = row / plan_.y.tiles;
  const float* const from = grad_output + (sample * layer_.out_channels + group * layer_.group_out() + channel) * plane;
  const int64_t first_y = row % plan_.y.tiles * reach_y_ - y.padding;
  const int64_t first_x = chunk.x * reach_x_ - x.padding;
  const int64_t columns = (chunk.tiles - 1) * reach_x_ + span_x_;
  const int64_t begin = std::clamp<int64_t>(-first_x, 0, columns);
  const int64_t end = std::clamp<int64_t>(x.output - first_x, begin, columns);
  const int64_t all_rows = (rows - 1) * reach_y_ + span_y_;
  const int64_t pitch = columns * lanes_ + toom_cook_line;
  scratch.cells.reserve(all_rows * pitch);
  for (int64_t r = 0; r < all_rows; ++r) {
    if (!used_rows_[static_cast<std::size_t>(r % y.stride)]) continue;
    float* const to = scratch.cells.data() + r * pitch;
    const int64_t from_y = first_y + r;
    const bool inside = from_y >= 0 && from_y < y.output && begin < end;
    const int64_t zeros = inside ? begin : columns;
    std::fill_n(to, zeros * lanes_, 0.0F);
    if (!inside) continue;
    steps_.gather(from + from_y * x.output + first_x + begin, plane, channels, end - begin, to + begin * lanes_);
    std::fill(to + end * lanes_, to + columns * lanes_, 0.0F);
  }
  return pitch;
}

void GradientTilesKernel::spread(const float* grad_output, int64_t group, const ToomCookChunk& chunk, int64_t task,
                                 Scratch& scratch, FloatBuffer& values) const {
  const ToomCookAxis& y = plan_.y;
  const ToomCookAxis& x = plan_.x;
  const int64_t block = task % out_blocks_;
  const int64_t sample = chunk.row / y.tiles + task / out_blocks_;
  const int64_t row = std::max(chunk.row, sample * y.tiles);
  const int64_t rows = std::min(chunk.row + chunk.rows, (sample + 1) * y.tiles) - row;
  const int64_t pitch = gather(grad_output, group, block, row, rows, chunk, scratch);

  const int64_t channel = block * lanes_;
  const auto channels = static_cast<int>(std::min(lanes_, layer_.group_out() - channel));
  const int64_t row_step = layer_.y().stride * y.spacing * pitch;  // from one cell of a tile to the next
  const int64_t column_step = layer_.x().stride * x.spacing * lanes_;
  const int64_t plane_step = value_plane(chunk);
  for (std::size_t index = 0; index < plan_.classes.size(); ++index) {
    const ToomCookClass& cls = plan_.classes[index];
    const auto& phases_y = cls.plain_y ? y.plain_phases : y.points_phases;
    const auto& phases_x = cls.plain_x ? x.plain_phases : x.points_phases;
    const GradientAxisSteps& steps_y = gradient_steps(y.cells, cls.plain_y ? 1 : y.taps);
    const GradientAxisSteps& steps_x = gradient_steps(x.cells, cls.plain_x ? 1 : x.taps);
    const bool points_x = cls.weights_x > 1;
    const int64_t expanded_row = chunk.tiles * cls.points_x * lanes_ + toom_cook_line;
    scratch.expanded.reserve(cls.points_y * expanded_row);
    for (int64_t residue_y = 0; residue_y < y.spacing; ++residue_y) {
      for (int64_t residue_x = 0; residue_x < x.spacing; ++residue_x) {
        for (int phase = 0; phase < cls.phases; ++phase) {
          const auto phase_y = static_cast<std::size_t>(phase) / phases_x.size();
          const auto phase_x = static_cast<std::size_t>(phase) % phases_x.size();
          const int64_t first_row = layer_.y().stride * residue_y + phases_y[phase_y].start;
          const int64_t first_column = layer_.x().stride * residue_x + phases_x[phase_x].start;
          for (int64_t r = 0; r < rows; ++r) {
            const float* const from = scratch.cells.data() + (r * reach_y_ + first_row) * pitch + first_column * lanes_;
            for (int i = 0; points_x && i < cls.points_y; ++i) {
              steps_x.spread_x({.in = from + i * row_step,
                                .in_cell = column_step,
                                .in_next = x.cells * column_step,
                                .out = scratch.expanded.data() + i * expanded_row,
                                .out_row = lanes_,
                                .out_next = cls.points_x * lanes_,
                                .count = chunk.tiles});
            }
            const int64_t tile =
                (((row + r - chunk.row) * y.spacing + residue_y) * x.spacing + residue_x) * chunk.tiles;
            for (int j = 0; j < cls.points_x; ++j) {
              GradientSpread step{.in = points_x ? scratch.expanded.data() + j * lanes_ : from + j * column_step,
                                  .in_cell = points_x ? expanded_row : row_step,
                                  .in_next = points_x ? cls.points_x * lanes_ : x.cells * column_step,
                                  .out = {},
                                  .out_next = value_step_,
                                  .count = chunk.tiles,
                                  .channels = channels};
              for (int i = 0; i < cls.points_y; ++i) {
                const int slot = first_slots_[index][static_cast<std::size_t>(i * cls.points_x + j)] + phase;
                step.out[i] = values.data() + plan_.plane_of(cls, i, j) * plane_step + tile * value_step_ +
                              slot * layer_.group_out() + channel;
              }
              steps_y.spread_y(step);
            }
          }
        }
      }
    }
  }
}

void GradientTilesKernel::compute(int64_t group, int64_t unit, const ToomCookChunk& chunk, const FloatBuffer& values,
                                  float* grad_input, Scratch& scratch) const {
  const int64_t tiles = tiles_in(chunk);
  const int vectors = vectors_in(unit);
  const int64_t sums_plane = tiles * vectors * lanes_ + toom_cook_line;
  scratch.sums.reserve(plan_.planes() * sums_plane);
  for (std::size_t plane = 0; plane < slots_.size(); ++plane) {
    const auto index = static_cast<int64_t>(plane);
    steps_.multiply({.values = values.data() + index * value_plane(chunk),
                     .value_step = value_step_,
                     .channels = slots_[plane] * layer_.group_out(),
                     .tiles = tiles,
                     .weights = weights_.data() + group * group_weights_ +
                                weights_at_[static_cast<std::size_t>(unit) * slots_.size() + plane],
                     .vectors = vectors,
                     .sums = scratch.sums.data() + index * sums_plane,
                     .chain = chain_,
                     .fetch = weights_.size() > cached_weights});
  }
  for (int64_t row = chunk.row; row < chunk.row + chunk.rows; ++row) {
    for (int v = 0; v < vectors; ++v) {
      collect(chunk, row, v, vectors, scratch);
      write(chunk, row, group, unit * plan_.blocks_together + v, grad_input, scratch);
    }
  }
  steps_.flush();
}

void GradientTilesKernel::collect(const ToomCookChunk& chunk, int64_t row, int vector, int vectors,
                                  Scratch& scratch) const {
  const ToomCookAxis& y = plan_.y;
  const ToomCookAxis& x = plan_.x;
  const GradientAxisSteps& steps_y = gradient_steps(y.cells, y.taps);
  const GradientAxisSteps& steps_x = gradient_steps(x.cells, x.taps);
  const int64_t plane = tiles_in(chunk) * vectors * lanes_ + toom_cook_line;
  const int64_t along_x = chunk.tiles * lanes_;  // from point to point
  const int64_t row_step = x.rows() * along_x + toom_cook_line;
  const int64_t strip_row = this->strip_row(chunk);
  scratch.rows.reserve(y.cells * row_step);
  scratch.strip.reserve(y.cells * y.spacing * strip_row);
  for (int64_t residue_y = 0; residue_y < y.spacing; ++residue_y) {
    for (int64_t residue_x = 0; residue_x < x.spacing; ++residue_x) {
      const int64_t tile = (((row - chunk.row) * y.spacing + residue_y) * x.spacing + residue_x) * chunk.tiles;
      const float* const sums = scratch.sums.data() + (tile * vectors + vector) * lanes_;
      for (int j = 0; y.taps > 1 && j < x.rows(); ++j) {
        (y.plain ? steps_y.collect_plain : steps_y.collect)({.in = sums + j * plane,
                                                             .in_cell = x.rows() * plane,
                                                             .in_next = vectors * lanes_,
                                                             .out = scratch.rows.data() + j * along_x,
                                                             .out_row = row_step,
                                                             .out_next = lanes_,
                                                             .count = chunk.tiles});
      }
      for (int i = 0; i < y.cells; ++i) {
        const bool collected = y.taps > 1;
        (x.plain ? steps_x.collect_plain : steps_x.collect)(
            {.in = collected ? scratch.rows.data() + i * row_step : sums,
             .in_cell = collected ? along_x : plane,
             .in_next = collected ? lanes_ : vectors * lanes_,
             .out = scratch.strip.data() + (i * y.spacing + residue_y) * strip_row + residue_x * lanes_,
             .out_row = x.spacing * lanes_,
             .out_next = x.cells * x.spacing * lanes_,
             .count = chunk.tiles});
      }
    }
  }
}

void GradientTilesKernel::write(const ToomCookChunk& chunk, int64_t row, int64_t group, int64_t block,
                                float* grad_input, const Scratch& scratch) const {
  const int64_t rows = plan_.y.cells * plan_.y.spacing;
  const int64_t columns = plan_.x.cells * plan_.x.spacing;
  const int64_t first_y = row % plan_.y.tiles * rows;
  const int64_t first_x = chunk.x * columns;
  const int64_t count = std::min(chunk.tiles * columns, layer_.x().input - first_x);
  const int64_t channel = block * lanes_;
  const auto channels = static_cast<int>(std::min(lanes_, layer_.group_in() - channel));
  const int64_t plane = layer_.y().input * layer_.x().input;
  float* const to =
      grad_input + (row / plan_.y.tiles * layer_.in_channels + group * layer_.group_in() + channel) * plane + first_x;
  for (int64_t r = 0; r < std::min(rows, layer_.y().input - first_y); ++r) {
    steps_.scatter(scratch.strip.data() + r * strip_row(chunk), no_bias_.data(), channels, count,
                   to + (first_y + r) * layer_.x().input, plane, layer_.input_size() > cached_floats);
  }
}

std::string GradientTilesKernel::way() const {
  return "tiles of " + std::to_string(plan_.y.cells) + " × " + std::to_string(plan_.x.cells) + " cells in " +
         std::to_string(plan_.planes()) + " products of matrices";
}

}  // namespace tconv
