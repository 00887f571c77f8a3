// Vectors of the phases of a row, written as the row. Included once per instruction set.

#if defined(TCONV_KERNELS_INTERLEAVE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TCONV_KERNELS_INTERLEAVE_INL_H_
#undef TCONV_KERNELS_INTERLEAVE_INL_H_
#else
#define TCONV_KERNELS_INTERLEAVE_INL_H_
#endif

#include <hwy/highway.h>

#include <cstdint>

#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {

/// Two vectors a, b become a0 b0 a1 b1 … in two vectors.
class Interleaver {
 public:
  Interleaver() {
    alignas(64) std::int32_t order[lanes];
    for (int lane = 0; lane < lanes; ++lane) {
      const int block = lane / 4;
      const int within = lane % 4;
      order[lane] = (within < 2 ? 0 : lanes / 2 - 2) + 2 * block + within;
    }
    order_ = hn::SetTableIndices(Floats(), order);
  }
  /// `first` and `second` become the lower and the upper half of the row. Two shuffles for each, of which the lower and
  /// upper interleaving that instruction sets have needs the lanes of its blocks of four side by side.
  HWY_INLINE void operator()(Vector& first, Vector& second) const {
    const Vector a = hn::TableLookupLanes(first, order_);
    const Vector b = hn::TableLookupLanes(second, order_);
    first = hn::InterleaveLower(Floats(), a, b);
    second = hn::InterleaveUpper(Floats(), a, b);
  }

 private:
  decltype(hn::SetTableIndices(Floats(), static_cast<const std::int32_t*>(nullptr))) order_;
};

HWY_INLINE void store(Vector vector, float* to, bool past_the_caches) {
  if (past_the_caches) {
    hn::Stream(vector, Floats(), to);
  } else {
    hn::StoreU(vector, Floats(), to);
  }
}

/// Lane i of vector p becomes lane i·phases + p of them all, one after the other.
template <int phases>
HWY_INLINE void interleave_phases(const Interleaver& interleave, Vector (&v)[phases]) {
  if constexpr (phases == 2) {
    interleave(v[0], v[1]);
  } else if constexpr (phases == 4) {  // a c, b d → a b c d
    interleave(v[0], v[2]);
    interleave(v[1], v[3]);
    interleave(v[0], v[1]);
    interleave(v[2], v[3]);
  } else if constexpr (phases == 3) {
    alignas(64) float row[3 * lanes];
    hn::StoreInterleaved3(v[0], v[1], v[2], Floats(), row);
    for (int part = 0; part < 3; ++part) v[part] = hn::Load(Floats(), row + part * lanes);
  }
}

}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
