#include "kernels/weight_stream_pass.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/weight_stream_pass.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include "kernels/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

constexpr int most_vectors = 4;
constexpr int floats_a_line = 16;

/// The next weights on their way into the level 2 cache: some cache lines of each row.
struct Ahead {
  std::int64_t distance = 0;  ///< floats after the weights of the same row
  int lines = 0;
};

template <int pixels, int vectors>
HWY_NOINLINE void tile(const StreamPass& pass, const float* HWY_RESTRICT weights, const std::int64_t* from,
                       const std::int64_t* to, Ahead ahead) {
  const Floats d;
  constexpr int block = vectors * lanes;
  Vector sum[pixels][vectors];
  const float* input[pixels];
  TCONV_UNROLL for (int p = 0; p < pixels; ++p) {
    input[p] = pass.input + from[p];
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) sum[p][v] = hn::Zero(d);
  }
  const std::int64_t end = pass.depth * pass.channel_step;
  for (std::int64_t channel = 0; channel != end; channel += pass.channel_step) {
    Vector weight[vectors];
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) weight[v] = hn::Load(d, weights + v * lanes);
    for (int line = 0; line < ahead.lines; ++line) {
      __builtin_prefetch(weights + ahead.distance + line * floats_a_line, 0, 2);
    }
    TCONV_UNROLL for (int p = 0; p < pixels; ++p) {
      const Vector x = hn::Set(d, input[p][channel]);
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) sum[p][v] = hn::MulAdd(x, weight[v], sum[p][v]);
    }
    weights += block;
  }
  // Sums of short stretches are added to the total: that keeps the rounding errors of long ones small.
  TCONV_UNROLL for (int p = 0; p < pixels; ++p) {
    float* total = pass.sums + to[p] * block;
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
      hn::Store(hn::Add(hn::Load(d, total + v * lanes), sum[p][v]), d, total + v * lanes);
    }
  }
}

template <int vectors, int most = most_stream_pixels(lanes, vectors)>
HWY_INLINE void any_tile(int pixels, const StreamPass& pass, const float* weights, const std::int64_t* from,
                         const std::int64_t* to, Ahead ahead) {
  if (pixels == most) return tile<most, vectors>(pass, weights, from, to, ahead);
  if constexpr (most > 1) any_tile<vectors, most - 1>(pixels, pass, weights, from, to, ahead);
}

template <int vectors>
void run(const StreamPass& pass) {
  constexpr int block = vectors * lanes;
  constexpr int lines_of_row = block >= floats_a_line ? block / floats_a_line : 1;
  const std::int64_t slab = pass.depth * block;
  const float* weights = pass.weights;
  const StreamTile* next = pass.tiles;
  for (std::int64_t tap = 0; tap < pass.taps; ++tap) {
    const int tiles = pass.tiles_of_tap[tap];
    const bool more = (tap + 1 < pass.taps) || pass.weights_after >= slab;
    // Where the weights are used only once, nothing is left to do while they come, and the processor's own prefetching
    // is faster.
    int lines_left = more && tiles > 1 ? lines_of_row : 0;
    Ahead ahead{slab, 0};
    for (int left = tiles; left > 0; --left, ++next) {
      ahead.lines = (lines_left + left - 1) / left;
      any_tile<vectors>(next->pixels, pass, weights, pass.from + next->first, pass.to + next->first, ahead);
      ahead.distance += ahead.lines * floats_a_line;
      lines_left -= ahead.lines;
    }
    if (tiles > 0) weights += slab;
  }
}

void any_pass(const StreamPass& pass) {
  switch (pass.vectors) {
    case 1:
      return run<1>(pass);
    case 2:
      return run<2>(pass);
    case 3:
      return run<3>(pass);
    default:
      return run<most_vectors>(pass);
  }
}

constexpr int turned = 4;
/// Four channels of four cells, turned.
HWY_INLINE void turn(const float* HWY_RESTRICT from, std::int64_t from_step, float* HWY_RESTRICT to,
                     std::int64_t to_step) {
  const hn::FixedTag<float, turned> d;
  hn::Vec<decltype(d)> rows[turned];
  TCONV_UNROLL for (int i = 0; i < turned; ++i) rows[i] = hn::LoadU(d, from + i * from_step);
  transpose(d, rows);
  TCONV_UNROLL for (int i = 0; i < turned; ++i) hn::StoreU(rows[i], d, to + i * to_step);
}

void store(const StreamStore& s) {
  if (s.cells == 1) {
    for (std::int64_t channel = 0; channel < s.channels; ++channel) s.output[channel] = s.sums[channel];
    return;
  }
  const std::int64_t even_channels = s.channels - s.channels % turned;
  const std::int64_t even_cells = s.cells - s.cells % turned;
  for (std::int64_t channel = 0; channel < even_channels; channel += turned) {
    for (std::int64_t cell = 0; cell < even_cells; cell += turned) {
      turn(s.sums + cell * s.block + channel, s.block, s.output + channel * s.cells + cell, s.cells);
    }
  }
  for (std::int64_t channel = 0; channel < s.channels; ++channel) {
    const std::int64_t first = channel < even_channels ? even_cells : 0;
    for (std::int64_t cell = first; cell < s.cells; ++cell) {
      s.output[channel * s.cells + cell] = s.sums[cell * s.block + channel];
    }
  }
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(any_pass);
HWY_EXPORT(store);
}  // namespace

void run_stream_pass(const StreamPass& pass) { HWY_DYNAMIC_DISPATCH(any_pass)(pass); }
void store_stream_sums(const StreamStore& sums) { HWY_DYNAMIC_DISPATCH(store)(sums); }

}  // namespace tconv
#endif
