#include "kernels/gradient_tiles_steps.h"

#include "kernels/toom_cook_points.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/gradient_tiles_steps.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include "kernels/direct_tile-inl.h"
#include "kernels/toom_cook_weighted-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

/// Row p: factors of the output cells.
template <int n, int t>
constexpr auto spread_numbers() {
  std::array<std::array<double, n + t - 1>, n + t - 1> numbers{};
  for (std::size_t p = 0; p < numbers.size(); ++p) {
    for (std::size_t s = 0; s < numbers.size(); ++s) numbers[p][s] = toom_cook_numbers<n, t>.combine[s][p];
  }
  return numbers;
}

/// Row i: factors of the points.
template <int n, int t>
constexpr auto collect_numbers() {
  std::array<std::array<double, n + t - 1>, n> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    for (std::size_t p = 0; p < numbers[i].size(); ++p) numbers[i][p] = toom_cook_numbers<n, t>.expand[p][i];
  }
  return numbers;
}

/// Row i: factors of the points in tap i; a single tap's are the cells themselves, which it counts in all.
template <int n, int t>
constexpr auto weigh_numbers() {
  std::array<std::array<double, n + t - 1>, t> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    for (std::size_t p = 0; p < numbers[i].size(); ++p) {
      numbers[i][p] = t == 1 ? 1 : toom_cook_numbers<n, t>.weigh[p][i];
    }
  }
  return numbers;
}

template <int n, int t>
void spread_x(const ToomCookExpand& step) {
  const Floats d;
  constexpr auto numbers = spread_numbers<n, t>();
  constexpr int points = n + t - 1;
  const float* HWY_RESTRICT in = step.in;
  float* HWY_RESTRICT out = step.out;
  for (std::int64_t c = 0; c < step.count; ++c, in += step.in_next, out += step.out_next) {
    Vector cells[points];
    TCONV_UNROLL for (int s = 0; s < points; ++s) cells[s] = hn::Load(d, in + s * step.in_cell);
    TCONV_UNROLL for (int p = 0; p < points; ++p) {
      hn::Store(weighted(numbers[static_cast<std::size_t>(p)], cells), d, out + p * step.out_row);
    }
  }
}

template <int n, int t>
void spread_y(const GradientSpreadStep& step) {
  const Floats d;
  constexpr auto numbers = spread_numbers<n, t>();
  constexpr int points = n + t - 1;
  const float* HWY_RESTRICT in = step.in;
  const std::int64_t in_cell = step.in_cell;
  const std::int64_t out_next = step.out_next;
  float* out[points];
  for (int p = 0; p < points; ++p) out[p] = step.out[p];
  for (std::int64_t c = 0; c < step.count; ++c, in += step.in_next) {
    Vector cells[points];
    TCONV_UNROLL for (int s = 0; s < points; ++s) cells[s] = hn::Load(d, in + s * in_cell);
    TCONV_UNROLL for (int p = 0; p < points; ++p) {
      store_lanes(weighted(numbers[static_cast<std::size_t>(p)], cells), out[p] + c * out_next, 0, step.channels);
    }
  }
}

template <int n, int t, bool plain>
void collect(const ToomCookExpand& step) {
  const Floats d;
  constexpr auto numbers = collect_numbers<n, t>();
  constexpr int points = n + t - 1;
  const float* HWY_RESTRICT in = step.in;
  float* HWY_RESTRICT out = step.out;
  for (std::int64_t c = 0; c < step.count; ++c, in += step.in_next, out += step.out_next) {
    Vector values[points];
    TCONV_UNROLL for (int p = 0; p < points; ++p) values[p] = hn::Load(d, in + p * step.in_cell);
    TCONV_UNROLL for (int i = 0; i < n; ++i) {
      Vector sum = weighted(numbers[static_cast<std::size_t>(i)], values);
      if (plain && i > 0 && i + 1 < n) sum = hn::Add(sum, hn::Load(d, in + (points + i - 1) * step.in_cell));
      hn::Store(sum, d, out + i * step.out_row);
    }
  }
}

template <int n, int t>
void weigh(const GradientWeigh& step) {
  const Floats d;
  constexpr auto numbers = weigh_numbers<n, t>();
  constexpr int points = n + t - 1;
  const float* in[points];
  for (int p = 0; p < points; ++p) in[p] = step.in[p];
  float* HWY_RESTRICT out = step.out;
  for (std::int64_t c = 0; c < step.count; ++c, out += lanes) {
    Vector values[points];
    TCONV_UNROLL for (int p = 0; p < points; ++p) values[p] = hn::LoadU(d, in[p] + c * lanes);
    TCONV_UNROLL for (int i = 0; i < t; ++i) {
      hn::Store(weighted(numbers[static_cast<std::size_t>(i)], values), d, out + i * step.out_tap);
    }
  }
}

template <int n, int t>
constexpr GradientAxisSteps steps_of() {
  return {n, t, &spread_x<n, t>, &spread_y<n, t>, &collect<n, t, false>, &collect<n, t, true>, &weigh<n, t>};
}

constexpr GradientAxisSteps all[] = {
    steps_of<1, 1>(), steps_of<2, 1>(), steps_of<3, 1>(), steps_of<4, 1>(), steps_of<2, 2>(),
    steps_of<3, 2>(), steps_of<4, 2>(), steps_of<2, 3>(), steps_of<3, 3>(), steps_of<4, 3>(),
};

std::span<const GradientAxisSteps> all_steps() { return all; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all_steps);
}

const GradientAxisSteps& gradient_steps(int cells, int taps) {
  const std::span<const GradientAxisSteps> steps = HWY_DYNAMIC_DISPATCH(all_steps)();
  for (const GradientAxisSteps& one : steps) {
    if (one.cells == cells && one.taps == taps) return one;
  }
  return steps.front();
}

}  // namespace tconv
#endif
