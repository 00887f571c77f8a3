#include "kernels/plane_steps.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/plane_steps.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "kernels/direct_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

void copy_row(const float* HWY_RESTRICT from, std::int64_t count, float* HWY_RESTRICT to) {
  const Floats d;
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
  if (i < count) hn::StoreU(load_some(from + i, count - i), d, to + i);
}

/// `line` holds a padded row.
void split_line(const float* HWY_RESTRICT line, std::int64_t stride, std::int64_t width, float* HWY_RESTRICT to) {
  const Floats d;
  if (stride == 1) return copy_row(line, width, to);
  if (stride == 2) {
    std::int64_t q = 0;
    for (; q + lanes <= width; q += lanes) {
      const Vector first = hn::LoadU(d, line + 2 * q);
      const Vector second = hn::LoadU(d, line + 2 * q + lanes);
      hn::StoreU(hn::ConcatEven(d, second, first), d, to + q);
      hn::StoreU(hn::ConcatOdd(d, second, first), d, to + width + q);
    }
    for (; q < width; ++q) {
      to[q] = line[2 * q];
      to[width + q] = line[2 * q + 1];
    }
    return;
  }
  for (std::int64_t phase = 0; phase < stride; ++phase) {
    for (std::int64_t q = 0; q < width; ++q) to[phase * width + q] = line[q * stride + phase];
  }
}

void split(const PlaneShape& shape, const float* g, float* split) {
  const std::int64_t width = shape.width();
  const std::int64_t row_floats = width * shape.stride_x;
  // Two lines: a row is read one row later than it is written, lest its vectors straddle ones still under way.
  float* const lines[2] = {split + shape.rows() * row_floats, split + shape.rows() * row_floats + shape.line()};
  std::fill_n(lines[0], 2 * shape.line(), 0.0F);
  const std::int64_t begin = shape.padding_x;
  const std::int64_t count = std::max<std::int64_t>(0, std::min(shape.output_x, shape.line() - lanes - begin));
  const auto inside = [&](std::int64_t row) {
    return row >= 0 && row < shape.rows() && row >= shape.padding_y && row - shape.padding_y < shape.output_y;
  };
  for (std::int64_t row = 0; row <= shape.rows(); ++row) {
    if (inside(row)) {
      float* const line = lines[row % 2];
      copy_row(g + (row - shape.padding_y) * shape.output_x, count, line + begin);
    }
    if (row == 0) continue;
    float* const to = split + (row - 1) * row_floats;
    if (inside(row - 1)) {
      split_line(lines[(row - 1) % 2], shape.stride_x, width, to);
    } else {
      std::fill_n(to, row_floats, 0.0F);
    }
  }
}

template <int vectors>
void convolve_cells(const PlaneShape& shape, const float* HWY_RESTRICT at, const float* HWY_RESTRICT weight,
                    std::int64_t cells, float* HWY_RESTRICT dx) {
  const Floats d;
  const std::int64_t width = shape.width();
  Vector sums[vectors];
  TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[v] = hn::Zero(d);
  for (std::int64_t y = 0; y < shape.kernel_y; ++y, at += shape.stride_x * width) {
    std::int64_t phase = 0;
    std::int64_t quotient = 0;
    for (std::int64_t x = 0; x < shape.kernel_x; ++x) {
      const Vector w = hn::Set(d, *weight++);
      const float* const from = at + phase * width + quotient;
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
        sums[v] = hn::MulAdd(w, hn::LoadU(d, from + v * lanes), sums[v]);
      }
      if (++phase == shape.stride_x) {
        phase = 0;
        ++quotient;
      }
    }
  }
  TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
    const std::int64_t left = cells - v * lanes;
    if (left > 0) store_lanes(sums[v], dx + v * lanes, 0, static_cast<int>(std::min<std::int64_t>(left, lanes)));
  }
}

