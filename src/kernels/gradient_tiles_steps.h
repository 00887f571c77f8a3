#pragma once
// The innermost loops of GradientTilesKernel beside the products: the Toom-Cook algorithm transposed. Cells are blocked
// as in toom_cook_steps.h.

#include <cstdint>
#include <span>

#include "kernels/toom_cook_steps.h"

namespace tconv {

/// Result p of number c goes to out[p] + c·out_next: `channels` floats of any alignment.
struct GradientSpread {
  const float* in;
  std::int64_t in_cell;  ///< from one output cell of a tile to the next
  std::int64_t in_next;
  float* out[6];
  std::int64_t out_next;
  std::int64_t count;
  int channels;  ///< at most a vector's
};

/// One axis' steps for n input cells and t taps. Output cells of a tile: n + t − 1, of one phase.
struct GradientAxisSteps {
  int cells;
  int taps;
  void (*spread_x)(const ToomCookExpand&);       ///< from output cells to the points
  void (*spread_y)(const GradientSpread&);       ///< the same, at last
  void (*collect)(const ToomCookExpand&);        ///< from the points to input cells
  void (*collect_plain)(const ToomCookExpand&);  ///< plus what lies behind the points, see ToomCookAxis::rows
};

/// Those of the instruction set in use.
const GradientAxisSteps& gradient_steps(int cells, int taps);

}  // namespace tconv
