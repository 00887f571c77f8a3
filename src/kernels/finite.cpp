#include "kernels/finite.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/finite.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include <algorithm>

#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

bool all(const float* HWY_RESTRICT from, std::int64_t count) {
  const Floats d;
  constexpr int chains = 4;
  Vector sums[chains];  // of 0·x: NaN once x is not finite
  TCONV_UNROLL for (int c = 0; c < chains; ++c) sums[c] = hn::Zero(d);
  std::int64_t i = 0;
  for (; i + chains * lanes <= count; i += chains * lanes) {
    TCONV_UNROLL for (int c = 0; c < chains; ++c) {
      sums[c] = hn::MulAdd(hn::LoadU(d, from + i + c * lanes), hn::Zero(d), sums[c]);
    }
  }
  for (; i + lanes <= count; i += lanes) sums[0] = hn::MulAdd(hn::LoadU(d, from + i), hn::Zero(d), sums[0]);
  float rest = 0;
  for (; i < count; ++i) rest += 0 * from[i];
  const Vector sum = hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]));
  return hn::AllFalse(d, hn::IsNaN(sum)) && rest == 0;
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all);
}  // namespace

bool all_finite(const float* from, std::int64_t count) { return HWY_DYNAMIC_DISPATCH(all)(from, count); }
bool copy_finite(const float* from, std::int64_t count, float* to) {
  constexpr std::int64_t block = 4096;  // stays in the level 1 cache
  bool finite = true;
  for (std::int64_t first = 0; first < count; first += block) {
    const std::int64_t some = std::min(block, count - first);
    finite = all_finite(from + first, some) && finite;
    std::copy_n(from + first, some, to + first);
  }
  return finite;
}

}  // namespace tconv
#endif
