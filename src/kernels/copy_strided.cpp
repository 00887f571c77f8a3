#include "kernels/copy_strided.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/copy_strided.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include <algorithm>

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void copy(const float* HWY_RESTRICT from, std::int64_t step, std::int64_t count, float* HWY_RESTRICT to) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  // Whole vectors of `step` times the cells are loaded, hence not those behind the last cell.
  if (step == 2) {
    for (; i + lanes < count; i += lanes) {
      const auto first = hn::LoadU(d, from + i * 2);
      const auto second = hn::LoadU(d, from + i * 2 + lanes);
      hn::StoreU(hn::ConcatEven(d, second, first), d, to + i);
    }
  } else if (step == 3) {
    for (; i + lanes < count; i += lanes) {
      hn::Vec<decltype(d)> wanted, second, third;
      hn::LoadInterleaved3(d, from + i * 3, wanted, second, third);
      hn::StoreU(wanted, d, to + i);
    }
  } else if (step == 4) {
    for (; i + lanes < count; i += lanes) {
      hn::Vec<decltype(d)> wanted, second, third, fourth;
      hn::LoadInterleaved4(d, from + i * 4, wanted, second, third, fourth);
      hn::StoreU(wanted, d, to + i);
    }
  }
  for (; i < count; ++i) to[i] = from[i * step];
}

void pairs(const float* HWY_RESTRICT from, std::int64_t count, float* HWY_RESTRICT to_even,
           float* HWY_RESTRICT to_odd) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto first = hn::LoadU(d, from + i * 2);
    const auto second = hn::LoadU(d, from + i * 2 + lanes);
    hn::StoreU(hn::ConcatEven(d, second, first), d, to_even + i);
    hn::StoreU(hn::ConcatOdd(d, second, first), d, to_odd + i);
  }
  for (; i < count; ++i) {
    to_even[i] = from[i * 2];
    to_odd[i] = from[i * 2 + 1];
  }
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(copy);
HWY_EXPORT(pairs);
}  // namespace

void copy_strided(const float* from, std::int64_t step, std::int64_t count, float* to) {
  if (step == 1) {
    std::copy_n(from, count, to);
  } else {
    HWY_DYNAMIC_DISPATCH(copy)(from, step, count, to);
  }
}

void copy_pairs(const float* from, std::int64_t count, float* to_even, float* to_odd) {
  HWY_DYNAMIC_DISPATCH(pairs)(from, count, to_even, to_odd);
}

}  // namespace tconv
#endif
