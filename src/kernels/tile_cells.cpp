#include "kernels/tile_cells.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/tile_cells.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include <bit>

#include "kernels/direct_tile-inl.h"
#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

using std::int64_t;
using std::uint32_t;
using Words = hn::RebindToUnsigned<Floats>;

/// x with eight binary digits, rounded to nearest: Veltkamp's splitting.
HWY_INLINE Vector high_digits(Vector x) {
  const Vector scaled = hn::Mul(x, hn::Set(Floats(), 65537.0F));
  return hn::Sub(scaled, hn::Sub(scaled, x));
}

/// The upper halves of the same part of two numbers. Lower halves are zero, but for parts too small for bfloat16.
HWY_INLINE Vector paired(Vector even, Vector odd) {
  const Words d;
  const auto upper = hn::And(hn::BitCast(d, odd), hn::Set(d, 0xffff0000U));
  return hn::BitCast(Floats(), hn::Or(upper, hn::ShiftRight<16>(hn::BitCast(d, even))));
}

HWY_INLINE Vector load(const float* from, int64_t i, int64_t count) {
  return count - i >= lanes ? hn::LoadU(Floats(), from + i) : load_some(from + i, count - i);
}

/// load(i, x): the pairs of the words i, i + 1 …
template <typename Load>
HWY_INLINE float split_pairs(const Load& load_pairs, int64_t count, uint32_t* HWY_RESTRICT words, int64_t part_stride) {
  const Floats d;
  const Words w;
  auto most = hn::Zero(w);
  for (int64_t i = 0; i < count; i += lanes) {
    Vector x[2];
    load_pairs(i, x);
    Vector parts[tile_parts][2];
    for (int c = 0; c < 2; ++c) {
      most = hn::Max(most, hn::BitCast(w, hn::Abs(x[c])));
      parts[0][c] = high_digits(x[c]);
      const Vector rest = hn::Sub(x[c], parts[0][c]);
      parts[1][c] = high_digits(rest);
      parts[2][c] = hn::Sub(rest, parts[1][c]);
    }
    for (int64_t part = 0; part < tile_parts; ++part) {
      float* const to = reinterpret_cast<float*>(words + part * part_stride + i);
      const Vector pair = paired(parts[part][0], parts[part][1]);
      if (count - i >= lanes) {
        hn::StoreU(pair, d, to);
      } else {
        store_some(pair, count - i, to);
      }
    }
  }
  const uint32_t bits = hn::GetLane(hn::MaxOfLanes(w, most));
  return std::bit_cast<float>(bits < 0x7f800000U ? bits : 0x7f800000U);
}

float split_two(const float* HWY_RESTRICT even, const float* HWY_RESTRICT odd, int64_t count,
                uint32_t* HWY_RESTRICT words, int64_t part_stride) {
  const auto load_pairs = [&](int64_t i, Vector(&x)[2]) {
    x[0] = load(even, i, count);
    x[1] = odd == nullptr ? hn::Zero(Floats()) : load(odd, i, count);
  };
  return split_pairs(load_pairs, count, words, part_stride);
}

float split_one(const float* HWY_RESTRICT from, int64_t count, uint32_t* HWY_RESTRICT words, int64_t part_stride) {
  const auto load_pairs = [&](int64_t i, Vector(&x)[2]) {
    if (count - i >= lanes) {
      hn::LoadInterleaved2(Floats(), from + 2 * i, x[0], x[1]);
    } else {
      alignas(64) float some[2 * lanes] = {};
      for (int64_t j = 0; j < 2 * (count - i); ++j) some[j] = from[2 * i + j];
      hn::LoadInterleaved2(Floats(), some, x[0], x[1]);
    }
  };
  return split_pairs(load_pairs, count, words, part_stride);
}

template <int phases>
void interleaved(const float* HWY_RESTRICT results, const DirectTile& tile) {
  const Interleaver interleave;
  constexpr int64_t phase_stride = tile_rows * tile_columns;
  for (int out = 0; out < tile.outputs; ++out) {
    const Vector bias = hn::Set(Floats(), tile.bias[out]);
    for (int64_t c = 0; c < tile_columns; c += lanes) {
      Vector v[phases];
      TCONV_UNROLL for (int p = 0; p < phases; ++p) {
        v[p] = hn::Add(hn::Load(Floats(), results + p * phase_stride + out * tile_columns + c), bias);
      }
      interleave_phases(interleave, v);
      write_vectors(v, tile, tile.output + out * tile.output_stride, static_cast<int>(c / lanes));
    }
  }
}

void write_interleaved(const float* results, int phases, const DirectTile& tile) {
  switch (phases) {
    case 1:
      return interleaved<1>(results, tile);
    case 2:
      return interleaved<2>(results, tile);
    case 3:
      return interleaved<3>(results, tile);
    default:
      return interleaved<4>(results, tile);
  }
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(split_two);
HWY_EXPORT(split_one);
HWY_EXPORT(write_interleaved);
}  // namespace

float split_cells(const float* even, const float* odd, std::int64_t count, std::uint32_t* words,
                  std::int64_t part_stride) {
  return HWY_DYNAMIC_DISPATCH(split_two)(even, odd, count, words, part_stride);
}

float split_line(const float* from, std::int64_t count, std::uint32_t* words, std::int64_t part_stride) {
  return HWY_DYNAMIC_DISPATCH(split_one)(from, count, words, part_stride);
}

void write_tiles(const float* results, int phases, const DirectTile& tile) {
  HWY_DYNAMIC_DISPATCH(write_interleaved)(results, phases, tile);
}

}  // namespace tconv
#endif
