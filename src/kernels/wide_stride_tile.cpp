#include "kernels/wide_stride_tile.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/wide_stride_tile.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

/// In the first lanes. A whole vector would lie in two cache lines most of the time.
template <class D>
HWY_INLINE hn::Vec<D> four_cells(D d, const float* from) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    return hn::LoadU(d, from);
  } else {
    return hn::ZeroExtendVector(d, four_cells(hn::Half<D>(), from));
  }
}

/// One after the other, again and again.
HWY_INLINE Vector two_cells(const float* from) {
  const hn::RepartitionToWide<Floats> pairs;
  double pair;
  static_assert(sizeof pair == 2 * sizeof *from);
  hwy::CopyBytes<sizeof pair>(from, &pair);
  return hn::BitCast(Floats(), hn::Set(pairs, pair));
}

template <WideReads reads, int channels, int positions>
HWY_NOINLINE void run_tile(const WideTile& tile) {
  const Floats d;
  const auto order = hn::SetTableIndices(d, tile.order);
  Vector sum[channels][positions];
  TCONV_UNROLL for (int c = 0; c < channels; ++c) {
    TCONV_UNROLL for (int p = 0; p < positions; ++p) sum[c][p] = hn::Set(d, tile.add ? 0.0F : tile.bias[c]);
  }
  const float* at[positions];
  TCONV_UNROLL for (int p = 0; p < positions; ++p) at[p] = tile.input + tile.at[p];

  const std::int64_t row = reads == WideReads::any ? tile.row : lanes;
  const WideRun* const last = tile.runs.data() + tile.runs.size();
  for (const WideRun* run = tile.runs.data(); run != last; ++run) {
    const float* HWY_RESTRICT weights = tile.weights + run->first * channels * row;
    const std::int64_t* term = tile.terms + run->first;
    for (const std::int64_t* const end = term + run->count; term != end; ++term) {
      const std::int64_t input = *term;
      Vector w[channels];
      TCONV_UNROLL for (int c = 0; c < channels; ++c) w[c] = hn::LoadU(d, weights + c * row);
      TCONV_UNROLL for (int p = 0; p < positions; ++p) {
        Vector x;
        if constexpr (reads == WideReads::one) {
          x = hn::Set(d, at[p][input]);
        } else if constexpr (reads == WideReads::two) {
          x = two_cells(at[p] + input);
        } else {
          x = hn::TableLookupLanes(four_cells(d, at[p] + input), order);
        }
        TCONV_UNROLL for (int c = 0; c < channels; ++c) sum[c][p] = hn::MulAdd(x, w[c], sum[c][p]);
      }
      weights += channels * row;
    }
  }

  if constexpr (reads == WideReads::two) {
    TCONV_UNROLL for (int c = 0; c < channels; ++c) {
      TCONV_UNROLL for (int p = 0; p < positions; ++p) sum[c][p] = hn::TableLookupLanes(sum[c][p], order);
    }
  }
  if (tile.add) {
    TCONV_UNROLL for (int c = 0; c < channels; ++c) {
      const float* const output = tile.output + c * tile.output_step;
      TCONV_UNROLL for (int p = 0; p < positions; ++p) {
        sum[c][p] = hn::Add(hn::LoadU(d, output + tile.to[p]), sum[c][p]);
      }
    }
  }
  if (tile.past_the_caches) {
    TCONV_UNROLL for (int c = 0; c < channels; ++c) {
      float* const output = tile.output + c * tile.output_step;
      TCONV_UNROLL for (int p = 0; p < positions; ++p) hn::Stream(sum[c][p], d, output + tile.to[p]);
    }
  } else {
    TCONV_UNROLL for (int c = 0; c < channels; ++c) {
      float* const output = tile.output + c * tile.output_step;
      TCONV_UNROLL for (int p = 0; p < positions; ++p) hn::StoreU(sum[c][p], d, output + tile.to[p]);
    }
  }
}

template <WideReads reads, int channels, int positions = wide_positions(lanes, channels)>
WideTileFunction any_positions(int count) {
  if (count == positions) return &run_tile<reads, channels, positions>;
  if constexpr (positions > 1) return any_positions<reads, channels, positions - 1>(count);
  return nullptr;
}

template <WideReads reads, int channels = wide_channels(lanes)>
WideTileFunction any_channels(int count, int positions) {
  if (count == channels) return any_positions<reads, channels>(positions);
  if constexpr (channels > 1) return any_channels<reads, channels - 1>(count, positions);
  return nullptr;
}

WideTileFunction any_tile(int channels, int positions, WideReads reads) {
  if (reads == WideReads::one) return any_channels<WideReads::one>(channels, positions);
#if HWY_TARGET <= HWY_AVX3
  if (reads == WideReads::two) return any_channels<WideReads::two>(channels, positions);
#endif
  return any_channels<WideReads::any>(channels, positions);
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(any_tile);
}

WideTileFunction wide_tile(int channels, int positions, WideReads reads) {
  return HWY_DYNAMIC_DISPATCH(any_tile)(channels, positions, reads);
}

}  // namespace tconv
#endif
