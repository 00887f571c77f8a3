// What everything that works on vectors of floats calls them. Included once per instruction set.

#if defined(TCONV_KERNELS_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TCONV_KERNELS_VECTORS_INL_H_
#undef TCONV_KERNELS_VECTORS_INL_H_
#else
#define TCONV_KERNELS_VECTORS_INL_H_
#endif

#include <hwy/highway.h>

/// Before a loop whose count the compiler knows. Without it arrays of vectors are kept in memory: the compiler takes
/// them apart only once loops are gone. The sanitizers' checks in each of the copies would take minutes to compile.
#ifndef TCONV_UNROLL
#ifdef __SANITIZE_ADDRESS__
#define TCONV_UNROLL
#else
#define TCONV_UNROLL _Pragma("GCC unroll 64")
#endif
#endif

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Floats = hn::ScalableTag<float>;
using Vector = hn::Vec<Floats>;
inline constexpr int lanes = static_cast<int>(hn::MaxLanes(Floats()));

/// The first `count` floats at `from`, then 0; nothing behind them is read.
HWY_INLINE Vector load_some(const float* from, std::int64_t count) {
  const Floats d;
#if HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(d, static_cast<std::size_t>(count)), d, from);
#else
  alignas(64) float some[lanes] = {};
  for (std::int64_t i = 0; i < count; ++i) some[i] = from[i];
  return hn::Load(d, some);
#endif
}

/// Puts the first `count` lanes to `to`; nothing behind them is written.
HWY_INLINE void store_some(Vector vector, std::int64_t count, float* to) {
#if HWY_TARGET <= HWY_AVX2  // has stores that leave the other lanes' memory alone
  const Floats d;
  hn::BlendedStore(vector, hn::FirstN(d, static_cast<std::size_t>(count)), d, to);
#else
  alignas(64) float lane[lanes];
  hn::Store(vector, Floats(), lane);
  for (std::int64_t i = 0; i < count && i < lanes; ++i) to[i] = lane[i];
#endif
}

/// Has the compiler compute or load a vector here, once. In long unrolled code it would put sums off until they are
/// needed, load inputs again for each use, and run out of registers for what the sums take.
HWY_INLINE void settle([[maybe_unused]] Vector& vector) {
#if HWY_ARCH_X86
  asm("" : "+v"(vector.raw));
#endif
}

}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
