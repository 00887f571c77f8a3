#include "kernels/toom_cook_kernel.h"

#include <algorithm>

#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t kept_tile_floats = 128 * 1024;  // of values and sums: they stay in the level 2 cache
// Of weights: threads that read more do so side by side, each its own; with fewer, waiting for each other after every
// chunk takes longer.
constexpr int64_t bytes_worth_a_wait = 2 * 1024 * 1024;

}  // namespace

ToomCookKernel::ToomCookKernel(const LayerPlan& layer, ToomCookPlan plan, const float* weight, const float* bias)
    : layer_(layer),
      plan_(std::move(plan)),
      steps_(toom_cook_steps()),
      lanes_(steps_.lanes),
      weights_(layer, plan_, steps_, weight, bias),
      reach_y_(plan_.y.reach(layer.y())),
      reach_x_(plan_.x.reach(layer.x())),
      overlap_y_(plan_.y.overlap(layer.y())),
      overlap_x_(plan_.x.overlap(layer.x())),
      in_blocks_(ceil_div(layer.group_in(), lanes_)),
      value_step_(in_blocks_ * lanes_ + toom_cook_line),
      columns_(std::max(reach_x_ * plan_.x.tiles + overlap_x_, layer.x().output + layer.x().padding)) {
  carries_x_ = 0;
  for (const ToomCookClass& cls : plan_.classes) {
    carries_x_ += cls.phases * plan_.y.spacing * plan_.x.spacing * cls.points_y * (plan_.x.taps - 1);
  }
  choose_chunks();
}

void ToomCookKernel::choose_chunks() {
  int64_t sums = 0;
  for (const ToomCookClass& cls : plan_.classes) {
    sums += int64_t{cls.points_y} * cls.points_x * cls.phases * plan_.blocks_together * lanes_;
  }
  const int64_t of_tile = plan_.planes() * value_step_ + sums;
  const int64_t tiles =
      std::clamp<int64_t>(kept_tile_floats / of_tile, 32, 96);  // weights are fetched for at least so many
  const int64_t in_strip = plan_.tiles_in_strip();
  if (in_strip <= tiles + tiles / 2) {
    tiles_together_ = plan_.x.tiles;
    rows_together_ = std::max<int64_t>(1, tiles / in_strip);
  } else {
    const int64_t pieces = std::clamp<int64_t>(ceil_div(in_strip, tiles), 1, plan_.x.tiles);
    tiles_together_ = ceil_div(plan_.x.tiles, pieces);
  }
  const int64_t last = (plan_.x.tiles - 1) / tiles_together_ * tiles_together_;
  strip_row_ = std::max(tiles_together_ * reach_x_, columns_ - last * reach_x_) * lanes_ + toom_cook_line;
}

void ToomCookKernel::expand(const float* input, int64_t group, int64_t block, const ToomCookChunk& chunk, int64_t strip,
                            ToomCookScratch& scratch, FloatBuffer& values) const {
  const ToomCookAxis& y = plan_.y;
  const ToomCookAxis& x = plan_.x;
  const int64_t row = chunk.row + strip;
  const int64_t channel = block * lanes_;
  const auto channels = static_cast<int>(std::min(lanes_, layer_.group_in() - channel));
  const int64_t plane = layer_.y().input * layer_.x().input;
  const float* from = input + ((row / y.tiles) * layer_.in_channels + group * layer_.group_in() + channel) * plane;
  const int64_t first_y = row % y.tiles * y.cells * y.spacing;
  const int64_t first_x = chunk.x * x.cells * x.spacing;
  const int64_t rows = y.cells * y.spacing;
  const int64_t columns = chunk.tiles * x.cells * x.spacing;
  const int64_t there = std::clamp<int64_t>(layer_.x().input - first_x, 0, columns);
  const int64_t cells_row = columns * lanes_ + toom_cook_line;
  scratch.cells.reserve(rows * cells_row);
  for (int64_t r = 0; r < rows; ++r) {
    float* to = scratch.cells.data() + r * cells_row;
    const int64_t some = first_y + r < layer_.y().input ? there : 0;
    if (some > 0) steps_.gather(from + (first_y + r) * layer_.x().input + first_x, plane, channels, some, to);
    std::fill(to + some * lanes_, to + columns * lanes_, 0.0F);
  }

  const ToomCookAxisSteps& steps_y = steps_.axis(y.cells, y.taps);
  const ToomCookAxisSteps& steps_x = steps_.axis(x.cells, x.taps);
  const auto expand_y = y.plain ? steps_y.expand_plain : steps_y.expand;
  const auto expand_x = x.plain ? steps_x.expand_plain : steps_x.expand;
  const int64_t tile_x = x.rows() * lanes_;
  const int64_t expanded_row = chunk.tiles * tile_x + toom_cook_line;
  scratch.expanded.reserve(rows * expanded_row);
  const int64_t value_plane = this->value_plane(chunk);
  for (int64_t residue_x = 0; residue_x < x.spacing; ++residue_x) {
    for (int64_t r = 0; r < rows; ++r) {
      expand_x({.in = scratch.cells.data() + r * cells_row + residue_x * lanes_,
                .in_cell = x.spacing * lanes_,
                .in_next = x.cells * x.spacing * lanes_,
                .out = scratch.expanded.data() + r * expanded_row,
                .out_row = lanes_,
                .out_next = tile_x,
                .count = chunk.tiles});
    }
    for (int64_t residue_y = 0; residue_y < y.spacing; ++residue_y) {
      const int64_t first_tile = ((strip * y.spacing + residue_y) * x.spacing + residue_x) * chunk.tiles;
      for (int64_t tile = 0; tile < chunk.tiles; ++tile) {
        expand_y({.in = scratch.expanded.data() + residue_y * expanded_row + tile * tile_x,
                  .in_cell = y.spacing * expanded_row,
                  .in_next = lanes_,
                  .out = values.data() + (first_tile + tile) * value_step_ + channel,
                  .out_row = x.rows() * value_plane,
                  .out_next = value_plane,
                  .count = x.rows()});
      }
    }
  }
}

