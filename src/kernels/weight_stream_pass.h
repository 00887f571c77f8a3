#pragma once
// The inner part of the engine `weight_stream`, compiled for each instruction set.

#include <cstdint>

namespace tconv {

/// A few pixels that one tap takes from the input to the output, kept in registers together.
struct StreamTile {
  std::int32_t first;   ///< of the pairs
  std::int32_t pixels;  ///< 1 … most_stream_pixels
};

/// One block of output channels and one stretch of the input channels: for every tap, w[depth][lanes] streams by once
/// for each of the tap's tiles; all but the first find it in the cache.
struct StreamPass {
  const float* input = nullptr;        ///< at the first channel of the stretch
  std::int64_t channel_step = 0;       ///< floats from one input channel to the next
  std::int64_t depth = 0;              ///< input channels of the stretch
  int vectors = 1;                     ///< lanes of the block, in vectors, 1 … 4
  const float* weights = nullptr;      ///< (tap, depth, vectors·lanes), aligned to a vector
  std::int64_t weights_after = 0;      ///< floats that follow this pass's weights and will be wanted next
  float* sums = nullptr;               ///< (output pixel, vectors·lanes), aligned to a vector; is added to
  const std::int64_t* from = nullptr;  ///< by pair: floats from `input` to the input pixel
  const std::int64_t* to = nullptr;    ///< by pair: the output pixel
  const StreamTile* tiles = nullptr;
  const std::int32_t* tiles_of_tap = nullptr;  ///< how many; taps without any have no weights
  std::int64_t taps = 0;
};
void run_stream_pass(const StreamPass& pass);

/// How the sums of a block go into the output.
struct StreamStore {
  const float* sums = nullptr;  ///< (cells, block)
  std::int64_t block = 0;       ///< floats of a pixel in `sums`
  std::int64_t channels = 0;    ///< of them that are channels
  std::int64_t cells = 0;
  float* output = nullptr;  ///< (channels, cells)
};
void store_stream_sums(const StreamStore& store);

/// Output pixels whose sums the registers hold beside that many vectors of weights.
constexpr int most_stream_pixels(int lanes, int vectors) {
  const int sums = lanes >= 16 ? 24 : 12;  // of 32 or 16 registers
  const int pixels = sums / vectors;
  return pixels < 8 ? pixels : 8;
}

}  // namespace tconv
