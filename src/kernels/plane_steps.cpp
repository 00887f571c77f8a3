#include "kernels/plane_steps.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/plane_steps.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "kernels/lane_range-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

constexpr std::int64_t rows_ahead = 12;  // of g, which would come too late if they were only asked for when read

constexpr int quotient_up(int a, int b) { return (a + b - 1) / b; }

/// Some vectors of neighbouring positions in the rows of g: the position p of phase φ is the column p·S + φ − P, which
/// the tap q·S + φ multiplies with the cell p − q.
template <int stride, int taps, int vectors>
class Positions {
 public:
  /// From the position `first` on.
  HWY_INLINE Positions(const PlaneShape& shape, const float* g, std::int64_t first)
      : shape_(shape), column_(first * stride - shape.padding_x), g_(g + column_) {
    for (int i = 0; i < all * stride; ++i) {
      parts_[i] = LaneRange(-column_ - i * lanes, shape.output_x - column_ - i * lanes);
    }
  }

  /// use(tap along x, what it meets in the row) for every tap.
  template <typename Use>
  HWY_INLINE void for_each_tap(std::int64_t row, const Use& use) const {
    const float* const from = g_ + row * shape_.output_x;
    Vector phases[all][stride];
    TCONV_UNROLL for (int v = 0; v < all; ++v) {
      TCONV_UNROLL for (int part = 0; part < stride; ++part) {
        const int i = v * stride + part;
        const bool read = i * lanes < vectors * stride * lanes + taps - stride;
        phases[v][part] = read ? parts_[i].load(from + i * lanes) : hn::Zero(Floats());
      }
      take_phases_apart<stride>(phases[v]);
    }
    for_each<taps>([&](auto tap) TCONV_INLINE {
      if (tap >= shape_.kernel_x) return;
      Vector met[vectors];
      for_each<vectors>([&](auto v) TCONV_INLINE {
        constexpr int moved = tap / stride;
        constexpr int at = v + moved / lanes;
        met[v] = slide<moved % lanes>(phases[at][tap % stride], phases[std::min(at + 1, all - 1)][tap % stride]);
      });
      use(tap, met);
    });
  }

  /// Brings the lines of a later row nearer.
  HWY_INLINE void fetch(std::int64_t row) const {
    constexpr int line = 16;
    const float* const from = g_ + (row + rows_ahead) * shape_.output_x;
    TCONV_UNROLL for (int i = 0; i < vectors * stride * lanes; i += line) hwy::Prefetch(from + i);
  }

 private:
  static constexpr int behind = quotient_up((taps - 1) / stride, lanes);
  static constexpr int all = vectors + behind;

  const PlaneShape& shape_;
  const std::int64_t column_;
  const float* const g_;
  LaneRange parts_[all * stride];
};

/// A walk down the rows of g, `stride` of them a step. The row i of dx or x meets those of step i + age with its taps
/// k of ⌊k/S⌋ = age along y: [row(step, k mod S)].
template <int stride, int taps>
struct Walk {
  static constexpr int ages = quotient_up(taps, stride);
  static HWY_INLINE std::int64_t steps(const PlaneShape& shape) { return shape.input_y + ages - 1; }
  static HWY_INLINE std::int64_t row(const PlaneShape& shape, std::int64_t step, int phase) {
    return step * stride + phase - shape.padding_y;
  }
  static HWY_INLINE bool has(const PlaneShape& shape, std::int64_t row) { return row >= 0 && row < shape.output_y; }

  /// use(age, phase along y, tap along x, what it meets) for every tap in the rows of a step.
  template <int vectors, typename Use>
  static HWY_INLINE void for_each_tap(const PlaneShape& shape, const Positions<stride, taps, vectors>& positions,
                                      std::int64_t step, const Use& use) {
    for_each<stride>([&](auto phase) TCONV_INLINE {
      const std::int64_t at = row(shape, step, phase);
      if (!has(shape, at)) return;
      positions.fetch(at);
      positions.for_each_tap(at, [&](auto tap, const Vector(&met)[vectors]) TCONV_INLINE {
        for_each<ages>([&](auto age) TCONV_INLINE { use(age, phase, tap, met); });
      });
    });
  }
};