void ToomCookKernel::compute(int64_t group, int64_t unit, const ToomCookChunk& chunk, const FloatBuffer& values,
                             float* output, ToomCookPart& part, ToomCookScratch& scratch) const {
  const int64_t tiles = chunk_tiles(chunk);
  const int64_t value_plane = this->value_plane(chunk);
  const int blocks = weights_.blocks_in(unit);
  int64_t size = 0;
  for (const ToomCookClass& cls : plan_.classes) {
    size += cls.points_y * cls.points_x * (tiles * blocks * cls.phases * lanes_ + toom_cook_line);
  }
  scratch.sums.reserve(size);
  float* sums = scratch.sums.data();
  for (std::size_t c = 0; c < plan_.classes.size(); ++c) {
    const ToomCookClass& cls = plan_.classes[c];
    const int vectors = blocks * cls.phases;
    const float* const weights = weights_.of(group, unit, c);
    const int64_t matrix = weights_.matrix(unit, cls);
    for (int i = 0; i < cls.points_y; ++i) {
      const int plane_y = cls.plain_y ? plan_.y.row_of_cell(i) : i;
      for (int j = 0; j < cls.points_x; ++j) {
        const int plane_x = cls.plain_x ? plan_.x.row_of_cell(j) : j;
        const int64_t weight = (cls.weights_y > 1 ? i : 0) * cls.weights_x + (cls.weights_x > 1 ? j : 0);
        steps_.multiply({.values = values.data() + (plane_y * plan_.x.rows() + plane_x) * value_plane,
                         .value_step = value_step_,
                         .channels = layer_.group_in(),
                         .tiles = tiles,
                         .weights = weights + weight * matrix,
                         .vectors = vectors,
                         .sums = sums,
                         .chain = toom_cook_chain,
                         .fetch = weights_.bytes() > 8 * kept_tile_floats});
        sums += tiles * vectors * lanes_ + toom_cook_line;
      }
    }
  }
  for (int64_t index = 0; index < chunk.rows; ++index) {
    for (int in_unit = 0; in_unit < blocks; ++in_unit) {
      const int64_t block = group * weights_.blocks() + unit * plan_.blocks_together + in_unit;
      const Strip strip{index, chunk.row + index, block, in_unit, blocks};
      combine(chunk, strip, part, scratch);
      write(chunk, strip, output, part, scratch);
    }
  }
  steps_.flush();
}

int64_t ToomCookKernel::parts_for(const Team& team) const {
  const int64_t rows = layer_.batch * plan_.y.tiles;
  const int64_t units = layer_.groups * weights_.units();
  const int64_t wanted = int64_t{team.threads()} * 2;  // more make more seams
  if (team.threads() == 1) return 1;
  // Each part reads all weights for each of its chunks: that takes enough tiles.
  const int64_t tiles = rows * plan_.tiles_in_strip();
  const int64_t enough = weights_.bytes() > 4 * kept_tile_floats ? 64 : 16;
  if (weights_.bytes() > bytes_worth_a_wait && (units % team.threads() == 0 || units >= wanted)) return 1;
  const int64_t parts = std::min({wanted, rows / rows_together_, tiles / enough});
  return parts < team.threads() ? 1 : parts;
}

