#include "kernels/gradient_tiles_kernel.h"

#include <algorithm>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/gradient_tiles_steps.h"
#include "kernels/toom_cook_weights.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t cached_weights = 128 * 1024;  // floats that every chunk may read again
constexpr int64_t least_tiles = 32;             // of a thread: fewer, and all work at one chunk

}  // namespace

GradientTilesKernel::GradientTilesKernel(const LayerPlan& layer, ToomCookPlan plan, const float* weight)
    : layer_(layer),
      plan_(std::move(plan)),
      steps_(toom_cook_steps()),
      lanes_(steps_.lanes),
      chain_(gradient_tiles_chain(layer, plan_)),
      spread_(layer, plan_),
      planes_(static_cast<std::size_t>(plan_.planes())),
      in_blocks_(ceil_div(layer.group_in(), lanes_)),
      units_(ceil_div(in_blocks_, plan_.blocks_together)),
      no_bias_(lanes_) {
  pack(weight);
}

void GradientTilesKernel::pack(const float* weight) {
  for (int64_t unit = 0; unit < units_; ++unit) {
    for (std::size_t plane = 0; plane < planes_; ++plane) {
      weights_at_.push_back(group_weights_);
      group_weights_ += spread_.columns(plane) * vectors_in(unit) * lanes_;
    }
  }
  weights_ = FloatBuffer(layer_.groups * group_weights_);
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
              const int64_t k = (spread_.first_slot(index, static_cast<int>(point)) + phase) * out_channels + out;
              places[point] = packed + weights_at_[static_cast<std::size_t>(unit) * planes_ + plane] +
                              steps_.place(spread_.columns(plane), chain_, vectors, k, v);
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
  for (std::size_t plane = 0; plane < planes_; ++plane) values += spread_.columns(plane);
  const int64_t in_strip = plan_.tiles_in_strip();
  const int64_t rows = layer_.batch * plan_.y.tiles;
  const int64_t all = rows * in_strip;
  const int threads = team.threads();
  Cut cut{.chunks = {.rows = rows, .x_tiles = plan_.x.tiles}};
  int64_t tiles = gradient_tiles_together(values);
  int64_t chunks = 0;  // wanted
  if (threads > 1) {
    const bool small = weights_.size() / layer_.groups <= cached_weights;
    cut.together = all < threads * (small ? 12 : least_tiles);
    if (!cut.together) {
      // As many chunks for each thread.
      chunks = ceil_div(ceil_div(all, tiles), threads) * threads;
      tiles = std::max<int64_t>(1, ceil_div(all, chunks));
    }
  }
  if (in_strip <= tiles + tiles / 2) {
    cut.chunks.tiles_together = plan_.x.tiles;
    if (chunks == 0) chunks = ceil_div(rows, std::max<int64_t>(1, tiles / in_strip));
    cut.chunks.rows_together = ceil_div(rows, chunks);
  } else {
    cut.chunks.tiles_together = ceil_div(plan_.x.tiles, std::min(plan_.x.tiles, ceil_div(in_strip, tiles)));
  }
  return cut;
}

bool GradientTilesKernel::run(const float* grad_output, float* grad_input, const Team& team,
                              const KeepGoing& keep_going) {
  scratch_.resize(static_cast<std::size_t>(team.threads()));
  for (Scratch& scratch : scratch_) scratch.finite = true;
  const Cut cut = cut_for(team);
  if (!cut.together) {
    return team.share(cut.chunks.count(), keep_going, [&](int64_t index, int slot) {
      const ToomCookChunk chunk = cut.chunks.at(index);
      Scratch& scratch = scratch_[static_cast<std::size_t>(slot)];
      scratch.values.reserve(spread_.size(chunk));
      for (int64_t group = 0; group < layer_.groups; ++group) {
        for (int64_t task = 0; task < spread_.tasks(chunk); ++task) {
          spread_.run(grad_output, group, chunk, task, scratch.spread, scratch.values.data());
        }
        for (int64_t unit = 0; unit < units_; ++unit) {
          compute(group, unit, chunk, scratch.values, grad_input, scratch);
        }
      }
    });
  }
  for (int64_t index = 0; index < cut.chunks.count(); ++index) {
    const ToomCookChunk chunk = cut.chunks.at(index);
    shared_values_.reserve(spread_.size(chunk));
    for (int64_t group = 0; group < layer_.groups; ++group) {
      const bool done = team.share(spread_.tasks(chunk), keep_going, [&](int64_t task, int slot) {
        spread_.run(grad_output, group, chunk, task, scratch_[static_cast<std::size_t>(slot)].spread,
                    shared_values_.data());
      }) && team.share(units_, keep_going, [&](int64_t unit, int slot) {
        compute(group, unit, chunk, shared_values_, grad_input, scratch_[static_cast<std::size_t>(slot)]);
      });
      if (!done) return false;
    }
  }
  return true;
}

