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

// Whole vectors of `step` times the cells are loaded, hence not those behind the last cell.

HWY_INLINE void copy_even(const float* HWY_RESTRICT from, std::int64_t count, float* HWY_RESTRICT to) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  if (count <= lanes) {
    for (std::int64_t i = 0; i < count; ++i) to[i] = from[i * 2];
    return;
  }
  const std::int64_t last = count - lanes;
  for (std::int64_t i = 0; i < last; i += lanes) {
    const auto first = hn::LoadU(d, from + i * 2);
    const auto second = hn::LoadU(d, from + i * 2 + lanes);
    hn::StoreU(hn::ConcatEven(d, second, first), d, to + i);
  }
  // The last vector ends where the cells do, and its loads with the last of them.
  const auto first = hn::LoadU(d, from + last * 2 - 1);
  const auto second = hn::LoadU(d, from + last * 2 - 1 + lanes);
  hn::StoreU(hn::ConcatOdd(d, second, first), d, to + last);
}

void copy(const float* HWY_RESTRICT from, std::int64_t step, std::int64_t count, float* HWY_RESTRICT to) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  if (step == 2) {
    copy_even(from, count, to);
    return;
  }
  if (step == 3) {
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

// Of any length, without a loop for what is left over: the last vector begins where it ends in time.

HWY_INLINE void copy_run(const float* from, std::int64_t count, float* to) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  if (count >= lanes) {
    for (std::int64_t i = 0; i + lanes < count; i += lanes) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
    hn::StoreU(hn::LoadU(d, from + count - lanes), d, to + count - lanes);
  } else {
#if HWY_TARGET <= HWY_AVX2  // leaves the other lanes' memory alone
    const auto wanted = hn::FirstN(d, static_cast<std::size_t>(count));
    hn::BlendedStore(hn::MaskedLoad(wanted, d, from), wanted, d, to);
#else
    for (std::int64_t i = 0; i < count; ++i) to[i] = from[i];
#endif
  }
}

void stream(const float* HWY_RESTRICT from, std::int64_t count, float* HWY_RESTRICT to) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  constexpr std::int64_t line = 16;
  const auto within = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(to) / sizeof(float)) % line;
  const std::int64_t begin = std::min(count, (line - within) % line);
  const std::int64_t end = begin + (count - begin) / line * line;
  if (begin > 0) copy_run(from, begin, to);
  for (std::int64_t i = begin; i < end; i += lanes) hn::Stream(hn::LoadU(d, from + i), d, to + i);
  if (end < count) copy_run(from + end, count - end, to + end);
}

HWY_INLINE void fill_zeros(std::int64_t count, float* to) {
  const hn::ScalableTag<float> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  if (count >= lanes) {
    for (std::int64_t i = 0; i + lanes < count; i += lanes) hn::StoreU(hn::Zero(d), d, to + i);
    hn::StoreU(hn::Zero(d), d, to + count - lanes);
  } else {
#if HWY_TARGET <= HWY_AVX2
    hn::BlendedStore(hn::Zero(d), hn::FirstN(d, static_cast<std::size_t>(count)), d, to);
#else
    for (std::int64_t i = 0; i < count; ++i) to[i] = 0;
#endif
  }
}

void pieces_of(const std::vector<FlatMap::Piece>& pieces, const float* from, std::int64_t step, float* to) {
  for (const FlatMap::Piece& piece : pieces) {
    if (piece.from < 0) {
      fill_zeros(piece.length, to + piece.to);
    } else if (step == 1) {
      copy_run(from + piece.from, piece.length, to + piece.to);
    } else if (step == 2) {
      copy_even(from + piece.from, piece.length, to + piece.to);
    } else {
      copy(from + piece.from, step, piece.length, to + piece.to);
    }
  }
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
HWY_EXPORT(pieces_of);
HWY_EXPORT(stream);
}  // namespace

void copy_strided(const float* from, std::int64_t step, std::int64_t count, float* to) {
  if (step == 1) {
    std::copy_n(from, count, to);
  } else {
    HWY_DYNAMIC_DISPATCH(copy)(from, step, count, to);
  }
}

void copy_pieces(const std::vector<FlatMap::Piece>& pieces, const float* from, std::int64_t step, float* to) {
  HWY_DYNAMIC_DISPATCH(pieces_of)(pieces, from, step, to);
}

void copy_past_the_caches(const float* from, std::int64_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(stream)(from, count, to);
}

void copy_pairs(const float* from, std::int64_t count, float* to_even, float* to_odd) {
  HWY_DYNAMIC_DISPATCH(pairs)(from, count, to_even, to_odd);
}

}  // namespace tconv
#endif
