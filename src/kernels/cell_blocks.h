#pragma once
// What the gradients by channels begin with: the input cells cut into blocks, and what the stamps of a block cover of
// the output gradient, with zeros where they reach beyond it.

#include <cstdint>

#include "kernels/layer_plan.h"

namespace tconv {

/// Has the machine bring them near; it does not wait for them. None for count <= 0.
void fetch_floats(const float* from, std::int64_t count);

/// Rows of cells of one plane of one sample: whole ones, or a stretch of one.
struct CellBlock {
  std::int64_t sample, z;
  std::int64_t y, rows;
  std::int64_t x, columns;
  std::int64_t cells() const { return rows * columns; }
};

class CellBlocks {
 public:
  /// Blocks of at most so many cells, and few enough of different sizes.
  CellBlocks(const LayerPlan& layer, std::int64_t most_cells);

  std::int64_t count() const { return planes_ * in_plane_ * in_row_; }
  CellBlock at(std::int64_t index) const;
  std::int64_t rows() const { return rows_; }        ///< of the largest block
  std::int64_t columns() const { return columns_; }  ///< likewise
  std::int64_t cells() const { return rows_ * columns_; }

 private:
  std::int64_t z_, y_, x_;
  std::int64_t planes_;
  std::int64_t in_plane_, in_row_;
  std::int64_t rows_, columns_;
};

/// Copies of planes of g. A plane is a channel of a group seen through a tap of z: number channel · kernel of z + tap.
class CoveredGradient {
 public:
  /// `taps`: rows of a stamp that are looked at together.
  CoveredGradient(const LayerPlan& layer, const CellBlocks& blocks, std::int64_t taps);

  std::int64_t row() const { return row_; }      ///< floats from one to the next
  std::int64_t plane() const { return plane_; }  ///< likewise
  /// From the begin of a plane to where the stamp of cell (y, x) of the block begins.
  std::int64_t cell(std::int64_t y, std::int64_t x) const {
    return y * layer_.y().stride * row_ + x * layer_.x().stride;
  }
  /// From there to a tap.
  std::int64_t tap(std::int64_t y, std::int64_t x) const {
    return y * layer_.y().dilation * row_ + x * layer_.x().dilation;
  }

  /// The planes [first, first + count), as the taps from row `tap` on see them, to `to`: count · plane() floats.
  void copy(const float* grad_output, std::int64_t group, const CellBlock& block, std::int64_t first,
            std::int64_t count, std::int64_t tap, std::int64_t taps, float* to) const;
  /// Has the machine fetch what `copy` would read of one plane.
  void fetch(const float* grad_output, std::int64_t group, const CellBlock& block, std::int64_t plane, std::int64_t tap,
             std::int64_t taps) const;

 private:
  const LayerPlan layer_;
  std::int64_t row_, plane_;
};

}  // namespace tconv
