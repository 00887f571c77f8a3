// Sums with factors that the compiler knows. Included once per instruction set.

#if defined(TCONV_KERNELS_TOOM_COOK_WEIGHTED_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TCONV_KERNELS_TOOM_COOK_WEIGHTED_INL_H_
#undef TCONV_KERNELS_TOOM_COOK_WEIGHTED_INL_H_
#else
#define TCONV_KERNELS_TOOM_COOK_WEIGHTED_INL_H_
#endif

#include <hwy/highway.h>

#include <array>
#include <cstddef>

#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {

/// Σ factors[i]·in[i], without those that are 0; 0 without any.
template <std::size_t size>
HWY_INLINE Vector weighted(const std::array<double, size>& factors, const Vector (&in)[size]) {
  const Floats d;
  Vector sum = hn::Zero(d);
  bool first = true;
  TCONV_UNROLL for (std::size_t i = 0; i < size; ++i) {
    if (factors[i] == 0) continue;
    const auto factor = static_cast<float>(factors[i]);
    if (first) {
      sum = factors[i] == 1 ? in[i] : hn::Mul(hn::Set(d, factor), in[i]);
    } else if (factors[i] == 1) {
      sum = hn::Add(sum, in[i]);
    } else if (factors[i] == -1) {
      sum = hn::Sub(sum, in[i]);
    } else {
      sum = hn::MulAdd(hn::Set(d, factor), in[i], sum);
    }
    first = false;
  }
  return sum;
}

}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
