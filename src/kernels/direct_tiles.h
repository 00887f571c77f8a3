#pragma once
// The innermost loops of the `direct` engine: some output channels × phases × neighbouring quotients in registers.

#include <cstdint>
#include <span>

namespace tconv {

/// One position on the line of inputs that some phases read.
struct DirectTerm {
  std::int64_t offset;   ///< see FlatMap::offset
  std::uint32_t phases;  ///< bit φy·phases_x + φx
};

/// One call. "Row" is an output row; the tile's quotients lie in one row of quotients, or the output is a scratch.
struct DirectTile {
  const float* input;  ///< the tile's first position of the first input channel
  std::int64_t input_stride;
  std::int64_t channels;  ///< input channels
  std::int64_t
      channels_apart;  ///< sums of so many are kept apart and then added, lest rounding grows with the channels
  std::span<const DirectTerm> terms;
  const float* weights;        ///< [channel][term][its phases][output], outputs padded to the shape's
  const float* bias;           ///< [output], padded
  float* sums;                 ///< scratch for as many floats as the tile has results
  float* output;               ///< where quotient 0 of phase x 0 of phase y 0 of the first output channel goes
  std::int64_t output_stride;  ///< from one output channel to the next
  std::int64_t row_stride;     ///< from one phase y to the next
  int outputs;                 ///< output channels to write, at most the shape's
  int rows;                    ///< phases y to write, at most the shape's
  bool past_the_caches;        ///< the whole output is larger than the caches
};

struct DirectShape {
  int phases_x;  ///< that are interleaved: the stride, or 1
  int phases_y;
  int outputs;
  int vectors;  ///< of quotients
  void (*run)(const DirectTile&);
};

/// Those of the instruction set in use.
std::span<const DirectShape> direct_shapes();

}  // namespace tconv
