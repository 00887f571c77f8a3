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

template <int as, int bs, int ts>
HWY_NOINLINE void run_correlation(const CorrelationTile& tile) {
  const Floats d;
  // What is beyond the counts is computed from the last one, and dropped.
  const float* x[as];
  const float* g[bs][ts];
  for (int a = 0; a < as; ++a) x[a] = tile.x + std::min(a, tile.a_count - 1) * tile.x_stride;
  for (int b = 0; b < bs; ++b) {
    for (int t = 0; t < ts; ++t) {
      g[b][t] = tile.g + std::min(b, tile.b_count - 1) * tile.g_stride + tile.shifts[std::min(t, tile.t_count - 1)];
    }
  }
  Vector sums[as][bs][ts];
  TCONV_UNROLL for (int a = 0; a < as; ++a) {
    TCONV_UNROLL for (int b = 0; b < bs; ++b) { TCONV_UNROLL for (int t = 0; t < ts; ++t) sums[a][b][t] = hn::Zero(d); }
  }
  for (std::int64_t p = 0; p < tile.positions; p += lanes) {
    Vector values[as];
    TCONV_UNROLL for (int a = 0; a < as; ++a) values[a] = hn::LoadU(d, x[a] + p);
    TCONV_UNROLL for (int b = 0; b < bs; ++b) {
      TCONV_UNROLL for (int t = 0; t < ts; ++t) {
        const Vector gradient = hn::LoadU(d, g[b][t] + p);
        TCONV_UNROLL for (int a = 0; a < as; ++a) sums[a][b][t] = hn::MulAdd(values[a], gradient, sums[a][b][t]);
      }
    }
  }
  TCONV_UNROLL for (int a = 0; a < as; ++a) {
    TCONV_UNROLL for (int b = 0; b < bs; ++b) {
      TCONV_UNROLL for (int t = 0; t < ts; ++t) {
        if (a >= tile.a_count || b >= tile.b_count || t >= tile.t_count) continue;
        const float sum = hn::GetLane(hn::SumOfLanes(d, sums[a][b][t]));
        float& to = tile.sums[a * tile.a_stride + b * tile.b_stride + tile.t_places[t]];
        to = tile.add ? to + sum : sum;
      }
    }
  }
}

template <int a, int b, int t>
constexpr CorrelationShape shape() {
  return {a, b, t, &run_correlation<a, b, t>};
}

#if HWY_TARGET <= HWY_AVX3
constexpr CorrelationShape shapes[] = {shape<4, 6, 1>(), shape<8, 3, 1>(), shape<1, 1, 8>(), shape<3, 1, 8>(),
                                       shape<1, 3, 8>(), shape<3, 3, 2>(), shape<2, 2, 4>()};
#else
constexpr CorrelationShape shapes[] = {shape<4, 3, 1>(), shape<1, 1, 8>(), shape<3, 1, 4>(), shape<2, 2, 2>()};
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
