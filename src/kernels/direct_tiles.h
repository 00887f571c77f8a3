#pragma once
// The innermost loops of the `direct` engine: some output channels × phases × neighbouring quotients in registers.

#include <cstdint>
#include <span>

#include "kernels/axis_pattern.h"

namespace tconv {

/// One position on the line of inputs that some phases read.
struct DirectTerm {
  std::int64_t offset;   ///< see FlatMap::offset
  std::uint32_t phases;  ///< bit φy·phases_x + φx
  // For shapes of a pattern, in the first term of a row:
  std::uint32_t rows = 0;    ///< bit φy
  std::int64_t weights = 0;  ///< where the row's begin among a channel's
};

/// Where lanes go that do not lie in one row: at most into two. Places are floats from DirectTile::output.
struct DirectStore {
  std::int64_t first;   ///< of the lane `first_begin`
  std::int64_t second;  ///< of the lane `second_begin`
  int first_begin;
  int first_lanes;
  int second_begin;
  int second_lanes;
};

/// One call. "Row" is an output row.
struct DirectTile {
  const float* input;  ///< the tile's first position of the first input channel
  std::int64_t input_stride;
  std::int64_t channels;  ///< input channels
  std::int64_t
      channels_apart;  ///< sums of so many are kept apart and then added, lest rounding grows with the channels
  std::span<const DirectTerm> terms;
  const float* weights;  ///< [channel][term][its phases][output], outputs padded to the shape's
  // For shapes that read the input in place; their terms may lack rows that lie beyond it.
  std::int64_t weights_stride;  ///< from one channel to the next
  const std::uint16_t* inside;  ///< [offset of the pattern][vector]: bit of each lane that reads a cell of its row
  const float* bias;            ///< [output], padded
  float* sums;                  ///< scratch for as many floats as the tile has results
  float* output;                ///< where quotient 0 of phase x 0 of phase y 0 of the first output channel goes
  std::int64_t output_stride;   ///< from one output channel to the next
  std::int64_t row_stride;      ///< from one phase y to the next
  int outputs;                  ///< output channels to write, at most the shape's
  int rows;                     ///< phases y to write, at most the shape's
  bool past_the_caches;         ///< the whole output is larger than the caches
  /// One for each of vectors × phases_x vectors of results; null when all lie one after the other at `output`.
  const DirectStore* stores;
};

struct DirectShape {
  int phases_x;  ///< that are interleaved: the stride, or 1
  int phases_y;  ///< the stride, 1, or for stride 1 as many neighbouring rows as are computed together
  int outputs;
  int vectors;          ///< of quotients
  AxisPattern pattern;  ///< what the taps along x must be, 0: any; terms then come in whole rows of that many offsets
  bool in_place;        ///< reads the input where it is, without zeros around it
  void (*run)(const DirectTile&);
};

/// Those of the instruction set in use: for any taps, and for some popular ones.
std::span<const DirectShape> general_shapes();
std::span<const DirectShape> pattern_shapes();

}  // namespace tconv
