#pragma once
// The innermost loop of the `pointwise` engine: some output channels × neighbouring cells in registers.

#include <cstdint>
#include <span>

namespace tconv {

/// One call: output[o][p] = bias[o] + Σ_c weights[c][o] · x[c][p].
struct PointwiseTile {
  const float* x;  ///< the first cell of the first channel
  std::int64_t x_stride;
  std::int64_t channels;
  const float* weights;  ///< [channel][output], as many outputs as the shape has
  const float* bias;     ///< [output], likewise
  float* sums;           ///< scratch for as many floats as the tile has results
  float* output;
  std::int64_t output_stride;
  int outputs;           ///< to write, at most the shape's
  std::int64_t cells;    ///< to read and write, all but the last vector's at least
  bool past_the_caches;  ///< where whole vectors are aligned
  float* packed =
      nullptr;  ///< where to put the cells read, [channel][cell of the shape]; null when whole vectors may be read
  const float* ahead = nullptr;  ///< what is brought nearer meanwhile, a line for each channel; null for nothing
  std::int64_t ahead_stride = 0;
};

struct PointwiseShape {
  int outputs;
  int vectors;
  void (*run)(const PointwiseTile&);
};

/// Those of the instruction set in use. Every number of vectors comes with the same numbers of outputs, in order.
std::span<const PointwiseShape> pointwise_shapes();

}  // namespace tconv
