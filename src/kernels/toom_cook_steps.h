#pragma once
// The inner loops of the `toom_cook` engine. A "block" is as many channels as a vector has lanes; "blocked" arrays hold
// them side by side, so that a cell is one vector. Steps are in floats.

#include <cstdint>
#include <span>

namespace tconv {

/// Products that are added up one after the other before they join a sum: rounding grows with their number.
inline constexpr std::int64_t toom_cook_chain = 20;

/// Floats in a cache line. Steps through memory get one more, lest they are powers of two, whose cells meet in the same
/// few places of a cache.
inline constexpr std::int64_t toom_cook_line = 16;

/// Values of many polynomials from their coefficients. To result i of number c: out + i·out_row + c·out_next.
struct ToomCookExpand {
  const float* in;
  std::int64_t in_cell;  ///< from one coefficient to the next
  std::int64_t in_next;
  float* out;
  std::int64_t out_row;
  std::int64_t out_next;
  std::int64_t count;
};

/// Along a row of tiles: the cells that the values of their products stand for, where two tiles overlap added up.
struct ToomCookCombineX {
  const float* in;
  std::int64_t in_point;
  std::int64_t in_tile;
  float* out;  ///< n cells a tile; after the last tile t − 1 more when `end`
  std::int64_t out_cell;
  std::int64_t tiles;
  float* carry;  ///< t − 1 vectors: what the tile before reaches beyond its end; replaced by that of the last tile
  bool end;
};

/// The same along columns, of which each has one tile here. Column c = cells·tile + cell.
struct ToomCookCombineY {
  const float* in;
  std::int64_t in_point;
  std::int64_t in_cell;
  std::int64_t in_tile;
  std::int64_t cells;
  std::int64_t columns;
  float* out;
  std::int64_t out_row;
  std::int64_t out_column;
  float* carry;  ///< t − 1 rows of columns, as in ToomCookCombineX
  std::int64_t carry_row;
  std::int64_t carry_column;
};

/// One axis' steps for n cells and t taps.
struct ToomCookAxisSteps {
  int cells;
  int taps;
  void (*expand)(const ToomCookExpand&);        ///< to the points
  void (*expand_plain)(const ToomCookExpand&);  ///< to the points and the cells between the first and the last
  void (*combine_x)(const ToomCookCombineX&);
  void (*combine_y)(const ToomCookCombineY&);
};

/// sums[tile][vector] = Σ over channels of values[tile][channel] · weights[channel][vector].
struct ToomCookProducts {
  const float* values;
  std::int64_t value_step;  ///< from one tile to the next
  std::int64_t channels;
  std::int64_t tiles;
  const float* weights;  ///< see ToomCookSteps::place
  int vectors;
  float* sums;         ///< [tile][vector], dense
  std::int64_t chain;  ///< channels that are added up one after the other before they join a sum
  bool fetch;          ///< the weights behind these, which are needed next, into the caches
};

struct ToomCookSteps {
  int lanes;
  std::span<const ToomCookAxisSteps> axes;
  /// Blocked cells from planes `in_channel` floats apart; channels that there are not become 0.
  void (*gather)(const float* in, std::int64_t in_channel, int channels, std::int64_t cells, float* out);
  /// And back, plus the bias of each channel (one vector). `past_the_caches`: where that is possible. Returns whether
  /// all cells were finite.
  bool (*scatter)(const float* in, std::int64_t in_cell, const float* bias, int channels, std::int64_t cells,
                  float* out, std::int64_t out_channel, bool past_the_caches);
  /// After the last of some scatters past the caches.
  void (*flush)();
  void (*multiply)(const ToomCookProducts&);
  /// Where the weight of channel k of `channels` and vector v of `vectors` begins among those of ToomCookProducts.
  std::int64_t (*place)(std::int64_t channels, std::int64_t chain, int vectors, std::int64_t k, int v);

  const ToomCookAxisSteps& axis(int cells, int taps) const {
    for (const ToomCookAxisSteps& one : axes) {
      if (one.cells == cells && one.taps == taps) return one;
    }
    return axes.front();
  }
};

/// Those of the instruction set in use.
const ToomCookSteps& toom_cook_steps();

/// ToomCook<n, t>::weigh, row by row.
std::span<const double> toom_cook_weights(int cells, int taps);

}  // namespace tconv
