// From the sums at the points of a strip's tiles to output rows.

#include <algorithm>

#include "kernels/buffer.h"
#include "kernels/toom_cook_kernel.h"

namespace tconv {
namespace {

using std::int64_t;

}  // namespace

void ToomCookKernel::combine(const ToomCookChunk& chunk, const Strip& strip, ToomCookPart& part,
                             ToomCookScratch& scratch) const {
  const ToomCookAxis& y = plan_.y;
  const ToomCookAxis& x = plan_.x;
  const bool last = chunk.x + chunk.tiles == x.tiles;
  const int64_t tiles = chunk_tiles(chunk);

  scratch.strip.reserve(reach_y_ * strip_row_);
  if (last) {
    for (int64_t row = 0; row < reach_y_; ++row) {
      float* const cells = scratch.strip.data() + row * strip_row_;
      std::fill(cells + chunk.tiles * reach_x_ * lanes_, cells + (columns_ - chunk.x * reach_x_) * lanes_, 0.0F);
    }
  }
  // Adding −0 leaves every number as it is.
  float* const carry_y = part.carry_y.data() + strip.block * carry_y_size();
  float* carry_x = part.carry_x.data() + strip.block * carries_x_ * lanes_;
  if (chunk.x == 0) {
    std::fill_n(carry_x, carries_x_ * lanes_, -0.0F);
    if (strip.row == part.row || first_of_sample(strip.row)) std::fill_n(carry_y, carry_y_size(), -0.0F);
  }

  const int64_t columns_row = (chunk.tiles * x.cells + x.taps - 1) * lanes_ + toom_cook_line;
  scratch.columns.reserve(y.points() * columns_row);
  const int64_t column_step = layer_.x().stride * x.spacing * lanes_;  // from one cell to the next
  const int64_t rows_apart = layer_.y().stride * y.spacing;
  const float* sums = scratch.sums.data();
  for (const ToomCookClass& cls : plan_.classes) {
    const auto& phases_y = cls.plain_y ? y.plain_phases : y.points_phases;
    const auto& phases_x = cls.plain_x ? x.plain_phases : x.points_phases;
    const ToomCookAxisSteps& steps_y = steps_.axis(y.cells, cls.plain_y ? 1 : y.taps);
    const ToomCookAxisSteps& steps_x = steps_.axis(x.cells, cls.plain_x ? 1 : x.taps);
    const int64_t vectors = int64_t{strip.blocks} * cls.phases;
    const int64_t plane = tiles * vectors * lanes_ + toom_cook_line;
    const int64_t columns = chunk.tiles * x.cells + (last && !cls.plain_x ? x.taps - 1 : 0);
    for (int64_t residue_y = 0; residue_y < y.spacing; ++residue_y) {
      for (int64_t residue_x = 0; residue_x < x.spacing; ++residue_x) {
        const int64_t tile = ((strip.index * y.spacing + residue_y) * x.spacing + residue_x) * chunk.tiles;
        for (int phase = 0; phase < cls.phases; ++phase) {
          const auto phase_y = static_cast<std::size_t>(phase) / phases_x.size();
          const auto phase_x = static_cast<std::size_t>(phase) % phases_x.size();
          const float* const from = sums + (tile * vectors + strip.in_unit * cls.phases + phase) * lanes_;
          const int64_t row = layer_.y().stride * residue_y + phases_y[phase_y].start;
          const int64_t column = layer_.x().stride * residue_x + phases_x[phase_x].start;
          float* const to = scratch.strip.data() + row * strip_row_ + column * lanes_;
          const int64_t row_step = rows_apart * strip_row_;
          // A single tap leaves cells as they are: along y the rows are written at once, along x the sums are read.
          const bool direct = cls.weights_y == 1;
          if (direct || cls.weights_x > 1) {
            for (int i = 0; i < cls.points_y; ++i) {
              steps_x.combine_x({.in = from + i * cls.points_x * plane,
                                 .in_point = plane,
                                 .in_tile = vectors * lanes_,
                                 .out = direct ? to + i * row_step : scratch.columns.data() + i * columns_row,
                                 .out_cell = direct ? column_step : lanes_,
                                 .tiles = chunk.tiles,
                                 .carry = carry_x,
                                 .end = last});
              carry_x += (x.taps - 1) * lanes_;
            }
          }
          if (direct) continue;
          const bool combined = cls.weights_x > 1;
          steps_y.combine_y({.in = combined ? scratch.columns.data() : from,
                             .in_point = combined ? columns_row : cls.points_x * plane,
                             .in_cell = combined ? lanes_ : plane,
                             .in_tile = combined ? x.cells * lanes_ : vectors * lanes_,
                             .cells = x.cells,
                             .columns = columns,
                             .out = to,
                             .out_row = row_step,
                             .out_column = column_step,
                             .carry = carry_y + row * carry_row() + (chunk.x * reach_x_ + column) * lanes_,
                             .carry_row = rows_apart * carry_row(),
                             .carry_column = column_step});
        }
      }
    }
    sums += cls.points_y * cls.points_x * plane;
  }
}

void ToomCookKernel::write_row(const float* from, int64_t sample, int64_t row, int64_t begin, int64_t end,
                               int64_t block, float* output, ToomCookScratch& scratch) const {
  const int64_t y = row - layer_.y().padding;
  const int64_t first = std::max(begin, layer_.x().padding);
  const int64_t behind = std::min(end, layer_.x().output + layer_.x().padding);
  if (y < 0 || y >= layer_.y().output || first >= behind) return;
  const int64_t group = block / weights_.blocks();
  const int64_t channel = block % weights_.blocks() * lanes_;
  const auto channels = static_cast<int>(std::min(lanes_, layer_.group_out() - channel));
  const int64_t plane = layer_.y().output * layer_.x().output;
  float* const to = output + (sample * layer_.out_channels + group * layer_.group_out() + channel) * plane +
                    y * layer_.x().output + first - layer_.x().padding;
  const bool finite =
      steps_.scatter(from + (first - begin) * lanes_, lanes_, weights_.bias(group, block % weights_.blocks()), channels,
                     behind - first, to, plane, layer_.output_size() > cached_floats);
  scratch.finite = scratch.finite && finite;
}

void ToomCookKernel::write(const ToomCookChunk& chunk, const Strip& strip, float* output, ToomCookPart& part,
                           ToomCookScratch& scratch) const {
  const int64_t sample = strip.row / plan_.y.tiles;
  const int64_t tile = strip.row % plan_.y.tiles;
  const bool last = chunk.x + chunk.tiles == plan_.x.tiles;
  const int64_t begin = chunk.x * reach_x_;
  const int64_t end = last ? columns_ : begin + chunk.tiles * reach_x_;
  const bool headless = strip.row == part.row && tile != 0;
  for (int64_t row = 0; row < reach_y_; ++row) {
    const float* const cells = scratch.strip.data() + row * strip_row_;
    if (headless && row < overlap_y_) {
      float* const kept = part.head.data() + strip.block * carry_y_size() + row * carry_row() + begin * lanes_;
      std::copy_n(cells, (end - begin) * lanes_, kept);
    } else {
      write_row(cells, sample, tile * reach_y_ + row, begin, end, strip.block, output, scratch);
    }
  }
  if (!last || tile + 1 != plan_.y.tiles) return;
  // What the last tiles reach beyond their own rows, and beyond that only the bias.
  const int64_t behind = layer_.y().output + layer_.y().padding;
  for (int64_t row = 0; plan_.y.tiles * reach_y_ + row < behind; ++row) {
    const float* cells = part.carry_y.data() + strip.block * carry_y_size() + row * carry_row();
    if (row >= overlap_y_) {
      scratch.columns.reserve(columns_ * lanes_);
      std::fill_n(scratch.columns.data(), columns_ * lanes_, 0.0F);
      cells = scratch.columns.data();
    }
    write_row(cells, sample, plan_.y.tiles * reach_y_ + row, 0, columns_, strip.block, output, scratch);
  }
}

void ToomCookKernel::join(const ToomCookPart& part, const ToomCookPart& before, int64_t block, float* output,
                          ToomCookScratch& scratch) const {
  scratch.columns.reserve(columns_ * lanes_);
  for (int64_t row = 0; row < overlap_y_; ++row) {
    const int64_t at = block * carry_y_size() + row * carry_row();
    const float* const head = part.head.data() + at;
    const float* const carry = before.carry_y.data() + at;
    float* const cells = scratch.columns.data();
    for (int64_t i = 0; i < columns_ * lanes_; ++i) cells[i] = head[i] + carry[i];
    const int64_t tile = part.row % plan_.y.tiles;
    write_row(cells, part.row / plan_.y.tiles, tile * reach_y_ + row, 0, columns_, block, output, scratch);
  }
  steps_.flush();
}

}  // namespace tconv
