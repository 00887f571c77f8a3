#pragma once
// The innermost loops of the `one_channel` engine: down some columns, every row of inputs read once.

#include <cstdint>
#include <span>

#include "kernels/axis_pattern.h"

namespace tconv {

/// One call: some vectors of neighbouring quotients, in row after row. The sums of all rows that a row of inputs has
/// part in stay in registers until they are complete.
struct OneChannelTile {
  /// What the first quotient's taps of the least offset read. As many floats a row as the vectors have and the offsets
  /// less one, as many rows as quotients and the offsets less one.
  const float* input;
  std::int64_t input_pitch;
  std::int64_t quotients;  ///< rows of them, a multiple of the offsets
  const float* weights;    ///< by the tap's number of y (see taps_before), then of x
  float bias;
  float* output;
  std::int64_t output_pitch;
  bool past_the_caches;  ///< output and pitch are aligned to vectors, and few of them will be read soon
  /// What will be read next: meanwhile brought nearer, as many floats for each row of quotients as that has.
  const float* ahead;
};

/// Likewise for quotients whose taps may read beside the map, or whose cells may be cut off.
struct OneChannelEdge {
  const float* input;  ///< of the map
  std::int64_t input_rows;
  std::int64_t input_columns;
  std::int64_t first_row;  ///< of the map, that the first quotient's taps of the least offset read; may be negative
  std::int64_t first_column;
  const float* weights;  ///< as of a tile
  float bias;
  float* output;  ///< of the first quotient
  std::int64_t output_pitch;
  std::int64_t rows;  ///< of the output
  std::int64_t columns;
  bool past_the_caches;  ///< as of a tile
};

struct OneChannelShape {
  AxisPattern pattern;  ///< of both axes
  int stride;           ///< of both axes
  int vectors;
  void (*run)(const OneChannelTile&);
  void (*run_edge)(const OneChannelEdge&);
};

/// Those of the instruction set in use.
std::span<const OneChannelShape> one_channel_shapes();

}  // namespace tconv