ToomCookPart ToomCookKernel::part_of(int64_t row, int64_t rows) const {
  ToomCookPart part;
  part.row = row;
  part.rows = rows;
  const int64_t blocks = layer_.groups * weights_.blocks();
  part.carry_y = FloatBuffer(blocks * carry_y_size());
  part.carry_x = FloatBuffer(blocks * carries_x_ * lanes_);
  if (!first_of_sample(row)) part.head = FloatBuffer(blocks * carry_y_size());
  return part;
}

bool ToomCookKernel::run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) {
  scratch_.resize(static_cast<std::size_t>(team.threads()));
  for (ToomCookScratch& scratch : scratch_) scratch.finite = true;
  const int64_t parts = parts_for(team);
  if (static_cast<int64_t>(parts_.size()) != parts) {
    parts_.clear();
    const int64_t rows = layer_.batch * plan_.y.tiles;
    for (int64_t part = 0; part < parts; ++part) {
      const int64_t begin = rows * part / parts;
      parts_.push_back(part_of(begin, rows * (part + 1) / parts - begin));
    }
  }
  return parts == 1 ? run_together(input, output, team, keep_going) : run_apart(parts, input, output, team, keep_going);
}

namespace {

/// Calls use(chunk) for the chunks of some rows of tiles.
template <typename Use>
bool for_each_chunk(int64_t row, int64_t rows, int64_t rows_together, int64_t tiles, int64_t tiles_together,
                    const Use& use) {
  for (int64_t end = row + rows; row < end; row += rows_together) {
    for (int64_t x = 0; x < tiles; x += tiles_together) {
      if (!use(ToomCookChunk{row, std::min(rows_together, end - row), x, std::min(tiles_together, tiles - x)})) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

bool ToomCookKernel::run_together(const float* input, float* output, const Team& team, const KeepGoing& keep_going) {
  ToomCookPart& part = parts_.front();
  return for_each_chunk(
      part.row, part.rows, rows_together_, plan_.x.tiles, tiles_together_, [&](const ToomCookChunk& chunk) {
        shared_values_.reserve(plan_.planes() * value_plane(chunk));
        for (int64_t group = 0; group < layer_.groups; ++group) {
          const bool expanded = team.share(chunk.rows * in_blocks_, keep_going, [&](int64_t index, int slot) {
            expand(input, group, index % in_blocks_, chunk, index / in_blocks_,
                   scratch_[static_cast<std::size_t>(slot)], shared_values_);
          });
          if (!expanded) return false;
          const bool computed = team.share(weights_.units(), keep_going, [&](int64_t unit, int slot) {
            compute(group, unit, chunk, shared_values_, output, part, scratch_[static_cast<std::size_t>(slot)]);
          });
          if (!computed) return false;
        }
        return true;
      });
}

bool ToomCookKernel::run_apart(int64_t parts, const float* input, float* output, const Team& team,
                               const KeepGoing& keep_going) {
  const bool done = team.share(parts, keep_going, [&](int64_t index, int slot) {
    ToomCookPart& part = parts_[static_cast<std::size_t>(index)];
    ToomCookScratch& scratch = scratch_[static_cast<std::size_t>(slot)];
    for_each_chunk(part.row, part.rows, rows_together_, plan_.x.tiles, tiles_together_,
                   [&](const ToomCookChunk& chunk) {
                     scratch.values.reserve(plan_.planes() * value_plane(chunk));
                     for (int64_t group = 0; group < layer_.groups; ++group) {
                       for (int64_t strip = 0; strip < chunk.rows; ++strip) {
                         for (int64_t block = 0; block < in_blocks_; ++block) {
                           expand(input, group, block, chunk, strip, scratch, scratch.values);
                         }
                       }
                       for (int64_t unit = 0; unit < weights_.units(); ++unit) {
                         compute(group, unit, chunk, scratch.values, output, part, scratch);
                       }
                     }
                     return true;
                   });
  });
  if (!done || overlap_y_ == 0) return done;
  const int64_t blocks = layer_.groups * weights_.blocks();
  return team.share((parts - 1) * blocks, keep_going, [&](int64_t index, int slot) {
    const auto part = static_cast<std::size_t>(index / blocks);
    if (first_of_sample(parts_[part + 1].row)) return;
    join(parts_[part + 1], parts_[part], index % blocks, output, scratch_[static_cast<std::size_t>(slot)]);
  });
}

bool ToomCookKernel::spread_specials() const { return !std::ranges::all_of(scratch_, &ToomCookScratch::finite); }

std::string ToomCookKernel::way() const {
  return toom_cook_words(layer_, plan_) + "; " + std::to_string(tiles_together_ * rows_together_) + " tiles at a time";
}

}  // namespace tconv
