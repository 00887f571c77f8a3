#include "kernels/pointwise_gradient_tile.h"

#include <hwy/cache_control.h>

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pointwise_gradient_tile.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

constexpr std::int64_t line = 16;     // floats
constexpr std::int64_t stretch = 64;  // cells between two looks ahead

template <int rows, int vectors>
HWY_NOINLINE void run_tile(const PointwiseOuterTile& tile) {
  const Floats d;
  const float* from[rows];
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    from[row] = tile.rows + std::min(row, tile.row_count - 1) * tile.row_stride;
  }
  const float* HWY_RESTRICT columns = tile.columns;
  Vector sums[rows][vectors];
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[row][v] = hn::Zero(d);
  }
  for (std::int64_t first = 0; first < tile.cells; first += stretch) {
    const std::int64_t last = std::min(tile.cells, first + stretch);
    for (std::int64_t cell = first; cell < last; cell += line) {
      TCONV_UNROLL for (int row = 0; row < rows; ++row) hwy::Prefetch(from[row] + cell + tile.ahead);
    }
    for (std::int64_t cell = first; cell < last; ++cell, columns += vectors * lanes) {
      Vector column[vectors];
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) column[v] = hn::Load(d, columns + v * lanes);
      TCONV_UNROLL for (int row = 0; row < rows; ++row) {
        const Vector value = hn::Set(d, from[row][cell]);
        TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[row][v] = hn::MulAdd(value, column[v], sums[row][v]);
      }
    }
  }
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    if (row >= tile.row_count) break;
    float* to = tile.sums + row * tile.sums_stride;
    TCONV_UNROLL for (int v = 0; v < vectors; ++v, to += lanes) {
      hn::StoreU(tile.add ? hn::Add(sums[row][v], hn::LoadU(d, to)) : sums[row][v], d, to);
    }
  }
}

void add_all(const float* from, std::int64_t stride, std::int64_t parts, std::int64_t count, float* to) {
  const hn::ScalableTag<double> d;
  const hn::Rebind<float, decltype(d)> floats;
  const auto step = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + step <= count; i += step) {
    auto sum = hn::PromoteTo(d, hn::LoadU(floats, from + i));
    for (std::int64_t part = 1; part < parts; ++part) {
      sum = hn::Add(sum, hn::PromoteTo(d, hn::LoadU(floats, from + part * stride + i)));
    }
    hn::StoreU(hn::DemoteTo(floats, sum), floats, to + i);
  }
  for (; i < count; ++i) {
    double sum = 0;
    for (std::int64_t part = 0; part < parts; ++part) sum += static_cast<double>(from[part * stride + i]);
    to[i] = static_cast<float>(sum);
  }
}

template <int rows, int vectors>
constexpr PointwiseOuterShape shape() {
  return {rows, vectors, &run_tile<rows, vectors>};
}

// As many sums as registers can hold beside the columns and one value of a row, and half as many for what is left.
#ifdef __SANITIZE_ADDRESS__
constexpr PointwiseOuterShape shapes[] = {shape<3, 1>(), shape<3, 2>()};
#elif HWY_TARGET <= HWY_AVX3
constexpr PointwiseOuterShape shapes[] = {shape<12, 1>(), shape<6, 1>(), shape<12, 2>(), shape<6, 2>(),
                                          shape<8, 3>(),  shape<4, 3>(), shape<6, 4>(),  shape<3, 4>()};
#else
constexpr PointwiseOuterShape shapes[] = {shape<8, 1>(), shape<4, 1>(), shape<6, 2>(),
                                          shape<3, 2>(), shape<4, 3>(), shape<2, 3>()};
#endif

std::span<const PointwiseOuterShape> all_shapes() { return shapes; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all_shapes);
HWY_EXPORT(add_all);
}  // namespace

std::span<const PointwiseOuterShape> pointwise_outer_shapes() { return HWY_DYNAMIC_DISPATCH(all_shapes)(); }

void add_parts(const float* from, std::int64_t stride, std::int64_t parts, std::int64_t count, float* to) {
  HWY_DYNAMIC_DISPATCH(add_all)(from, stride, parts, count, to);
}

}  // namespace tconv
#endif
