#include "kernels/wide_stride_tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/wide_stride_tile.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
constexpr int lanes = static_cast<int>(hn::MaxLanes(Floats()));

/// Without this the compiler keeps arrays of vectors in memory: it takes them apart only once loops are gone.
#define TCONV_UNROLL _Pragma("GCC unroll 32")

template <bool repeat, int channels, int positions>
HWY_NOINLINE void run_tile(const WideTile& tile) {
  const Floats d;
  const auto order = hn::SetTableIndices(d, tile.order);
  Vector sum[channels][positions];
  TCONV_UNROLL for (int c = 0; c < channels; ++c) {
    TCONV_UNROLL for (int p = 0; p < positions; ++p) sum[c][p] = hn::Set(d, tile.bias[c]);
  }
  std::int64_t at[positions];
  TCONV_UNROLL for (int p = 0; p < positions; ++p) at[p] = tile.at[p];
  alignas(64) float aside[channels * positions * lanes];
  bool is_aside = false;

  const std::int64_t row = tile.row;
  const WideRun* const last = tile.runs.data() + tile.runs.size();
  for (const WideRun* run = tile.runs.data(); run != last; ++run) {
    const float* HWY_RESTRICT weights = tile.weights + run->first * channels * row;
    const std::int64_t* term = tile.terms + run->first;
    for (const std::int64_t* const end = term + run->count; term != end; ++term) {
      const float* HWY_RESTRICT input = tile.input + *term;
      Vector w[channels];
      TCONV_UNROLL for (int c = 0; c < channels; ++c) w[c] = hn::LoadU(d, weights + c * row);
      TCONV_UNROLL for (int p = 0; p < positions; ++p) {
        Vector x;
        if constexpr (repeat) {
          x = hn::Set(d, input[at[p]]);
        } else {
          x = hn::TableLookupLanes(hn::LoadU(d, input + at[p]), order);
        }
        TCONV_UNROLL for (int c = 0; c < channels; ++c) sum[c][p] = hn::MulAdd(x, w[c], sum[c][p]);
      }
      weights += channels * row;
    }
    if (!run->ends_stretch && run + 1 != last) continue;
    if (run + 1 == last && !is_aside) break;
    TCONV_UNROLL for (int c = 0; c < channels; ++c) {
      TCONV_UNROLL for (int p = 0; p < positions; ++p) {
        float* const kept = aside + (c * positions + p) * lanes;
        if (is_aside) sum[c][p] = hn::Add(hn::Load(d, kept), sum[c][p]);
        if (run + 1 == last) continue;
        hn::Store(sum[c][p], d, kept);
        sum[c][p] = hn::Zero(d);
      }
    }
    is_aside = true;
  }

  TCONV_UNROLL for (int c = 0; c < channels; ++c) {
    float* const output = tile.output + c * tile.output_step;
    TCONV_UNROLL for (int p = 0; p < positions; ++p) {
      if (tile.past_the_caches) {
        hn::Stream(sum[c][p], d, output + tile.to[p]);
      } else {
        hn::StoreU(sum[c][p], d, output + tile.to[p]);
      }
    }
  }
}

template <bool repeat, int channels, int positions = wide_positions(lanes, channels)>
void any_positions(const WideTile& tile, int count) {
  if (count == positions) return run_tile<repeat, channels, positions>(tile);
  if constexpr (positions > 1) any_positions<repeat, channels, positions - 1>(tile, count);
}

template <int channels = wide_channels(lanes)>
void any_channels(const WideTile& tile, int count, int positions, bool repeat) {
  if (count == channels) {
    return repeat ? any_positions<true, channels>(tile, positions) : any_positions<false, channels>(tile, positions);
  }
  if constexpr (channels > 1) any_channels<channels - 1>(tile, count, positions, repeat);
}

void any_tile(const WideTile& tile, int channels, int positions, bool repeat) {
  any_channels(tile, channels, positions, repeat);
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(any_tile);
}

void run_wide_tile(const WideTile& tile, int channels, int positions, bool repeat) {
  HWY_DYNAMIC_DISPATCH(any_tile)(tile, channels, positions, repeat);
}

}  // namespace tconv
#endif
