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

/// Puts a row of g where its cells belong; the others of the split row stay as they are, 0.
void split_row(const PlaneShape& shape, const float* HWY_RESTRICT from, float* HWY_RESTRICT to) {
  const Floats d;
  const std::int64_t stride = shape.stride_x;
  const std::int64_t count = std::min(shape.output_x, shape.width * stride - shape.padding_x);
  std::int64_t x = 0;
  if (stride == 1) {
    float* const line = to + shape.place(0);
    for (; x + lanes <= count; x += lanes) hn::StoreU(hn::LoadU(d, from + x), d, line + x);
    if (x < count) store_lanes(load_some(from + x, count - x), line + x, 0, static_cast<int>(count - x));
    return;
  }
  if (stride == 2) {
    float* const even = to + shape.place(0);
    float* const odd = to + shape.place(1);
    for (; x + 2 * lanes <= count; x += 2 * lanes) {
      const Vector first = hn::LoadU(d, from + x);
      const Vector second = hn::LoadU(d, from + x + lanes);
      hn::StoreU(hn::ConcatEven(d, second, first), d, even + x / 2);
      hn::StoreU(hn::ConcatOdd(d, second, first), d, odd + x / 2);
    }
    const std::int64_t left = count - x;
    if (left > 1) {
      const Vector first = load_some(from + x, std::min<std::int64_t>(left, lanes));
      const Vector second = left > lanes ? load_some(from + x + lanes, left - lanes) : hn::Zero(d);
      store_lanes(hn::ConcatEven(d, second, first), even + x / 2, 0, static_cast<int>((left + 1) / 2));
      store_lanes(hn::ConcatOdd(d, second, first), odd + x / 2, 0, static_cast<int>(left / 2));
    } else if (left == 1) {
      even[x / 2] = from[x];
    }
    return;
  }
  for (std::int64_t phase = 0; phase < std::min(stride, count); ++phase) {
    float* const line = to + shape.place(phase);
    for (std::int64_t q = 0; q * stride + phase < count; ++q) line[q] = from[q * stride + phase];
  }
}

/// The row of g that is a padded one, null outside.
const float* row_of(const PlaneShape& shape, const float* g, std::int64_t padded) {
  const std::int64_t row = padded - shape.padding_y;
  return row >= 0 && row < shape.output_y ? g + row * shape.output_x : nullptr;
}

/// What a row of dx is computed from.
struct PlaneReads {
  const float* rows[most_plane_kernel];    ///< split ones, by the tap along y
  std::int64_t places[most_plane_kernel];  ///< from a position in such a row, by the tap along x
};

template <int vectors>
HWY_INLINE void convolve_cells(const PlaneShape& shape, const PlaneReads& reads, std::int64_t first,
                               const float* HWY_RESTRICT weight, float* HWY_RESTRICT dx) {
  const Floats d;
  // Twice as many sums as results: each waits for the one before.
  Vector sums[vectors];
  Vector others[vectors];
  TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[v] = others[v] = hn::Zero(d);
  const auto add = [&](Vector(&to)[vectors], float w, const float* HWY_RESTRICT from) {
    const Vector factor = hn::Set(d, w);
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) to[v] = hn::MulAdd(factor, hn::LoadU(d, from + v * lanes), to[v]);
  };
  const std::int64_t taps = shape.kernel_x;
  std::int64_t y = 0;
  for (; y + 1 < shape.kernel_y; y += 2, weight += 2 * taps) {
    for (std::int64_t x = 0; x < taps; ++x) {
      add(sums, weight[x], reads.rows[y] + reads.places[x] + first);
      add(others, weight[taps + x], reads.rows[y + 1] + reads.places[x] + first);
    }
  }
  for (std::int64_t x = 0; y < shape.kernel_y && x < taps; ++x) {
    add(sums, weight[x], reads.rows[y] + reads.places[x] + first);
  }
  const std::int64_t cells = shape.input_x - first;
  TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
    const std::int64_t left = cells - v * lanes;
    if (left <= 0) break;
    store_lanes(hn::Add(sums[v], others[v]), dx + first + v * lanes, 0,
                static_cast<int>(std::min<std::int64_t>(left, lanes)));
  }
}

/// Few split rows at a time, in the level 1 cache. Each is made one row of dx before it is read, lest vectors straddle
/// others that are still under way.
void convolve(const PlaneShape& shape, const float* g, const float* weight, float* split, float* dx) {
  const std::int64_t row_floats = shape.row();
  const std::int64_t kept = shape.kept_rows();
  const float* const zeros = split + kept * row_floats;
  PlaneReads reads{};
  for (std::int64_t x = 0; x < shape.kernel_x; ++x) {
    reads.places[x] = x % shape.stride_x * shape.width + x / shape.stride_x;
  }
  std::int64_t slot = 0;                      // of the first row that the row of dx reads
  const auto place = [&](std::int64_t row) {  // from there on
    const std::int64_t at = slot + row;
    return split + (at < kept ? at : at - kept) * row_floats;
  };
  std::int64_t next = 0;
  for (std::int64_t y = 0; y < shape.input_y; ++y, dx += shape.input_x) {
    const std::int64_t first = y * shape.stride_y;
    for (next = std::max(next, first); next < std::min(shape.rows(), first + kept); ++next) {
      if (const float* const from = row_of(shape, g, next)) split_row(shape, from, place(next - first));
    }
    for (std::int64_t tap = 0; tap < shape.kernel_y; ++tap) {
      reads.rows[tap] = row_of(shape, g, first + tap) == nullptr ? zeros : place(tap);
    }
    for (std::int64_t x = 0; x < shape.input_x;) {
      if (shape.input_x - x > 2 * lanes) {
        convolve_cells<4>(shape, reads, x, weight, dx);
        x += 4 * lanes;
      } else {
        convolve_cells<2>(shape, reads, x, weight, dx);
        x += 2 * lanes;
      }
    }
    slot += shape.stride_y;
    if (slot >= kept) slot -= kept;
  }
}

