#pragma once
// What matrix_tiles.h multiplies, and where its results go.

#include <atomic>
#include <bit>
#include <cstdint>

#include "kernels/buffer.h"
#include "kernels/direct_tiles.h"
#include "kernels/matrix_tiles.h"

namespace tconv {

/// A buffer of words: floats are what FloatBuffer has.
inline std::uint32_t* words_of(FloatBuffer& buffer) { return reinterpret_cast<std::uint32_t*>(buffer.data()); }
inline const std::uint32_t* words_of(const FloatBuffer& buffer) {
  return reinterpret_cast<const std::uint32_t*>(buffer.data());
}

/// Parts have no denormals, and tiles take and give them as zero: of an array whose largest magnitude lies in between,
/// parts and products are lost that are 2^-24 of the largest ones, and less.
inline constexpr float least_tile_magnitude = 0x1p-40F;
inline constexpr float most_tile_magnitude = 0x1p+60F;

/// The largest magnitude of an array, noted by several threads.
class LargestMagnitude {
 public:
  void reset() { bits_ = 0; }
  void note(float magnitude) {  // magnitudes are in the order of their bits
    const auto bits = std::bit_cast<std::uint32_t>(magnitude);
    std::uint32_t before = bits_;
    while (before < bits && !bits_.compare_exchange_weak(before, bits)) {
    }
  }
  float value() const { return std::bit_cast<float>(bits_.load()); }
  bool too_large() const { return !(value() <= most_tile_magnitude); }
  bool in_range() const { return value() == 0 || (value() >= least_tile_magnitude && !too_large()); }

 private:
  std::atomic<std::uint32_t> bits_ = 0;
};

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
