#include "kernels/correlation_tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/correlation_tiles.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

/// Adds up neighbours by twos within blocks of four lanes: {a0 + a2, b0 + b2, a1 + a3, b1 + b3}, …
HWY_INLINE Vector add_pairs(Vector a, Vector b) {
  const Floats d;
  return hn::Add(hn::InterleaveLower(d, a, b), hn::InterleaveUpper(d, a, b));
}

/// to[i] = the sum of all lanes of vectors[i], i in [0, 4): together, in a third of the steps that each would take.
HWY_INLINE void add_lanes(const Vector* vectors, float* to) {
  const hn::Repartition<double, Floats> pairs;
  const auto a = hn::BitCast(pairs, add_pairs(vectors[0], vectors[1]));
  const auto b = hn::BitCast(pairs, add_pairs(vectors[2], vectors[3]));
  const Floats d;
  const Vector sums =
      hn::Add(hn::BitCast(d, hn::InterleaveLower(pairs, a, b)), hn::BitCast(d, hn::InterleaveUpper(pairs, a, b)));
  if constexpr (lanes == 16) {
    const hn::Half<Floats> half;
    const hn::Half<decltype(half)> quarter;
    const auto halves = hn::Add(hn::LowerHalf(half, sums), hn::UpperHalf(half, sums));
    hn::StoreU(hn::Add(hn::LowerHalf(quarter, halves), hn::UpperHalf(quarter, halves)), quarter, to);
  } else if constexpr (lanes == 8) {
    const hn::Half<Floats> half;
    hn::StoreU(hn::Add(hn::LowerHalf(half, sums), hn::UpperHalf(half, sums)), half, to);
  } else {
    hn::StoreU(sums, d, to);
  }
}

template <int as, int columns>
HWY_NOINLINE void run_correlation(const CorrelationTile& tile) {
  static_assert(as * columns % 4 == 0);
  const Floats d;
  // What is beyond the counts is computed from the last one, and dropped.
  const float* x[as];
  const float* g[columns];
  for (int a = 0; a < as; ++a) x[a] = tile.x + std::min(a, tile.a_count - 1) * tile.x_stride;
  for (int c = 0; c < columns; ++c) g[c] = tile.g + tile.columns[std::min(c, tile.column_count - 1)];
  Vector sums[as * columns];
  TCONV_UNROLL for (int i = 0; i < as * columns; ++i) sums[i] = hn::Zero(d);
  for (std::int64_t plane = 0; plane < tile.planes; ++plane) {
    std::int64_t first = plane * tile.x_plane;
    std::int64_t g_first = plane * tile.g_plane;
    for (std::int64_t row = 0; row < tile.rows; ++row, first += tile.x_row, g_first += tile.g_row) {
      for (std::int64_t p = 0; p < tile.positions; p += lanes) {
        Vector values[as];
        TCONV_UNROLL for (int a = 0; a < as; ++a) values[a] = hn::LoadU(d, x[a] + first + p);
        TCONV_UNROLL for (int c = 0; c < columns; ++c) {
          Vector gradient = hn::LoadU(d, g[c] + g_first + p);
          settle(gradient);
          TCONV_UNROLL for (int a = 0; a < as; ++a) {
            sums[a * columns + c] = hn::MulAdd(values[a], gradient, sums[a * columns + c]);
          }
        }
      }
    }
  }
  float found[as * columns];
  TCONV_UNROLL for (int i = 0; i < as * columns; i += 4) add_lanes(sums + i, found + i);
  for (int a = 0; a < tile.a_count; ++a) {
    for (int c = 0; c < tile.column_count; ++c) {
      float& to = tile.sums[a * tile.a_stride + tile.places[c]];
      to = tile.add ? to + found[a * columns + c] : found[a * columns + c];
    }
  }
}

template <int a, int columns>
constexpr CorrelationShape shape() {
  return {a, columns, &run_correlation<a, columns>};
}

#if HWY_TARGET <= HWY_AVX3
constexpr CorrelationShape shapes[] = {shape<4, 6>(), shape<3, 8>(), shape<2, 8>(), shape<1, 8>()};
#else
constexpr CorrelationShape shapes[] = {shape<4, 3>(), shape<3, 4>(), shape<2, 4>(), shape<1, 8>()};
#endif

std::span<const CorrelationShape> all_shapes() { return shapes; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all_shapes);
}

std::span<const CorrelationShape> correlation_shapes() { return HWY_DYNAMIC_DISPATCH(all_shapes)(); }

}  // namespace tconv
#endif
