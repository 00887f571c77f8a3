// As many vectors as a vector has lanes, transposed in registers. Included once per instruction set.

#if defined(TCONV_KERNELS_TRANSPOSE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TCONV_KERNELS_TRANSPOSE_INL_H_
#undef TCONV_KERNELS_TRANSPOSE_INL_H_
#else
#define TCONV_KERNELS_TRANSPOSE_INL_H_
#endif

#include <hwy/highway.h>

#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {

/// Lane i of rows[j] and lane j of rows[i] change places; D: 4, 8 or 16 floats.
template <class D, class Vector = hn::Vec<D>, int lanes>
HWY_INLINE void transpose(D d, Vector (&rows)[lanes]) {
  static_assert(lanes == hn::MaxLanes(D()));
  const hn::Repartition<double, D> pairs;
  constexpr int blocks = lanes / 4;
  Vector parts[4][blocks];  // [column in a block of four][rows' block of four]; their blocks are blocks of columns
  TCONV_UNROLL for (int g = 0; g < blocks; ++g) {
    const auto lower02 = hn::BitCast(pairs, hn::InterleaveLower(d, rows[4 * g], rows[4 * g + 1]));
    const auto upper02 = hn::BitCast(pairs, hn::InterleaveUpper(d, rows[4 * g], rows[4 * g + 1]));
    const auto lower13 = hn::BitCast(pairs, hn::InterleaveLower(d, rows[4 * g + 2], rows[4 * g + 3]));
    const auto upper13 = hn::BitCast(pairs, hn::InterleaveUpper(d, rows[4 * g + 2], rows[4 * g + 3]));
    parts[0][g] = hn::BitCast(d, hn::InterleaveLower(pairs, lower02, lower13));
    parts[1][g] = hn::BitCast(d, hn::InterleaveUpper(pairs, lower02, lower13));
    parts[2][g] = hn::BitCast(d, hn::InterleaveLower(pairs, upper02, upper13));
    parts[3][g] = hn::BitCast(d, hn::InterleaveUpper(pairs, upper02, upper13));
  }
  TCONV_UNROLL for (int j = 0; j < 4; ++j) {
    Vector(&q)[blocks] = parts[j];
    if constexpr (lanes == 4) {
      rows[j] = q[0];
    } else if constexpr (lanes == 8) {
      rows[j] = hn::ConcatLowerLower(d, q[1], q[0]);
      rows[4 + j] = hn::ConcatUpperUpper(d, q[1], q[0]);
    } else {
      static_assert(lanes == 16);
      const Vector even01 = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(q[1]), q[0]);
      const Vector odd01 = hn::OddEvenBlocks(q[1], hn::SwapAdjacentBlocks(q[0]));
      const Vector even23 = hn::OddEvenBlocks(hn::SwapAdjacentBlocks(q[3]), q[2]);
      const Vector odd23 = hn::OddEvenBlocks(q[3], hn::SwapAdjacentBlocks(q[2]));
      rows[j] = hn::ConcatLowerLower(d, even23, even01);
      rows[4 + j] = hn::ConcatLowerLower(d, odd23, odd01);
      rows[8 + j] = hn::ConcatUpperUpper(d, even23, even01);
      rows[12 + j] = hn::ConcatUpperUpper(d, odd23, odd01);
    }
  }
}

}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
