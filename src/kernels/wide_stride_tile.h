#pragma once
// The innermost loops of the engine `wide_stride`: some output channels × some vectors of neighbouring output cells.

#include <cstdint>
#include <span>

namespace tconv {

/// Which inputs the lanes of a vector read. What one broadcast can load costs the multiply-adds nothing.
enum class WideReads {
  one,  ///< all lanes the same
  two,  ///< the lower half one, the upper half the next one; lanes are kept in turns until they are written
  any,  ///< up to four neighbours, as WideTile::order says
};

/// Neighbouring products of the sums; see WideTile::terms.
struct WideRun {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// One call. For every output channel c of the tile and every position p, a vector of neighbouring output cells
///
///   output[c·output_step + to[p]] = bias[c] + Σ_t weights[(t·C + c)·row …] · input[terms[t] + at[p] + order …]
///
/// (for WideReads::two with lanes 0, L/2, 1, L/2 + 1 … of what is written, in weights) or, with `add`, the sum is added
/// to what is there.
struct WideTile {
  const float* input = nullptr;
  const std::int64_t* terms = nullptr;  ///< by term, in floats
  std::span<const WideRun> runs;        ///< of terms; none: only the bias
  const float* weights = nullptr;
  std::int64_t row = 0;  ///< floats from one channel's weights of a term to the next channel's; L unless WideReads::any
  const float* bias = nullptr;          ///< by channel
  const std::int32_t* order = nullptr;  ///< by lane: any: 0 … 3; two: the lane that is written there
  const std::int64_t* at = nullptr;     ///< by position
  float* output = nullptr;
  const std::int64_t* to = nullptr;  ///< by position
  std::int64_t output_step = 0;
  bool add = false;
  bool past_the_caches = false;  ///< every vector of the output is aligned, and nobody reads it soon
};

using WideTileFunction = void (*)(const WideTile&);
/// `channels` at most wide_channels(lanes), `positions` at most wide_positions(lanes, channels). WideReads::two: for 16
/// lanes.
WideTileFunction wide_tile(int channels, int positions, WideReads reads);

// As many sums as the registers hold beside the weights and an input: 24 of 32 registers or 12 of 16.
constexpr int wide_channels(int lanes) { return lanes >= 16 ? 3 : 2; }
constexpr int wide_positions(int lanes, int channels) { return lanes >= 16 || channels == 1 ? 8 : 6; }

}  // namespace tconv
