#pragma once
// How the engine `wide_stride` sees the rows of a layer: vectors of neighbouring output cells, whatever their phases.

#include <cstdint>
#include <vector>

#include "kernels/layer_plan.h"
#include "kernels/wide_stride_tile.h"

namespace tconv {

/// Let p = o + P be an output cell before the crop, p = S·q + r. A tap k with k·D = S·e + r has the phase r and the
/// level e, and takes the input cell q − e. So all phases of one level read the inputs q − e: a row of inputs in which
/// every cell is repeated S times, the same for all levels but for a shift. Phases that a level does not have get
/// weights of zero.
///
/// Vectors of L lanes start at o = 0, L, 2L …; every `variants`-th starts at the same phase and has the same weights:
/// those of a level, which repeat themselves every S, from that phase on. Where S and L fit, each variant has L numbers
/// of its own, in the order of its lanes; otherwise all take theirs from one row of S + L − 1.
struct WideRow {
  /// Vectors of up to 16 lanes read at most 4 neighbouring inputs.
  static constexpr std::int64_t least_stride = 5;
  static constexpr std::int64_t inputs_read = 4;

  /// S >= least_stride.
  WideRow(const AxisPlan& axis, int vector_lanes);

  std::int64_t lanes;
  std::int64_t stride;
  std::int64_t padding;
  std::int64_t output;
  std::int64_t vectors;  ///< that a row has whole
  std::int64_t rest;     ///< cells of the last one, which is not whole; 0: there is none
  WideReads reads;       ///< of all its vectors

  std::vector<std::int64_t> levels;  ///< ascending
  std::int64_t variants;             ///< S / gcd(S, L)
  std::int64_t windows;              ///< rows of numbers: one for each variant, or one for all
  std::int64_t numbers;              ///< of a window, a multiple of 4

  std::int64_t margin;       ///< zeros before the input cells of a row
  std::int64_t row_length;   ///< with the zeros before and behind
  std::int64_t cells_apart;  ///< input cells from a vector to the next one of the same variant
  /// The variant of the vector that ends where the row ends: it computes the rest, and some cells again. −1: there is
  /// no rest, or no such variant.
  std::int64_t last_variant = -1;

  /// By variant: where its vectors begin in their window.
  std::int64_t first_number(std::int64_t variant) const;
  /// By variant: where its first vector finds the input of level 0, from the row's begin, zeros included.
  std::int64_t first_input(std::int64_t variant) const { return input_of(variant * lanes); }
  std::int64_t last_input() const { return input_of(output - lanes); }
  /// See WideTile.
  std::vector<std::int32_t> order(std::int64_t variant) const;
  /// By number of a window: the tap, −1: none.
  std::vector<std::int32_t> taps(std::int64_t level, std::int64_t window) const;

 private:
  WideReads reads_of() const;
  /// Where the lane of a vector of weights and sums lies in the output.
  std::int64_t cell_of(std::int64_t lane) const {
    return reads == WideReads::two ? lane % 2 * (lanes / 2) + lane / 2 : lane;
  }
  bool own_windows() const { return windows == variants; }
  std::int64_t input_of(std::int64_t cell) const { return margin + (cell + padding) / stride; }
  std::int64_t phase(std::int64_t variant) const { return (variant * lanes + padding) % stride; }

  std::int64_t kernel_;
  std::int64_t dilation_;
};

}  // namespace tconv
