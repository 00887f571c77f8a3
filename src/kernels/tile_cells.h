#pragma once
// What matrix_tiles.h multiplies, and where its results go.

#include <cstdint>

#include "kernels/direct_tiles.h"
#include "kernels/matrix_tiles.h"

namespace tconv {

/// Parts are exact, and products not lost, of arrays whose largest magnitude lies in between, or is zero.
inline constexpr float least_tile_magnitude = 0x1p-40F;
inline constexpr float most_tile_magnitude = 0x1p+60F;
inline bool tiles_hold(float largest) {
  return largest == 0 || (largest >= least_tile_magnitude && largest <= most_tile_magnitude);
}

/// Splits `count` cells of two neighbouring channels (`odd` may be null: zeros) into their parts, part p to
/// words + p·part_stride. The largest magnitude, NaN and infinities counting as more than any.
float split_cells(const float* even, const float* odd, std::int64_t count, std::uint32_t* words,
                  std::int64_t part_stride);

/// Likewise of one line, whose neighbours make words: `count` words of twice as many floats.
float split_line(const float* from, std::int64_t count, std::uint32_t* words, std::int64_t part_stride);

/// Phases of a row that can be written together.
inline constexpr std::int64_t most_tile_phases = 4;

/// Writes results, bias added, as a tile of `direct` does, from whose call the places, the outputs and their bias are
/// taken: those of `phases` neighbouring phases alternate in the rows. results: [phase][output][cell].
void write_tiles(const float* results, int phases, const DirectTile& tile);

}  // namespace tconv
