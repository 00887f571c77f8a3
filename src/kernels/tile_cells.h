#pragma once
// What matrix_tiles.h multiplies, and where its results go.

#include <cstdint>

#include "kernels/matrix_tiles.h"

namespace tconv {

/// Parts are exact, and products not lost, of arrays whose largest magnitude lies in between, or is zero.
inline constexpr float least_tile_magnitude = 0x1p-40F;
inline constexpr float most_tile_magnitude = 0x1p+60F;

/// Splits `count` cells of two neighbouring channels (`odd` may be null: zeros) into their parts, part p to
/// words + p·part_stride. The largest magnitude, NaN and infinities counting as more than any.
float split_cells(const float* even, const float* odd, std::int64_t count, std::uint32_t* words,
                  std::int64_t part_stride);

/// Results of some neighbouring phases of a row, bias added, as the row that they make: cell c of phase p goes to
/// to[c·phases + p].
struct TileRow {
  const float* results;       ///< of the first phase, `tile_cells` of them
  std::int64_t phase_stride;  ///< from phase to phase
  int phases;
  float bias;
  bool past_the_caches;
  float* to;
};
void write_tile_row(const TileRow& row);

}  // namespace tconv