/// Some rows of taps, more sums than one row has, since each waits for the one before; of `cells_y` rows of x.
template <int taps, int rows>
void correlate_rows(const PlaneShape& shape, const float* split, const float* x, std::int64_t cells_y, double* sums) {
  const Floats d;
  std::int64_t places[rows][taps];
  for (int row = 0; row < rows; ++row) {
    for (int tap = 0; tap < taps; ++tap) {
      places[row][tap] = (row * shape.stride_x + tap % shape.stride_x) * shape.width + tap / shape.stride_x;
    }
  }
  const std::int64_t whole = shape.input_x / lanes * lanes;
  const std::int64_t row_step = shape.stride_y * shape.row();
  Vector found[rows][taps];
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    TCONV_UNROLL for (int tap = 0; tap < taps; ++tap) found[row][tap] = hn::Zero(d);
  }
  for (std::int64_t y = 0; y < cells_y; ++y, split += row_step, x += shape.input_x) {
    const auto add = [&](Vector cells, std::int64_t i) {
      TCONV_UNROLL for (int row = 0; row < rows; ++row) {
        TCONV_UNROLL for (int tap = 0; tap < taps; ++tap) {
          found[row][tap] = hn::MulAdd(cells, hn::LoadU(d, split + places[row][tap] + i), found[row][tap]);
        }
      }
    };
    for (std::int64_t i = 0; i < whole; i += lanes) add(hn::LoadU(d, x + i), i);
    if (whole < shape.input_x) add(load_some(x + whole, shape.input_x - whole), whole);
  }
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    TCONV_UNROLL for (int tap = 0; tap < taps; ++tap) {
      sums[row * taps + tap] += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, found[row][tap])));
    }
  }
}

/// Some rows of x at a time, whose split rows of g stay in the level 1 cache.
template <int taps>
void correlate_taps(const PlaneShape& shape, const float* g, const float* x, float* split, double* sums) {
  constexpr int together = std::clamp(12 / taps, 1, 3);
  const std::int64_t row_floats = shape.row();
  const std::int64_t most_rows = shape.block_rows(lanes);
  for (std::int64_t y = 0; y < shape.input_y; y += most_rows, x += most_rows * shape.input_x) {
    const std::int64_t cells_y = std::min(most_rows, shape.input_y - y);
    const std::int64_t split_rows = (cells_y - 1) * shape.stride_y + shape.kernel_y;
    for (std::int64_t row = 0; row < split_rows; ++row) {
      if (const float* const from = row_of(shape, g, y * shape.stride_y + row)) {
        split_row(shape, from, split + row * row_floats);
      } else {
        std::fill_n(split + row * row_floats, row_floats, 0.0F);
      }
    }
    std::int64_t tap = 0;
    for (; tap + together <= shape.kernel_y; tap += together) {
      correlate_rows<taps, together>(shape, split + tap * row_floats, x, cells_y, sums + tap * taps);
    }
    for (; tap < shape.kernel_y; ++tap) {
      correlate_rows<taps, 1>(shape, split + tap * row_floats, x, cells_y, sums + tap * taps);
    }
  }
}

using Correlate = void (*)(const PlaneShape&, const float*, const float*, float*, double*);

template <int... taps>
constexpr Correlate correlation_of(std::int64_t wanted, std::integer_sequence<int, taps...>) {
  constexpr Correlate all[] = {&correlate_taps<taps + 1>...};
  return all[wanted - 1];
}

void correlate(const PlaneShape& shape, const float* g, const float* x, float* split, double* sums) {
  correlation_of(shape.kernel_x, std::make_integer_sequence<int, most_plane_kernel>())(shape, g, x, split, sums);
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
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
      padding_x(plan.x().padding),
      width((input_x + kernel_x / stride_x + 31) / 16 * 16),
      first_phase(padding_x % stride_x),
      first_position(padding_x / stride_x) {}

void convolve_plane(const PlaneShape& shape, const float* g, const float* weight, float* split_rows, float* dx) {
  HWY_DYNAMIC_DISPATCH(convolve)(shape, g, weight, split_rows, dx);
}
void correlate_plane(const PlaneShape& shape, const float* g, const float* x, float* split_rows, double* sums) {
  HWY_DYNAMIC_DISPATCH(correlate)(shape, g, x, split_rows, sums);
}

}  // namespace tconv
#endif