void convolve(const PlaneShape& shape, const float* split, const float* weight, float* dx) {
  const std::int64_t row_step = shape.stride_y * shape.stride_x * shape.width();
  for (std::int64_t y = 0; y < shape.input_y; ++y, split += row_step, dx += shape.input_x) {
    for (std::int64_t x = 0; x < shape.input_x;) {
      const std::int64_t left = shape.input_x - x;
      if (left > 2 * lanes) {
        convolve_cells<4>(shape, split + x, weight, left, dx + x);
        x += 4 * lanes;
      } else {
        convolve_cells<2>(shape, split + x, weight, left, dx + x);
        x += 2 * lanes;
      }
    }
  }
}

/// One row of taps.
template <int taps>
void correlate_row(const PlaneShape& shape, const float* split, const float* x, std::int64_t tap_y, double* sums) {
  constexpr std::int64_t longest = 256;  // additions in a lane
  const Floats d;
  const std::int64_t width = shape.width();
  std::int64_t places[taps];
  for (int tap = 0; tap < taps; ++tap) places[tap] = tap % shape.stride_x * width + tap / shape.stride_x;
  const std::int64_t whole = shape.input_x / lanes * lanes;
  const std::int64_t rows_together = std::max<std::int64_t>(1, longest * lanes / shape.input_x);
  for (std::int64_t first = 0; first < shape.input_y; first += rows_together) {
    Vector row_sums[taps];
    TCONV_UNROLL for (int tap = 0; tap < taps; ++tap) row_sums[tap] = hn::Zero(d);
    const std::int64_t last = std::min(shape.input_y, first + rows_together);
    for (std::int64_t y = first; y < last; ++y) {
      const float* HWY_RESTRICT g = split + (y * shape.stride_y + tap_y) * shape.stride_x * width;
      const float* HWY_RESTRICT from = x + y * shape.input_x;
      const auto add = [&](Vector cells, std::int64_t i) {
        TCONV_UNROLL for (int tap = 0; tap < taps; ++tap) {
          row_sums[tap] = hn::MulAdd(cells, hn::LoadU(d, g + places[tap] + i), row_sums[tap]);
        }
      };
      for (std::int64_t i = 0; i < whole; i += lanes) add(hn::LoadU(d, from + i), i);
      if (whole < shape.input_x) add(load_some(from + whole, shape.input_x - whole), whole);
    }
    TCONV_UNROLL for (int tap = 0; tap < taps; ++tap) {
      sums[tap] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, row_sums[tap])));
    }
  }
}

using CorrelateRow = void (*)(const PlaneShape&, const float*, const float*, std::int64_t, double*);

template <int... taps>
constexpr CorrelateRow row_of(std::int64_t wanted, std::integer_sequence<int, taps...>) {
  constexpr CorrelateRow all[] = {&correlate_row<taps + 1>...};
  return all[wanted - 1];
}

void correlate(const PlaneShape& shape, const float* split, const float* x, double* sums) {
  const CorrelateRow row = row_of(shape.kernel_x, std::make_integer_sequence<int, most_plane_kernel>());
  for (std::int64_t tap = 0; tap < shape.kernel_y; ++tap) row(shape, split, x, tap, sums + tap * shape.kernel_x);
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(split);
HWY_EXPORT(convolve);
HWY_EXPORT(correlate);
}  // namespace

PlaneShape::PlaneShape(const LayerPlan& plan)
    : input_y(plan.y().input),
      input_x(plan.x().input),
      output_y(plan.y().output),
      output_x(plan.x().output),
      kernel_y(plan.y().kernel),
      kernel_x(plan.x().kernel),
      stride_y(plan.y().stride),
      stride_x(plan.x().stride),
      padding_y(plan.y().padding),
      padding_x(plan.x().padding) {}

void split_plane(const PlaneShape& shape, const float* g, float* split_g) {
  HWY_DYNAMIC_DISPATCH(split)(shape, g, split_g);
}
void convolve_plane(const PlaneShape& shape, const float* split_g, const float* weight, float* dx) {
  HWY_DYNAMIC_DISPATCH(convolve)(shape, split_g, weight, dx);
}
void correlate_plane(const PlaneShape& shape, const float* split_g, const float* x, double* sums) {
  HWY_DYNAMIC_DISPATCH(correlate)(shape, split_g, x, sums);
}

}  // namespace tconv
#endif
