#include "kernels/shifted_sums.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/shifted_sums.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>

#include "core/integers.h"
#include "kernels/engine.h"
#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

template <int vectors, int columns>
HWY_NOINLINE void run_shifted(const ShiftedSums& call, int column_count) {
  const Floats d;
  const float* lines[columns];  // those beyond the count are computed from the last one, and dropped
  for (int c = 0; c < columns; ++c) lines[c] = call.lines + call.columns[std::min(c, column_count - 1)];
  Vector sums[columns][vectors];
  TCONV_UNROLL for (int c = 0; c < columns; ++c) {
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[c][v] = hn::Zero(d);
  }
  for (int i = 0; call.add && i < column_count * vectors; ++i) hwy::Prefetch(call.sums + i * lanes);
  const float* HWY_RESTRICT values = call.values;
  const std::int64_t* HWY_RESTRICT steps = call.steps;
  for (std::int64_t step = 0; step < call.step_count; ++step, values += vectors * lanes) {
    const std::int64_t at = steps[step];
    Vector value[vectors];
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) value[v] = hn::Load(d, values + v * lanes);
    TCONV_UNROLL for (int c = 0; c < columns; ++c) {
      const Vector number = hn::Set(d, lines[c][at]);
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[c][v] = hn::MulAdd(value[v], number, sums[c][v]);
    }
  }
  float* to = call.sums;
  TCONV_UNROLL for (int c = 0; c < columns; ++c) {
    if (c >= column_count) break;
    TCONV_UNROLL for (int v = 0; v < vectors; ++v, to += lanes) {
      hn::Store(call.add ? hn::Add(sums[c][v], hn::Load(d, to)) : sums[c][v], d, to);
    }
  }
}

template <int vectors, int columns>
constexpr ShiftedShape shape() {
  return {vectors, columns, &run_shifted<vectors, columns>};
}

// More columns than twelve, and there are no registers for where they lie.
#if HWY_TARGET <= HWY_AVX3
constexpr ShiftedShape shapes[] = {
    shape<4, 6>(),  shape<4, 5>(),  shape<4, 4>(),  shape<4, 3>(),  shape<3, 8>(), shape<3, 7>(), shape<3, 6>(),
    shape<3, 5>(),  shape<2, 12>(), shape<2, 11>(), shape<2, 10>(), shape<2, 9>(), shape<2, 8>(), shape<2, 7>(),
    shape<1, 12>(), shape<1, 11>(), shape<1, 10>(), shape<1, 9>(),  shape<1, 8>(),
};
#else
constexpr ShiftedShape shapes[] = {
    shape<2, 6>(), shape<2, 5>(), shape<2, 4>(), shape<2, 3>(), shape<1, 12>(), shape<1, 10>(), shape<1, 8>(),
};
#endif

std::span<const ShiftedShape> all_shapes() { return shapes; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all_shapes);
}

ShiftedShapes::ShiftedShapes(std::int64_t channels)
    : shapes_(HWY_DYNAMIC_DISPATCH(all_shapes)()),
      vectors_(ceil_div(channels, vector_lanes())),
      units_(ceil_div(vectors_, shapes_.front().vectors)) {}

int ShiftedShapes::most_columns(int vectors) const {
  return std::ranges::find(shapes_, vectors, &ShiftedShape::vectors)->columns;
}

void ShiftedShapes::run(std::int64_t unit, ShiftedSums call, std::int64_t count) const {
  const int vectors = this->vectors(unit);
  const auto widest = std::ranges::find(shapes_, vectors, &ShiftedShape::vectors);
  const std::int64_t calls = ceil_div(count, widest->columns);
  const std::int64_t* const columns = call.columns;
  float* const sums = call.sums;
  for (std::int64_t i = 0; i < calls; ++i) {
    const std::int64_t first = count * i / calls;
    const auto some = static_cast<int>(count * (i + 1) / calls - first);
    // The least that is not too small.
    auto fit = widest;
    while (fit + 1 != shapes_.end() && fit[1].vectors == vectors && fit[1].columns >= some) ++fit;
    call.columns = columns + first;
    call.sums = sums + first * vectors * vector_lanes();
    fit->run(call, some);
  }
}

double ShiftedShapes::cycles(std::int64_t count) const {
  double cycles = 0;
  for (std::int64_t unit = 0; unit < units_; ++unit) {
    const double vectors = this->vectors(unit);
    const auto columns = static_cast<double>(count);
    const auto calls = static_cast<double>(ceil_div(count, most_columns(this->vectors(unit))));
    cycles += 0.5 * std::max(vectors * columns, vectors * calls + columns);
  }
  return cycles;
}

}  // namespace tconv
#endif
