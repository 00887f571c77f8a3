// What the tiles of the `direct` engine have in common: keeping sums apart, and writing results. Once per instruction
// set.

#if defined(TCONV_KERNELS_DIRECT_TILE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TCONV_KERNELS_DIRECT_TILE_INL_H_
#undef TCONV_KERNELS_DIRECT_TILE_INL_H_
#else
#define TCONV_KERNELS_DIRECT_TILE_INL_H_
#endif

#include <hwy/highway.h>

#include "kernels/direct_tiles.h"
#include "kernels/interleave-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {

HWY_INLINE void store_lanes(Vector vector, float* to, int begin, int count) {
#if HWY_TARGET <= HWY_AVX2  // has stores that leave the other lanes' memory alone
  const Floats d;
  if (count == lanes) return hn::StoreU(vector, d, to);
  const auto below_end = hn::FirstN(d, static_cast<std::size_t>(begin + count));
  hn::BlendedStore(vector, hn::AndNot(hn::FirstN(d, static_cast<std::size_t>(begin)), below_end), d, to - begin);
#else
  alignas(64) float lane[lanes];
  hn::Store(vector, Floats(), lane);
  for (int i = 0; i < count; ++i) to[i] = lane[begin + i];
#endif
}

template <int phases, int outputs, int vectors>
HWY_INLINE void begin_sums(Vector (&sums)[phases][outputs][vectors], const DirectTile& tile, bool first) {
  const Floats d;
  TCONV_UNROLL for (int phase = 0; phase < phases; ++phase) {
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      TCONV_UNROLL for (int i = 0; i < vectors; ++i) {
        sums[phase][out][i] = first ? hn::Set(d, tile.bias[out]) : hn::Zero(d);
      }
    }
  }
}

template <int phases, int outputs, int vectors>
HWY_INLINE void add_kept(Vector (&sums)[phases][outputs][vectors], const float* kept) {
  TCONV_UNROLL for (int phase = 0; phase < phases; ++phase) {
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      TCONV_UNROLL for (int i = 0; i < vectors; ++i, kept += lanes) {
        sums[phase][out][i] = hn::Add(sums[phase][out][i], hn::LoadU(Floats(), kept));
      }
    }
  }
}

template <int phases, int outputs, int vectors>
HWY_INLINE void keep(const Vector (&sums)[phases][outputs][vectors], float* kept) {
  TCONV_UNROLL for (int phase = 0; phase < phases; ++phase) {
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      TCONV_UNROLL for (int i = 0; i < vectors; ++i, kept += lanes) { hn::StoreU(sums[phase][out][i], Floats(), kept); }
    }
  }
}

/// The vectors that the phases of vector `index` became, in a row of the tile's that begins at `to`.
template <int phases>
HWY_INLINE void write_vectors(const Vector (&parts)[phases], const DirectTile& tile, float* to, int index) {
  const bool stream = tile.past_the_caches && reinterpret_cast<std::uintptr_t>(to) % (lanes * sizeof(float)) == 0;
  TCONV_UNROLL for (int p = 0; p < phases; ++p) {
    if (tile.stores == nullptr) {
      store(parts[p], to + (index * phases + p) * lanes, stream);
    } else {
      const DirectStore& place = tile.stores[index * phases + p];
      if (place.first_lanes > 0) store_lanes(parts[p], to + place.first, place.first_begin, place.first_lanes);
      if (place.second_lanes > 0) store_lanes(parts[p], to + place.second, place.second_begin, place.second_lanes);
    }
  }
}

template <int phases_x, int phases_y, int outputs, int vectors>
HWY_INLINE void write(const Vector (&sums)[phases_x * phases_y][outputs][vectors], const DirectTile& tile) {
  const Interleaver interleave;
  TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
    if (out >= tile.outputs) break;
    TCONV_UNROLL for (int row = 0; row < phases_y; ++row) {
      if (row >= tile.rows) break;
      float* const to = tile.output + out * tile.output_stride + row * tile.row_stride;
      TCONV_UNROLL for (int i = 0; i < vectors; ++i) {
        Vector parts[phases_x];
        TCONV_UNROLL for (int p = 0; p < phases_x; ++p) parts[p] = sums[row * phases_x + p][out][i];
        interleave_phases<phases_x>(interleave, parts);
        write_vectors(parts, tile, to, i);
      }
    }
  }
}

}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
