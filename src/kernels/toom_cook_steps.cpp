#include "kernels/toom_cook_steps.h"

#include <algorithm>
#include <array>

#include "kernels/toom_cook_points.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/toom_cook_steps.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/toom_cook_products-inl.h"
#include "kernels/toom_cook_weighted-inl.h"
#include "kernels/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

template <int n, int t, bool plain>
void expand(const ToomCookExpand& step) {
  const Floats d;
  constexpr const auto& numbers = toom_cook_numbers<n, t>;
  constexpr int points = n + t - 1;
  const float* HWY_RESTRICT in = step.in;
  float* HWY_RESTRICT out = step.out;
  const std::int64_t in_cell = step.in_cell;
  const std::int64_t out_row = step.out_row;
  for (std::int64_t c = 0; c < step.count; ++c, in += step.in_next, out += step.out_next) {
    Vector cells[n];
    TCONV_UNROLL for (int i = 0; i < n; ++i) cells[i] = hn::Load(d, in + i * in_cell);
    TCONV_UNROLL for (int p = 0; p < points; ++p) {
      hn::Store(weighted(numbers.expand[static_cast<std::size_t>(p)], cells), d, out + p * out_row);
    }
    if constexpr (plain) {
      TCONV_UNROLL for (int i = 1; i + 1 < n; ++i) hn::Store(cells[i], d, out + (points + i - 1) * out_row);
    }
  }
}

template <int n, int t>
void combine_x(const ToomCookCombineX& step) {
  const Floats d;
  constexpr const auto& numbers = toom_cook_numbers<n, t>;
  constexpr int points = n + t - 1;
  Vector carry[t];  // one more than there are: arrays have at least one element
  TCONV_UNROLL for (int i = 0; i < t - 1; ++i) carry[i] = hn::Load(d, step.carry + i * lanes);
  const float* HWY_RESTRICT in = step.in;
  float* HWY_RESTRICT out = step.out;
  const std::int64_t in_point = step.in_point;
  const std::int64_t out_cell = step.out_cell;
  for (std::int64_t tile = 0; tile < step.tiles; ++tile, in += step.in_tile, out += n * out_cell) {
    Vector values[points];
    TCONV_UNROLL for (int p = 0; p < points; ++p) values[p] = hn::Load(d, in + p * in_point);
    TCONV_UNROLL for (int s = 0; s < n; ++s) {
      Vector sum = weighted(numbers.combine[static_cast<std::size_t>(s)], values);
      if (s < t - 1) sum = hn::Add(sum, carry[s]);
      hn::Store(sum, d, out + s * out_cell);
    }
    TCONV_UNROLL for (int s = n; s < points; ++s) {
      carry[s - n] = weighted(numbers.combine[static_cast<std::size_t>(s)], values);
    }
  }
  TCONV_UNROLL for (int i = 0; i < t - 1; ++i) {
    hn::Store(carry[i], d, step.carry + i * lanes);
    if (step.end) hn::Store(carry[i], d, out + i * out_cell);
  }
}

template <int n, int t>
void combine_y(const ToomCookCombineY& step) {
  const Floats d;
  constexpr const auto& numbers = toom_cook_numbers<n, t>;
  constexpr int points = n + t - 1;
  const float* HWY_RESTRICT in = step.in;
  float* HWY_RESTRICT out = step.out;
  float* HWY_RESTRICT carry = step.carry;
  const std::int64_t in_point = step.in_point;
  const std::int64_t out_row = step.out_row;
  std::int64_t cell = 0;
  for (std::int64_t c = 0; c < step.columns; ++c) {
    Vector values[points];
    TCONV_UNROLL for (int p = 0; p < points; ++p) values[p] = hn::Load(d, in + p * in_point);
    TCONV_UNROLL for (int s = 0; s < n; ++s) {
      Vector sum = weighted(numbers.combine[static_cast<std::size_t>(s)], values);
      if (s < t - 1) sum = hn::Add(sum, hn::Load(d, carry + s * step.carry_row));
      hn::Store(sum, d, out + s * out_row);
    }
    TCONV_UNROLL for (int s = n; s < points; ++s) {
      hn::Store(weighted(numbers.combine[static_cast<std::size_t>(s)], values), d, carry + (s - n) * step.carry_row);
    }
    in += step.in_cell;
    if (++cell == step.cells) {
      in += step.in_tile - step.cells * step.in_cell;
      cell = 0;
    }
    out += step.out_column;
    carry += step.carry_column;
  }
}

