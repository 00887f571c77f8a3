// Sums of outer products in registers: what both gradients of the weight add up. Included once per instruction set.

#if defined(TCONV_KERNELS_OUTER_SUMS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TCONV_KERNELS_OUTER_SUMS_INL_H_
#undef TCONV_KERNELS_OUTER_SUMS_INL_H_
#else
#define TCONV_KERNELS_OUTER_SUMS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {

/// Zeros. With `add`, what they are to be added to at `to` is fetched: it is needed at the end, and may be far away.
template <int rows, int vectors>
HWY_INLINE void begin_outer(Vector (&sums)[rows][vectors], const float* to, std::int64_t to_step, bool add) {
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[row][v] = hn::Zero(Floats());
  }
  for (int row = 0; add && row < rows; ++row) {
    for (int v = 0; v < vectors; ++v) hwy::Prefetch(to + row * to_step + v * lanes);
  }
}

/// sums[row][column] += x[row] · g[column].
template <int rows, int vectors>
HWY_INLINE void add_outer(const float* HWY_RESTRICT x, const float* HWY_RESTRICT g, Vector (&sums)[rows][vectors]) {
  const Floats d;
  Vector gradient[vectors];
  TCONV_UNROLL for (int v = 0; v < vectors; ++v) gradient[v] = hn::LoadU(d, g + v * lanes);
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    const Vector value = hn::Set(d, x[row]);
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[row][v] = hn::MulAdd(value, gradient[v], sums[row][v]);
  }
}

}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
