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

void write(const std::vector<PointwiseLine::Place>& places, int64_t step, float bias_of_channel, const float* results,
           float* output) {
  const Floats d;
  const Interleaver interleave;
  const Vector bias = hn::Set(d, bias_of_channel);
  for (const PointwiseLine::Place& place : places) {
    const float* from = results + place.at;
    float* to = output + place.to;
    fill(bias, place.before, to);
    to += place.before;
    int64_t left = place.cells - place.before;
    int64_t length = place.length;
    if (step == 1) {
      for (; length >= lanes; length -= lanes, from += lanes, to += lanes, left -= lanes) {
        hn::StoreU(hn::LoadU(d, from), d, to);
      }
      if (length > 0) store_some(load_some(from, length), length, to);
      fill(bias, left - length, to + length);
    } else if (step == 2) {
      // The last vectors' other lanes become bias, which is what comes behind the results.
      for (; length > 0; length -= lanes, from += lanes) {
        Vector even = length >= lanes ? hn::LoadU(d, from) : load_some(from, length);
        if (length < lanes) even = hn::IfThenElse(hn::FirstN(d, static_cast<std::size_t>(length)), even, bias);
        Vector odd = bias;
        interleave(even, odd);
        for (const Vector vector : {even, odd}) {
          if (left >= lanes) {
            hn::StoreU(vector, d, to);
          } else if (left > 0) {
            store_some(vector, left, to);
          }
          to += lanes;
          left -= lanes;
        }
      }
      if (left > 0) fill(bias, left, to);
    } else {
      fill(bias, left, to);
      for (int64_t i = 0; i < length; ++i) to[i * step] = from[i];
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

void write_places(const std::vector<PointwiseLine::Place>& places, std::int64_t step, float bias, const float* results,
                  float* to) {
  HWY_DYNAMIC_DISPATCH(write)(places, step, bias, results, to);
}

}  // namespace tconv
#endif