void gather(const float* in, std::int64_t in_channel, int channels, std::int64_t cells, float* out) {
  const Floats d;
  constexpr std::int64_t ahead = 64;  // or in the next row: so many channels at a time are too many for the machine
  for (std::int64_t at = 0; at < cells; at += lanes, in += lanes, out += lanes * lanes) {
    const std::int64_t some = std::min<std::int64_t>(lanes, cells - at);
    Vector rows[lanes];
    for (int i = 0; i < channels; ++i) hwy::Prefetch(in + i * in_channel + ahead);
    if (some == lanes && channels == lanes) {
      TCONV_UNROLL for (int i = 0; i < lanes; ++i) rows[i] = hn::LoadU(d, in + i * in_channel);
    } else {
      TCONV_UNROLL for (int i = 0; i < lanes; ++i) {
        rows[i] = i < channels ? load_some(in + i * in_channel, some) : hn::Zero(d);
      }
    }
    transpose(Floats(), rows);
    TCONV_UNROLL for (int i = 0; i < lanes; ++i) {
      if (i < some) hn::Store(rows[i], d, out + i * lanes);
    }
  }
}

bool scatter(const float* in, std::int64_t in_cell, const float* bias, int channels, std::int64_t cells, float* out,
             std::int64_t out_channel, bool past_the_caches) {
  const Floats d;
  const Vector added = hn::Load(d, bias);
  constexpr int chains = 4;
  Vector specials[chains] = {hn::Zero(d), hn::Zero(d), hn::Zero(d),
                             hn::Zero(d)};  // of 0·x: NaN for x that is not finite
  // Up to the first cell that is aligned in all channels, if there is one.
  const auto beyond = static_cast<std::int64_t>(reinterpret_cast<std::uintptr_t>(out) / sizeof(float) % lanes);
  std::int64_t next = lanes;
  past_the_caches = past_the_caches && out_channel % lanes == 0;
  if (past_the_caches && beyond != 0) next = lanes - beyond;
  for (std::int64_t at = 0; at < cells; next = lanes) {
    const std::int64_t some = std::min(next, cells - at);
    Vector rows[lanes];
    if (some == lanes) {
      TCONV_UNROLL for (int i = 0; i < lanes; ++i) rows[i] = hn::Load(d, in + i * in_cell);
    } else {
      TCONV_UNROLL for (int i = 0; i < lanes; ++i) rows[i] = i < some ? hn::Load(d, in + i * in_cell) : hn::Zero(d);
    }
    TCONV_UNROLL for (int i = 0; i < lanes; ++i) {
      specials[i % chains] = hn::MulAdd(rows[i], hn::Zero(d), specials[i % chains]);
      rows[i] = hn::Add(rows[i], added);
    }
    transpose(Floats(), rows);
    if (some == lanes && channels == lanes && past_the_caches) {
      TCONV_UNROLL for (int i = 0; i < lanes; ++i) hn::Stream(rows[i], d, out + i * out_channel);
    } else if (some == lanes && channels == lanes) {
      TCONV_UNROLL for (int i = 0; i < lanes; ++i) hn::StoreU(rows[i], d, out + i * out_channel);
    } else {
      TCONV_UNROLL for (int i = 0; i < lanes; ++i) {
        if (i < channels) store_some(rows[i], some, out + i * out_channel);
      }
    }
    at += some;
    in += some * in_cell;
    out += some;
  }
  const Vector any = hn::Add(hn::Add(specials[0], specials[1]), hn::Add(specials[2], specials[3]));
  return hn::AllFalse(d, hn::IsNaN(any));
}

void flush() { hwy::FlushStream(); }

template <int n, int t>
constexpr ToomCookAxisSteps steps_of() {
  return {n, t, &expand<n, t, false>, &expand<n, t, true>, &combine_x<n, t>, &combine_y<n, t>};
}

constexpr ToomCookAxisSteps axes[] = {
    steps_of<1, 1>(), steps_of<2, 1>(), steps_of<3, 1>(), steps_of<4, 1>(), steps_of<2, 2>(),
    steps_of<3, 2>(), steps_of<4, 2>(), steps_of<2, 3>(), steps_of<3, 3>(), steps_of<4, 3>(),
};

const ToomCookSteps* steps() {
  static constexpr ToomCookSteps all{lanes, axes, &gather, &scatter, &flush, &multiply, &place};
  return &all;
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {

HWY_EXPORT(steps);

template <int n, int t>
constexpr auto weights_of() {
  std::array<double, static_cast<std::size_t>((n + t - 1) * t)> flat{};
  for (std::size_t i = 0; i < flat.size(); ++i) flat[i] = toom_cook_numbers<n, t>.weigh[i / t][i % t];
  return flat;
}
template <int n, int t>
constexpr auto flat_weights = weights_of<n, t>();

}  // namespace

const ToomCookSteps& toom_cook_steps() { return *HWY_DYNAMIC_DISPATCH(steps)(); }

std::span<const double> toom_cook_weights(int cells, int taps) {
  if (taps == 2) {
    if (cells == 2) return flat_weights<2, 2>;
    return cells == 3 ? std::span<const double>(flat_weights<3, 2>) : flat_weights<4, 2>;
  }
  if (cells == 2) return flat_weights<2, 3>;
  return cells == 3 ? std::span<const double>(flat_weights<3, 3>) : flat_weights<4, 3>;
}

}  // namespace tconv
#endif
