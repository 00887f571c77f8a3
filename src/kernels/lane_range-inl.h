// Parts of vectors for rows of any length at any place, and the phases of a row taken apart. Included once per
// instruction set.

#if defined(TCONV_KERNELS_LANE_RANGE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TCONV_KERNELS_LANE_RANGE_INL_H_
#undef TCONV_KERNELS_LANE_RANGE_INL_H_
#else
#define TCONV_KERNELS_LANE_RANGE_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "kernels/vectors-inl.h"

/// Of a lambda: arrays of vectors that it uses would otherwise be kept in memory.
#ifndef TCONV_INLINE
#define TCONV_INLINE __attribute__((always_inline))
#endif

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {

/// For how many vectors loops are made. The sanitizers' checks in each of the copies would take minutes to compile.
#ifdef __SANITIZE_ADDRESS__
inline constexpr int registers = 16;
#else
inline constexpr int registers = HWY_TARGET <= HWY_AVX3 ? 32 : 16;
#endif

/// use(i) for i in [0, count), as types: loops around other loops are unrolled too late for arrays of vectors.
template <typename Use, int... i>
HWY_INLINE void for_each(std::integer_sequence<int, i...>, const Use& use) {
  (use(std::integral_constant<int, i>()), ...);
}
template <int count, typename Use>
HWY_INLINE void for_each(const Use& use) {
  for_each(std::make_integer_sequence<int, count>(), use);
}

/// Some neighbouring lanes of a vector: the only ones whose memory is touched.
class LaneRange {
 public:
  LaneRange() : LaneRange(0, lanes) {}
  /// Those in [begin, end), which may reach beyond the vector.
  LaneRange(std::int64_t begin, std::int64_t end) {
    begin = std::clamp<std::int64_t>(begin, 0, lanes);
    end = std::clamp<std::int64_t>(end, begin, lanes);
#if HWY_TARGET <= HWY_AVX2
    const Floats d;
    mask_ = hn::AndNot(hn::FirstN(d, static_cast<std::size_t>(begin)), hn::FirstN(d, static_cast<std::size_t>(end)));
#else
    begin_ = static_cast<int>(begin);
    end_ = static_cast<int>(end);
#endif
  }
  /// 0 in the other lanes.
  HWY_INLINE Vector load(const float* from) const {
    const Floats d;
#if HWY_TARGET <= HWY_AVX2
    return hn::MaskedLoad(mask_, d, from);
#else
    if (end_ - begin_ == lanes) return hn::LoadU(d, from);
    alignas(64) float some[lanes] = {};
    for (int lane = begin_; lane < end_; ++lane) some[lane] = from[lane];
    return hn::Load(d, some);
#endif
  }
  HWY_INLINE void store(Vector vector, float* to) const {
    const Floats d;
#if HWY_TARGET <= HWY_AVX2
    hn::BlendedStore(vector, mask_, d, to);
#else
    if (end_ - begin_ == lanes) return hn::StoreU(vector, d, to);
    alignas(64) float lane[lanes];
    hn::Store(vector, d, lane);
    std::copy(lane + begin_, lane + end_, to + begin_);
#endif
  }

 private:
#if HWY_TARGET <= HWY_AVX2
  hn::Mask<Floats> mask_;
#else
  int begin_;
  int end_;
#endif
};

/// Lanes `count` … of `low`, then the first ones of `high`; count in [0, lanes).
template <int count>
HWY_INLINE Vector slide(Vector low, Vector high) {
  const Floats d;
  if constexpr (count == 0) {
    return low;
  } else {
#if HWY_TARGET <= HWY_AVX3
    return Vector{
        _mm512_castsi512_ps(_mm512_alignr_epi32(_mm512_castps_si512(high.raw), _mm512_castps_si512(low.raw), count))};
#elif HWY_TARGET <= HWY_AVX2
    const Vector middle = hn::ConcatLowerUpper(d, high, low);
    if constexpr (count < 4) return hn::CombineShiftRightBytes<4 * count>(d, middle, low);
    if constexpr (count == 4) return middle;
    if constexpr (count > 4) return hn::CombineShiftRightBytes<4 * (count - 4)>(d, high, middle);
#else
    return hn::CombineShiftRightBytes<4 * count>(d, high, low);
#endif
  }
}

/// Lane i·phases + p of them all, one after the other, becomes lane i of vector p.
template <int phases>
HWY_INLINE void take_phases_apart(Vector (&v)[phases]) {
  const Floats d;
  if constexpr (phases == 2) {
    const Vector even = hn::ConcatEven(d, v[1], v[0]);
    v[1] = hn::ConcatOdd(d, v[1], v[0]);
    v[0] = even;
  } else if constexpr (phases == 3) {
    alignas(64) float row[3 * lanes];
    for (int part = 0; part < 3; ++part) hn::Store(v[part], d, row + part * lanes);
    hn::LoadInterleaved3(d, row, v[0], v[1], v[2]);
  } else if constexpr (phases == 4) {
    const Vector even[] = {hn::ConcatEven(d, v[1], v[0]), hn::ConcatEven(d, v[3], v[2])};
    const Vector odd[] = {hn::ConcatOdd(d, v[1], v[0]), hn::ConcatOdd(d, v[3], v[2])};
    v[0] = hn::ConcatEven(d, even[1], even[0]);
    v[1] = hn::ConcatEven(d, odd[1], odd[0]);
    v[2] = hn::ConcatOdd(d, even[1], even[0]);
    v[3] = hn::ConcatOdd(d, odd[1], odd[0]);
  }
}

}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
