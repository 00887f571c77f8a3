// The products of the `toom_cook` engine: small matrices whose sums stay in registers. Included once per instruction
// set.

#if defined(TCONV_KERNELS_TOOM_COOK_PRODUCTS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef TCONV_KERNELS_TOOM_COOK_PRODUCTS_INL_H_
#undef TCONV_KERNELS_TOOM_COOK_PRODUCTS_INL_H_
#else
#define TCONV_KERNELS_TOOM_COOK_PRODUCTS_INL_H_
#endif

#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "core/integers.h"
#include "kernels/interleave-inl.h"
#include "kernels/toom_cook_steps.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

#if HWY_TARGET <= HWY_AVX3
constexpr int most_vectors = 4;
constexpr int most_tiles(int vectors) { return vectors == 4 ? 6 : 8; }
#else
constexpr int most_vectors = 2;
constexpr int most_tiles(int vectors) { return vectors == 2 ? 6 : 8; }
#endif

/// Cuts `total` into the fewest parts of at most `most`, all but equal, larger ones first.
struct Parts {
  std::int64_t parts;
  std::int64_t total;
  constexpr Parts(std::int64_t whole, std::int64_t most) : parts(ceil_div(whole, most)), total(whole) {}
  constexpr std::int64_t begin(std::int64_t part) const { return total / parts * part + std::min(part, total % parts); }
  constexpr std::int64_t size(std::int64_t part) const { return begin(part + 1) - begin(part); }
  constexpr std::int64_t part_of(std::int64_t index) const {
    std::int64_t part = 0;
    while (begin(part + 1) <= index) ++part;
    return part;
  }
};

/// Weights: [chain of channels][panel of vectors][channel][vector].
std::int64_t place(std::int64_t channels, std::int64_t chain_length, int vectors, std::int64_t k, int v) {
  const Parts chains(channels, chain_length);
  const Parts panels(vectors, most_vectors);
  const std::int64_t chain = chains.part_of(k);
  const std::int64_t panel = panels.part_of(v);
  return (chains.begin(chain) * vectors + chains.size(chain) * panels.begin(panel) +
          (k - chains.begin(chain)) * panels.size(panel) + v - panels.begin(panel)) *
         lanes;
}

struct Panel {
  const float* values;
  std::int64_t value_step;
  std::int64_t channels;
  const float* weights;
  float* sums;
  std::int64_t sum_step;
  bool add;  ///< to the sums that are there
};

template <int tiles, int vectors>
HWY_NOINLINE void multiply_panel(const Panel& panel) {
  const Floats d;
  Vector sums[tiles][vectors];
#pragma GCC unroll 8
  for (int t = 0; t < tiles; ++t) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) sums[t][v] = hn::Zero(d);
  }
  const float* HWY_RESTRICT weights = panel.weights;
  const float* HWY_RESTRICT values = panel.values;
  const std::int64_t step = panel.value_step;
  for (std::int64_t k = 0; k < panel.channels; ++k, weights += vectors * lanes) {
    Vector w[vectors];
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) w[v] = hn::Load(d, weights + v * lanes);
#pragma GCC unroll 8
    for (int t = 0; t < tiles; ++t) {
      const Vector x = hn::Set(d, values[k + t * step]);
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) sums[t][v] = hn::MulAdd(x, w[v], sums[t][v]);
    }
  }
  float* HWY_RESTRICT to = panel.sums;
  const std::int64_t sum_step = panel.sum_step;
  if (panel.add) {
#pragma GCC unroll 8
    for (int t = 0; t < tiles; ++t) {
#pragma GCC unroll 4
      for (int v = 0; v < vectors; ++v) {
        sums[t][v] = hn::Add(sums[t][v], hn::Load(d, to + t * sum_step + v * lanes));
      }
    }
  }
#pragma GCC unroll 8
  for (int t = 0; t < tiles; ++t) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; ++v) hn::Store(sums[t][v], d, to + t * sum_step + v * lanes);
  }
}

using MultiplyPanel = void (*)(const Panel&);

template <int vectors, int... tiles>
constexpr MultiplyPanel panel_of(std::int64_t wanted, std::integer_sequence<int, tiles...>) {
  constexpr MultiplyPanel all[] = {&multiply_panel<tiles + 1, vectors>...};
  return all[wanted - 1];
}
template <int vectors>
MultiplyPanel panel_of(std::int64_t tiles) {
  return panel_of<vectors>(tiles, std::make_integer_sequence<int, most_tiles(vectors)>());
}
MultiplyPanel panel_of(std::int64_t tiles, std::int64_t vectors) {
#if HWY_TARGET <= HWY_AVX3
  if (vectors == 4) return panel_of<4>(tiles);
  if (vectors == 3) return panel_of<3>(tiles);
#endif
  return vectors == 2 ? panel_of<2>(tiles) : panel_of<1>(tiles);
}

void multiply(const ToomCookProducts& step) {
  const Parts chains(step.channels, step.chain);
  const Parts panels(step.vectors, most_vectors);
  const float* weights = step.weights;
  for (std::int64_t chain = 0; chain < chains.parts; ++chain) {
    const std::int64_t channels = chains.size(chain);
    for (std::int64_t p = 0; p < panels.parts; ++p) {
      const std::int64_t vectors = panels.size(p);
      const Parts blocks(step.tiles, most_tiles(static_cast<int>(vectors)));
      // The first `larger` blocks have one tile more than the others.
      const std::int64_t size = step.tiles / blocks.parts;
      const std::int64_t larger = step.tiles % blocks.parts;
      const MultiplyPanel of_larger = larger > 0 ? panel_of(size + 1, vectors) : nullptr;
      const MultiplyPanel of_others = panel_of(size, vectors);
      Panel panel{.values = step.values + chains.begin(chain),
                  .value_step = step.value_step,
                  .channels = channels,
                  .weights = weights,
                  .sums = step.sums + panels.begin(p) * lanes,
                  .sum_step = std::int64_t{step.vectors} * lanes,
                  .add = chain > 0};
      const float* next = weights + 2 * channels * vectors * lanes;  // one panel ahead comes too late
      const std::int64_t fetched =
          step.fetch ? (channels * vectors * lanes / blocks.parts + toom_cook_line) / toom_cook_line : 0;
      for (std::int64_t b = 0; b < blocks.parts; ++b) {
        for (std::int64_t i = 0; i < fetched; ++i, next += toom_cook_line) hwy::Prefetch(next);
        const std::int64_t tiles = b < larger ? size + 1 : size;
        (b < larger ? of_larger : of_others)(panel);
        panel.values += tiles * panel.value_step;
        panel.sums += tiles * panel.sum_step;
      }
      weights += channels * vectors * lanes;
    }
  }
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
