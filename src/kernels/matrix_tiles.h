#pragma once
// Products of matrices by the tiles that some processors have (AMX): 16 × 32 by 32 × 16 numbers of eight binary digits
// (bfloat16) in one instruction, sixteen times what vectors of float32 do. A float32 has 24 digits: it is the sum of
// three such numbers, its parts, exactly, and of the nine products of two floats' parts the six that float32 can show
// are summed, in float32.

#include <cstdint>
#include <span>

namespace tconv {

/// Whether this processor has them, the system lets this process use them, and hwy::SetSupportedTargetsForTest has not
/// left only instructions of older ones.
bool matrix_tiles_there();

inline constexpr std::int64_t tile_rows = 32;     ///< of results that are computed together
inline constexpr std::int64_t tile_columns = 32;  ///< likewise
inline constexpr std::int64_t tile_numbers = 32;  ///< that one step multiplies and adds up
inline constexpr std::int64_t tile_pairs = tile_numbers / 2;
inline constexpr std::int64_t tile_parts = 3;
/// Words of one step of a side whose words lie one after the other, part by part.
inline constexpr std::int64_t tile_step_words = tile_parts * tile_rows * tile_pairs;

/// While it lives, its thread may multiply tiles.
class TileUse {
 public:
  TileUse();
  ~TileUse();
  TileUse(const TileUse&) = delete;
  TileUse& operator=(const TileUse&) = delete;
};

/// One side of a product: numbers in pairs, a word being the bfloat16 of two neighbours. Distances are in bytes, and
/// nothing need be aligned.
struct TileSide {
  const void* at;           ///< the first part of what the first step reads
  std::int64_t row_bytes;   ///< from a row of words to the next
  std::int64_t half_bytes;  ///< from the first 16 results to the other 16
  std::int64_t part_bytes;  ///< from part to part
};

/// Sides whose words lie one after the other, [part][row][pair] and [part][pair][column]: of tile_step_words a step.
inline TileSide packed_rows(const std::uint32_t* words) {
  return {words, 4 * tile_pairs, 2 * tile_rows * tile_pairs, 4 * tile_rows * tile_pairs};
}
inline TileSide packed_columns(const std::uint32_t* words) {
  return {words, 4 * tile_columns, 2 * tile_columns, 4 * tile_columns * tile_pairs};
}

/// results[row][column] = or += Σ over steps and 32 numbers of rows[row][number] · columns[number][column].
struct TileProduct {
  TileSide rows;                        ///< row by row, a row being 16 words
  std::int64_t rows_step;               ///< bytes from step to step
  TileSide columns;                     ///< pair by pair, each a word for every column
  std::span<const std::int64_t> steps;  ///< where the columns of each step begin, in bytes from `at`
  bool half;                            ///< only the first 16 rows
  bool add;
  float* results;  ///< tile_rows × tile_columns
};
void multiply_tiles(const TileProduct& product);

}  // namespace tconv
