#include "kernels/pointwise_line.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pointwise_places.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include "kernels/interleave-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

using std::int64_t;

HWY_INLINE void fill(Vector bias, int64_t cells, float* to) {
  for (; cells >= lanes; cells -= lanes, to += lanes) hn::StoreU(bias, Floats(), to);
  if (cells > 0) store_some(bias, cells, to);
}

/// `count` < lanes; `other` in the lanes behind.
HWY_INLINE Vector load_some_or(Vector other, const float* from, int64_t count) {
  const auto wanted = hn::FirstN(Floats(), static_cast<std::size_t>(count));
  return hn::IfThenElse(wanted, load_some(from, count), other);
}

HWY_INLINE void store_at_most(Vector vector, int64_t cells, float* to) {
  if (cells >= lanes) {
    hn::StoreU(vector, Floats(), to);
  } else if (cells > 0) {
    store_some(vector, cells, to);
  }
}

/// `length` results from the first of `cells` cells on, which come `step` apart; bias elsewhere.
HWY_INLINE void spread(const Interleaver& interleave, const float* from, int64_t length, int64_t step, Vector bias,
                       int64_t cells, float* to) {
  const Floats d;
  if (step == 1) {
    for (; length >= lanes; length -= lanes, cells -= lanes, from += lanes, to += lanes) {
      hn::StoreU(hn::LoadU(d, from), d, to);
    }
    if (length > 0) {
      store_at_most(load_some_or(bias, from, length), cells, to);
      cells -= lanes;
      to += lanes;
    }
    fill(bias, cells, to);
  } else if (step == 2) {
    for (; length > 0; length -= lanes, cells -= 2 * lanes, from += lanes, to += 2 * lanes) {
      Vector even = length >= lanes ? hn::LoadU(d, from) : load_some_or(bias, from, length);
      Vector odd = bias;
      interleave(even, odd);
      store_at_most(even, cells, to);
      store_at_most(odd, cells - lanes, to + lanes);
    }
    fill(bias, cells, to);
  } else {
    fill(bias, cells, to);
    for (int64_t i = 0; i < length; ++i) to[i * step] = from[i];
  }
}

void write(const PointwiseResults& results) {
  const Interleaver interleave;
  for (const PointwiseLine::Place& place : *results.places) {
    const float* from = results.from + place.at;
    float* to = results.to + place.to;
    for (int out = 0; out < results.outputs; ++out, from += results.pitch, to += results.output_stride) {
      const Vector bias = hn::Set(Floats(), results.bias[out]);
      if (place.before > 0) fill(bias, place.before, to);
      spread(interleave, from, place.length, results.step, bias, place.cells - place.before, to + place.before);
    }
  }
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(write);
}

void write_places(const PointwiseResults& results) { HWY_DYNAMIC_DISPATCH(write)(results); }

}  // namespace tconv
#endif
