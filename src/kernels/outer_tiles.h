#pragma once
// The innermost loops of the gradient of the weight by cells: sums of outer products of a few channels of the input
// with vectors of channels of the output gradient.

#include <cstdint>
#include <span>

namespace tconv {

/// One call: sums[r · sums_stride + v] = or += Σ_p x[p][r] · g[offsets[p] + v], p in [0, cells).
struct OuterTile {
  const float* x;  ///< [cell][rows of the shape]
  const float* g;
  const std::int64_t* offsets;
  std::int64_t cells;
  float* sums;
  std::int64_t sums_stride;
  bool add;
  bool past_the_caches = false;  ///< where whole vectors are aligned, and not added
};

struct OuterShape {
  int rows;
  int vectors;
  void (*run)(const OuterTile&);
};

/// Those of the instruction set in use.
std::span<const OuterShape> outer_shapes();

/// The one that takes the fewest cycles for so many channels.
OuterShape best_outer_shape(std::int64_t in, std::int64_t out);

/// to[cell · pitch + channel] = from[channel · from_pitch + cell]; what lies between `channels` and `pitch` stays.
void transpose(const float* from, std::int64_t from_pitch, std::int64_t channels, std::int64_t cells, float* to,
               std::int64_t pitch);

}  // namespace tconv
