#pragma once
// The innermost loops of GradientTilesKernel beside the products: the Toom-Cook algorithm transposed. Cells are blocked
// as in toom_cook_steps.h.

#include <cstdint>
#include <span>

#include "kernels/toom_cook_steps.h"

namespace tconv {

/// Result p of number c goes to out[p] + c·out_next: `channels` floats of any alignment.
struct GradientSpreadStep {
  const float* in;
  std::int64_t in_cell;  ///< from one output cell of a tile to the next
  std::int64_t in_next;
  float* out[6];
  std::int64_t out_next;
  std::int64_t count;
  int channels;  ///< at most a vector's
};

/// From the sums at an axis' points to those of a phase's taps: tap i of number c to out + i·out_tap + c·lanes.
struct GradientWeigh {
  const float* in[6];  ///< of any alignment; numbers lie one after the other
  float* out;
  std::int64_t out_tap;
  std::int64_t count;
};

/// One axis' steps for n input cells and t taps. Output cells of a tile: n + t − 1, of one phase.
struct GradientAxisSteps {
  int cells;
  int taps;
  void (*spread_x)(const ToomCookExpand&);       ///< from output cells to the points
  void (*spread_y)(const GradientSpreadStep&);   ///< the same, at last
  void (*collect)(const ToomCookExpand&);        ///< from the points to input cells
  void (*collect_plain)(const ToomCookExpand&);  ///< plus what lies behind the points, see ToomCookAxis::rows
  void (*weigh)(const GradientWeigh&);
};

/// Those of the instruction set in use.
const GradientAxisSteps& gradient_steps(int cells, int taps);

}  // namespace tconv
