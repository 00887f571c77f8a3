#pragma once
// A layer computed by the `toom_cook` engine. What one tile adds to the cells of the next is carried over: along x from
// tile to tile, along y from row to row.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/toom_cook_plan.h"
#include "kernels/toom_cook_steps.h"
#include "kernels/toom_cook_weights.h"

namespace tconv {

/// Some rows of tiles that are computed together: whole ones, or a stretch of one.
struct ToomCookChunk {
  std::int64_t row;  ///< of all samples, one after the other
  std::int64_t rows;
  std::int64_t x;      ///< the first tile of each row
  std::int64_t tiles;  ///< of each row and residue
};

/// All tiles of a layer as such chunks.
struct ToomCookChunks {
  std::int64_t rows;  ///< of tiles, of all samples
  std::int64_t x_tiles;
  std::int64_t rows_together = 1;
  std::int64_t tiles_together = 1;  ///< fewer than x_tiles only for one row at a time

  std::int64_t pieces() const { return ceil_div(x_tiles, tiles_together); }
  std::int64_t count() const { return ceil_div(rows, rows_together) * pieces(); }
  ToomCookChunk at(std::int64_t index) const {
    const std::int64_t row = index / pieces() * rows_together;
    const std::int64_t x = index % pieces() * tiles_together;
    return {row, std::min(rows_together, rows - row), x, std::min(tiles_together, x_tiles - x)};
  }
};

/// Rows of tiles that are computed one after the other, with what each carries over to the next.
struct ToomCookPart {
  std::int64_t row = 0;
  std::int64_t rows = 0;
  FloatBuffer carry_y;  ///< [block of output channels][overlapping row][column][lane]
  FloatBuffer carry_x;  ///< [block][class, phase, residue, point of y][overlapping column][lane]
  FloatBuffer head;     ///< like carry_y: the first rows of a part that begins inside a sample, without its carry
};

struct ToomCookScratch {
  FloatBuffer values;    ///< [plane][tile][input channel]
  FloatBuffer cells;     ///< [row][column][lane]
  FloatBuffer expanded;  ///< [row][tile][point of x][lane]
  FloatBuffer sums;      ///< [class][point of y][point of x][tile][vector][lane]
  FloatBuffer columns;   ///< [point of y][column][lane]
  FloatBuffer strip;     ///< [output row][output column][lane]; 0 where no phase comes
  bool finite = true;    ///< all that was written in this run, but for the bias
};

class ToomCookKernel : public Kernel {
 public:
  ToomCookKernel(const LayerPlan& layer, ToomCookPlan plan, const float* weight, const float* bias);

  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) override;
  bool spread_specials() const override;
  std::string way() const override;

 private:
  void choose_chunks();
  void expand(const float* input, std::int64_t group, std::int64_t block, const ToomCookChunk& chunk,
              std::int64_t strip, ToomCookScratch& scratch, FloatBuffer& values) const;
  void compute(std::int64_t group, std::int64_t unit, const ToomCookChunk& chunk, const FloatBuffer& values,
               float* output, ToomCookPart& part, ToomCookScratch& scratch) const;

  std::int64_t chunk_tiles(const ToomCookChunk& chunk) const {
    return chunk.rows * chunk.tiles * plan_.y.spacing * plan_.x.spacing;
  }
  std::int64_t value_plane(const ToomCookChunk& chunk) const {
    return chunk_tiles(chunk) * value_step_ + toom_cook_line;
  }
  std::int64_t carry_row() const { return columns_ * lanes_ + toom_cook_line; }
  std::int64_t carry_y_size() const { return overlap_y_ * carry_row(); }  ///< of a block
  bool first_of_sample(std::int64_t row) const { return row % plan_.y.tiles == 0; }

  /// One row of tiles of one block.
  struct Strip {
    std::int64_t index;  ///< in the chunk
    std::int64_t row;
    std::int64_t block;  ///< of all groups
    int in_unit;         ///< which of the unit's blocks
    int blocks;          ///< that the unit has
  };
  void combine(const ToomCookChunk& chunk, const Strip& strip, ToomCookPart& part, ToomCookScratch& scratch) const;
  void write(const ToomCookChunk& chunk, const Strip& strip, float* output, ToomCookPart& part,
             ToomCookScratch& scratch) const;
  /// Padded columns [begin, end) of a padded row from where `from` points to.
  void write_row(const float* from, std::int64_t sample, std::int64_t row, std::int64_t begin, std::int64_t end,
                 std::int64_t block, float* output, ToomCookScratch& scratch) const;
  void join(const ToomCookPart& part, const ToomCookPart& before, std::int64_t block, float* output,
            ToomCookScratch& scratch) const;
  bool run_together(const float* input, float* output, const Team& team, const KeepGoing& keep_going);
  bool run_apart(std::int64_t parts, const float* input, float* output, const Team& team, const KeepGoing& keep_going);
  std::int64_t parts_for(const Team& team) const;
  ToomCookPart part_of(std::int64_t row, std::int64_t rows) const;

  const LayerPlan layer_;
  const ToomCookPlan plan_;
  const ToomCookSteps& steps_;
  const std::int64_t lanes_;
  const ToomCookWeights weights_;
  const std::int64_t reach_y_;  ///< output rows from one tile to the next
  const std::int64_t reach_x_;
  const std::int64_t overlap_y_;  ///< output rows of a tile that those of the next one add to
  const std::int64_t overlap_x_;
  const std::int64_t in_blocks_;
  const std::int64_t value_step_;
  const std::int64_t columns_;  ///< padded positions of x that may be needed
  std::int64_t carries_x_ = 0;  ///< vectors, of a block
  std::int64_t strip_row_ = 0;  ///< floats of a row of ToomCookScratch::strip
  std::int64_t rows_together_ = 1;
  std::int64_t tiles_together_ = 1;
  std::vector<ToomCookScratch> scratch_;  ///< by slot of the team
  FloatBuffer shared_values_;
  std::vector<ToomCookPart> parts_;
};

}  // namespace tconv
