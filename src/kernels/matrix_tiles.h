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

inline constexpr std::int64_t tile_outputs = 32;   ///< rows of results that are computed together
inline constexpr std::int64_t tile_cells = 32;     ///< columns likewise
inline constexpr std::int64_t tile_channels = 32;  ///< that one step multiplies and adds up
inline constexpr std::int64_t tile_pairs = tile_channels / 2;
inline constexpr std::int64_t tile_parts = 3;
/// Words of one step's weights: [part][output][pair], a word being the bfloat16 of two neighbouring channels.
inline constexpr std::int64_t tile_step_words = tile_parts * tile_outputs * tile_pairs;

/// While it lives, its thread may multiply tiles.
class TileUse {
 public:
  TileUse();
  ~TileUse();
  TileUse(const TileUse&) = delete;
  TileUse& operator=(const TileUse&) = delete;
};

/// One block of sums: results[output][cell] = Σ steps, channels: weight · cell.
struct TileProduct {
  const std::uint32_t* cells;           ///< of the first cell; a step's: [part][pair][…]
  std::int64_t pitch;                   ///< words from pair to pair; from part to part as many times tile_pairs
  std::span<const std::int64_t> steps;  ///< where they begin, in words from `cells`
  const std::uint32_t* weights;         ///< by step
  bool half;                            ///< only the first 16 outputs
  float* results;                       ///< tile_outputs × tile_cells
};
void multiply_tiles(const TileProduct& product);

}  // namespace tconv