void GradientTilesKernel::compute(int64_t group, int64_t unit, const ToomCookChunk& chunk, const FloatBuffer& values,
                                  float* grad_input, Scratch& scratch) const {
  const int64_t tiles = spread_.tiles(chunk);
  const int vectors = vectors_in(unit);
  const int64_t sums_plane = tiles * vectors * lanes_ + toom_cook_line;
  scratch.sums.reserve(plan_.planes() * sums_plane);
  for (std::size_t plane = 0; plane < planes_; ++plane) {
    const auto index = static_cast<int64_t>(plane);
    steps_.multiply({.values = values.data() + index * spread_.plane(chunk),
                     .value_step = spread_.step(),
                     .channels = spread_.columns(plane),
                     .tiles = tiles,
                     .weights = weights_.data() + group * group_weights_ +
                                weights_at_[static_cast<std::size_t>(unit) * planes_ + plane],
                     .vectors = vectors,
                     .sums = scratch.sums.data() + index * sums_plane,
                     .chain = chain_,
                     .fetch = weights_.size() > cached_weights});
  }
  const bool cells = plan_.y.taps == 1 && plan_.x.taps == 1;
  for (int v = 0; v < vectors; ++v) {
    const int64_t block = unit * plan_.blocks_together + v;
    if (cells) {
      write_cells(chunk, group, block, scratch.sums.data() + v * lanes_, vectors * lanes_, grad_input);
      continue;
    }
    for (int64_t row = chunk.row; row < chunk.row + chunk.rows; ++row) {
      collect(chunk, row, v, vectors, scratch);
      write(chunk, row, group, block, grad_input, scratch);
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
  const int64_t plane = spread_.tiles(chunk) * vectors * lanes_ + toom_cook_line;
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
                                float* grad_input, Scratch& scratch) const {
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
    const bool finite =
        steps_.scatter(scratch.strip.data() + r * strip_row(chunk), lanes_, no_bias_.data(), channels, count,
                       to + (first_y + r) * layer_.x().input, plane, layer_.input_size() > cached_floats);
    scratch.finite = scratch.finite && finite;
  }
}

void GradientTilesKernel::write_cells(const ToomCookChunk& chunk, int64_t group, int64_t block, const float* sums,
                                      int64_t step, float* grad_input) const {
  const int64_t channel = block * lanes_;
  const auto channels = static_cast<int>(std::min(lanes_, layer_.group_in() - channel));
  const int64_t plane = layer_.y().input * layer_.x().input;
  // Whole rows of a sample follow each other.
  const bool whole = chunk.tiles == layer_.x().input;
  for (int64_t row = chunk.row; row < chunk.row + chunk.rows;) {
    const int64_t sample = row / layer_.y().input;
    const int64_t end = std::min(chunk.row + chunk.rows, whole ? (sample + 1) * layer_.y().input : row + 1);
    const int64_t first = row % layer_.y().input * layer_.x().input + chunk.x;
    steps_.scatter(sums + (row - chunk.row) * chunk.tiles * step, step, no_bias_.data(), channels,
                   (end - row) * chunk.tiles,
                   grad_input + (sample * layer_.in_channels + group * layer_.group_in() + channel) * plane + first,
                   plane, layer_.input_size() > cached_floats);
    row = end;
  }
}

bool GradientTilesKernel::spread_specials() const { return !std::ranges::all_of(scratch_, &Scratch::finite); }

std::string GradientTilesKernel::way() const {
  return "tiles of " + std::to_string(plan_.y.cells) + " × " + std::to_string(plan_.x.cells) + " cells in " +
         std::to_string(plan_.planes()) + " products of matrices";
}

}  // namespace tconv