/// Some neighbouring cells of every row of dx. A row of g is read once: it has part in as many rows as there are ages.
template <int stride, int taps, int vectors>
HWY_NOINLINE void convolve_columns(const PlaneShape& shape, const float* g, const float* weight, std::int64_t first,
                                   float* dx) {
  const Floats d;
  using Steps = Walk<stride, taps>;
  constexpr int ages = Steps::ages;
  const Positions<stride, taps, vectors> positions(shape, g, first);
  const std::int64_t cells = shape.input_x - first;
  const LaneRange last(0, cells % lanes);
  dx += first;
  Vector sums[ages][vectors];
  for_each<ages>([&](auto age)
                     TCONV_INLINE { TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[age][v] = hn::Zero(d); });
  for (std::int64_t step = 0; step < Steps::steps(shape); ++step) {
    for_each<ages - 1>([&](auto younger) TCONV_INLINE {
      constexpr int age = ages - 1 - younger;
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[age][v] = sums[age - 1][v];
    });
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[0][v] = hn::Zero(d);
    Steps::for_each_tap(shape, positions, step,
                        [&](auto age, auto phase, auto tap, const Vector(&met)[vectors]) TCONV_INLINE {
                          constexpr int tap_y = age * stride + phase;
                          if constexpr (tap_y < taps) {
                            if (tap_y >= shape.kernel_y) return;
                            const Vector factor = hn::Set(d, weight[tap_y * shape.kernel_x + tap]);
                            TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
                              sums[age][v] = hn::MulAdd(factor, met[v], sums[age][v]);
                            }
                          }
                        });
    if (step < ages - 1) continue;
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
      const Vector sum = sums[ages - 1][v];
      if (cells - v * lanes >= lanes) {
        hn::StoreU(sum, d, dx + v * lanes);
      } else if (cells > v * lanes) {
        last.store(sum, dx + v * lanes);
      }
    }
    dx += shape.input_x;
  }
}

template <int stride, int taps>
void convolve(const PlaneShape& shape, const float* g, const float* weight, float* dx) {
  constexpr int vectors = std::max(1, std::min({registers / 2 / quotient_up(taps, stride), registers / 4 / stride, 4}));
  for (std::int64_t x = 0; x < shape.input_x;) {
    if (vectors > 1 && 2 * (shape.input_x - x) > vectors * lanes) {
      convolve_columns<stride, taps, vectors>(shape, g, weight, x, dx);
      x += vectors * lanes;
    } else {
      convolve_columns<stride, taps, 1>(shape, g, weight, x, dx);
      x += lanes;
    }
  }
}

