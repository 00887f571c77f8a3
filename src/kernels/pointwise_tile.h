#pragma once
// The innermost loop of the `pointwise` engine: some output channels × neighbouring cells in registers.

#include <cstdint>
#include <span>

namespace tconv {

/// One call: output[o][p] = bias[o] + Σ_c weights[c][o] · x[c][p] for some blocks of output channels, each of as many
/// as the shape has.
struct PointwiseTile {
  const float* x;  ///< the first cell of the first channel
  std::int64_t x_stride;
  std::int64_t channels;
  std::int64_t cells;  ///< to read and write, all but the last vector's at least
  /// Where to put the cells read, [channel][cell of the shape], from where the blocks after the first read them; null
  /// when whole vectors may be read from x, by all.
  float* packed;
  int blocks;
  const float* weights;  ///< [block][channel][output]
  const float* bias;     ///< [block][output]
  int outputs;           ///< of each block to write, at most the shape's
  float* output;
  std::int64_t output_stride;
  bool past_the_caches;  ///< where whole vectors are aligned
  float* sums;           ///< scratch for as many floats as a block has results
  /// What is brought nearer meanwhile: by each of the first `blocks` blocks, except one that packs, a line for each
  /// channel.
  struct Ahead {
    const float* at = nullptr;
    std::int64_t stride = 0;  ///< from one channel's to the next
    std::int64_t step = 0;    ///< from one block's to the next
    int blocks = 0;
  };
  Ahead ahead[2] = {};
};

struct PointwiseShape {
  int outputs;
  int vectors;
  void (*run)(const PointwiseTile&);
};

/// Those of the instruction set in use. Every number of vectors comes with the same numbers of outputs, in order.
std::span<const PointwiseShape> pointwise_shapes();

}  // namespace tconv