/// `rows` rows of taps, those from `first_row` on.
template <int stride, int taps, int first_row, int rows>
HWY_NOINLINE void correlate_rows(const PlaneShape& shape, const float* g, const float* x, double* sums) {
  const Floats d;
  using Steps = Walk<stride, taps>;
  constexpr int ages = Steps::ages;
  constexpr int vectors = registers == 16 ? 1 : stride > 2 || taps > 6 ? 2 : 4;
  const std::int64_t steps = Steps::steps(shape);
  std::int64_t chain = 0;
  Vector found[rows][taps];
  TCONV_UNROLL for (int y = 0; y < rows; ++y) { TCONV_UNROLL for (int k = 0; k < taps; ++k) found[y][k] = hn::Zero(d); }
  for (std::int64_t first = 0; first < shape.input_x; first += vectors * lanes) {
    const Positions<stride, taps, vectors> positions(shape, g, first);
    LaneRange cells[vectors];
    for (int v = 0; v < vectors; ++v) cells[v] = LaneRange(0, shape.input_x - first - v * lanes);
    const float* from = x + first;
    Vector input[ages][vectors];
    for_each<ages>([&](auto age)
                       TCONV_INLINE { TCONV_UNROLL for (int v = 0; v < vectors; ++v) input[age][v] = hn::Zero(d); });
    for (std::int64_t step = 0; step < steps;) {
      const std::int64_t end = std::min(steps, step + longest_plane_chain / vectors);
      chain += (end - step) * vectors;
      for (; step < end; ++step, from += shape.input_x) {
        for_each<ages - 1>([&](auto younger) TCONV_INLINE {
          constexpr int age = ages - 1 - younger;
          TCONV_UNROLL for (int v = 0; v < vectors; ++v) input[age][v] = input[age - 1][v];
        });
        TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
          hwy::Prefetch(from + rows_ahead / stride * shape.input_x + v * lanes);
        }
        TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
          input[0][v] = step < shape.input_y ? cells[v].load(from + v * lanes) : hn::Zero(d);
        }
        Steps::for_each_tap(shape, positions, step,
                            [&](auto age, auto phase, auto tap, const Vector(&met)[vectors]) TCONV_INLINE {
                              constexpr int y = age * stride + phase - first_row;
                              if constexpr (y >= 0 && y < rows) {
                                TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
                                  found[y][tap] = hn::MulAdd(input[age][v], met[v], found[y][tap]);
                                }
                              }
                            });
      }
      const bool done = step == steps && first + vectors * lanes >= shape.input_x;
      if (!done && chain + std::min(steps * vectors, longest_plane_chain) <= longest_plane_chain) continue;
      chain = 0;
      TCONV_UNROLL for (int y = 0; y < rows; ++y) {
        TCONV_UNROLL for (int k = 0; k < taps; ++k) {
          if (first_row + y < shape.kernel_y && k < shape.kernel_x) {
            sums[(first_row + y) * shape.kernel_x + k] +=
                static_cast<double>(hn::GetLane(hn::SumOfLanes(d, found[y][k])));
          }
          found[y][k] = hn::Zero(d);
        }
      }
    }
  }
}

template <int stride, int taps>
void correlate(const PlaneShape& shape, const float* g, const float* x, double* sums) {
  constexpr int most_rows = std::clamp(registers * 5 / 8 / taps, 1, taps);
  constexpr int runs = quotient_up(taps, most_rows);
  for_each<runs>([&](auto run) TCONV_INLINE {
    constexpr int first = taps * run / runs;
    constexpr int rows = taps * (run + 1) / runs - first;
    if (first < shape.kernel_y) correlate_rows<stride, taps, first, rows>(shape, g, x, sums);
  });
}

template <int stride, int taps>
constexpr PlaneLoops loops() {
  return {stride, taps, &convolve<stride, taps>, &correlate<stride, taps>};
}

template <int stride, int taps>
constexpr PlaneLoops convolution() {
  return {stride, taps, &convolve<stride, taps>, nullptr};
}

#ifdef __SANITIZE_ADDRESS__  // one of each kind, since each takes the compiler seconds
constexpr PlaneLoops all_loops[] = {loops<1, 3>(), loops<2, 3>(), convolution<3, 4>()};
#elif HWY_TARGET == HWY_SSE4  // those whose sums its registers hold
constexpr PlaneLoops all_loops[] = {loops<1, 3>(), loops<1, 5>(), loops<2, 3>(), loops<2, 4>(), loops<3, 3>()};
#else
constexpr PlaneLoops all_loops[] = {
    loops<1, 3>(), loops<1, 5>(), loops<1, 7>(), loops<2, 2>(),       loops<2, 3>(),       loops<2, 4>(),
    loops<2, 5>(), loops<3, 3>(), loops<4, 4>(), convolution<2, 7>(), convolution<3, 6>(), convolution<4, 8>(),
};
#endif

std::span<const PlaneLoops> loops_here() { return all_loops; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(loops_here);
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

const PlaneLoops* plane_loops_for(const PlaneShape& shape) {
  const std::span<const PlaneLoops> all = HWY_DYNAMIC_DISPATCH(loops_here)();
  const auto found = std::ranges::find_if(all, [&](const PlaneLoops& loops) {
    return loops.stride == shape.stride_x && loops.taps >= std::max(shape.kernel_x, shape.kernel_y) &&
           (loops.stride == shape.stride_y || shape.input_y == 1);
  });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace tconv
#endif
