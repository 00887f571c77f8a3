// Tiles for popular kernels, whose taps along x are known to the compiler: no tests in the innermost loops, and inputs
// that are loaded once for several rows of results.

#include "kernels/direct_tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/direct_patterns.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include <type_traits>
#include <utility>

#include "kernels/direct_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

/// Inputs with zeros around them: every lane may read.
struct Padded {
  template <int offset, int vectors>
  HWY_INLINE void load(const float* HWY_RESTRICT at, Vector (&x)[vectors]) const {
    TCONV_UNROLL for (int i = 0; i < vectors; ++i) x[i] = hn::LoadU(Floats(), at + i * lanes);
  }
};

#if HWY_TARGET <= HWY_AVX3  // has masks that cost nothing
/// Inputs where they are: lanes beyond a row read nothing, and count as 0.
template <int offsets, int vectors>
struct InPlace {
  explicit InPlace(const std::uint16_t* bits) {
    TCONV_UNROLL for (int offset = 0; offset < offsets; ++offset) {
      TCONV_UNROLL for (int i = 0; i < vectors; ++i) {
        inside[offset][i] =
            hn::LoadMaskBits(Floats(), reinterpret_cast<const std::uint8_t*>(bits + offset * vectors + i));
      }
    }
  }
  template <int offset>
  HWY_INLINE void load(const float* HWY_RESTRICT at, Vector (&x)[vectors]) const {
    TCONV_UNROLL for (int i = 0; i < vectors; ++i) x[i] = hn::MaskedLoad(inside[offset][i], Floats(), at + i * lanes);
  }
  hn::Mask<Floats> inside[offsets][vectors];
};
#endif

/// The products of the inputs at one offset, of one input channel, with the rows of results whose bits are in `rows`.
template <int phases_x, int phases_y, int outputs, int vectors, std::uint32_t rows, std::uint32_t reached, int offset,
          typename Inputs>
HWY_INLINE void add_offset(Vector (&sums)[phases_x * phases_y][outputs][vectors], const float* HWY_RESTRICT at,
                           const Inputs& inputs, const float* HWY_RESTRICT& weights) {
  const Floats d;
  Vector x[vectors];
  inputs.template load<offset>(at, x);
  TCONV_UNROLL for (int row = 0; row < phases_y; ++row) {
    if ((rows >> row & 1) == 0) continue;
    TCONV_UNROLL for (int phase = 0; phase < phases_x; ++phase) {
      if ((reached >> phase & 1) == 0) continue;
      TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
        Vector(&sum)[vectors] = sums[row * phases_x + phase][out];
        const Vector weight = hn::Set(d, weights[out]);
        TCONV_UNROLL for (int i = 0; i < vectors; ++i) sum[i] = hn::MulAdd(weight, x[i], sum[i]);
      }
      weights += outputs;
    }
  }
}

/// Those of a whole row of inputs.
template <int phases_x, int phases_y, int outputs, int vectors, std::uint32_t rows, AxisPattern pattern,
          typename Inputs, std::size_t... offset>
HWY_INLINE void add_row(Vector (&sums)[phases_x * phases_y][outputs][vectors], const float* HWY_RESTRICT at,
                        const Inputs& inputs, const float* HWY_RESTRICT& weights, std::index_sequence<offset...>) {
  (add_offset<phases_x, phases_y, outputs, vectors, rows, (pattern >> (4 * offset) & 15), static_cast<int>(offset)>(
       sums, at + offset, inputs, weights),
   ...);
}

/// For the rows of results that a row of inputs has part in. The compiler makes code for each choice of them, so that
/// there is one test for a row instead of one for a product.
template <int phases_x, int phases_y, int outputs, int vectors, AxisPattern pattern, typename Inputs,
          std::uint32_t... rows>
HWY_INLINE void add_rows(Vector (&sums)[phases_x * phases_y][outputs][vectors], const float* HWY_RESTRICT at,
                         const Inputs& inputs, std::uint32_t wanted, const float* HWY_RESTRICT& weights,
                         std::integer_sequence<std::uint32_t, rows...>) {
  constexpr auto offsets = std::make_index_sequence<offsets_of(pattern)>();
  ((wanted == rows
        ? (add_row<phases_x, phases_y, outputs, vectors, rows, pattern>(sums, at, inputs, weights, offsets), void())
        : void()),
   ...);
}

/// Every set of so many rows but the empty one.
template <int phases_y>
constexpr auto row_sets() {
  static_assert(phases_y == 1 || phases_y == 2 || phases_y == 4);
  using Rows = std::uint32_t;
  if constexpr (phases_y == 1) {
    return std::integer_sequence<Rows, 1>();
  } else if constexpr (phases_y == 2) {
    return std::integer_sequence<Rows, 1, 2, 3>();
  } else {
    return std::integer_sequence<Rows, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15>();
  }
}

template <int phases_x, int phases_y, int outputs, int vectors, AxisPattern pattern, typename Inputs>
HWY_INLINE void run_on(const DirectTile& tile, const Inputs& inputs) {
  constexpr bool in_place = !std::is_same_v<Inputs, Padded>;
  constexpr int phases = phases_x * phases_y;
  constexpr int offsets = offsets_of(pattern);
  const DirectTerm* const first_term = tile.terms.data();
  const DirectTerm* const last_term = first_term + tile.terms.size();
  const float* HWY_RESTRICT weights = tile.weights;
  [[maybe_unused]] const float* of_channel = tile.weights;
  const float* HWY_RESTRICT input = tile.input;
  Vector sums[phases][outputs][vectors];
  for (std::int64_t left = tile.channels;;) {
    const bool first = left == tile.channels;
    begin_sums(sums, tile, first);
    const std::int64_t now = left < tile.channels_apart ? left : tile.channels_apart;
    left -= now;
    for (std::int64_t channel = 0; channel < now; ++channel, input += tile.input_stride) {
      for (const DirectTerm* row = first_term; row != last_term; row += offsets) {
        if (in_place) weights = of_channel + row->weights;
        add_rows<phases_x, phases_y, outputs, vectors, pattern>(sums, input + row->offset, inputs, row->rows, weights,
                                                                row_sets<phases_y>());
      }
      if (in_place) of_channel += tile.weights_stride;
    }
    if (!first) add_kept(sums, tile.sums);
    if (left == 0) break;
    keep(sums, tile.sums);
  }
  write<phases_x, phases_y>(sums, tile);
}

template <int phases_x, int phases_y, int outputs, int vectors, AxisPattern pattern, bool in_place>
HWY_NOINLINE void run_pattern(const DirectTile& tile) {
#if HWY_TARGET <= HWY_AVX3
  using Inputs = InPlace<offsets_of(pattern), vectors>;
  if constexpr (in_place) return run_on<phases_x, phases_y, outputs, vectors, pattern>(tile, Inputs(tile.inside));
#endif
  if constexpr (!in_place) run_on<phases_x, phases_y, outputs, vectors, pattern>(tile, Padded());
}

template <int phases_x, int phases_y, int outputs, int vectors, AxisPattern pattern, bool in_place = false>
constexpr DirectShape shape() {
  return {phases_x,
          phases_y,
          outputs,
          vectors,
          pattern,
          in_place,
          &run_pattern<phases_x, phases_y, outputs, vectors, pattern, in_place>};
}

#ifdef __SANITIZE_ADDRESS__  // one of each kind, since each takes the compiler seconds
constexpr DirectShape shapes[] = {shape<2, 1, 4, 1, k3_s2_odd>(), shape<2, 2, 1, 2, k4_s2_odd>(),
                                  shape<1, 4, 1, 2, k3_s1>(),
#if HWY_TARGET <= HWY_AVX3
                                  shape<2, 2, 3, 1, k4_s2_odd, true>()
#endif
};
#elif HWY_TARGET <= HWY_AVX3
constexpr DirectShape shapes[] = {
    shape<2, 1, 7, 2, k2_s2>(),           shape<2, 1, 4, 3, k2_s2>(),           shape<2, 2, 3, 2, k2_s2>(),
    shape<2, 1, 7, 2, k3_s2_odd>(),       shape<2, 1, 4, 3, k3_s2_odd>(),       shape<2, 2, 3, 2, k3_s2_odd>(),
    shape<2, 2, 1, 4, k3_s2_odd>(),       shape<2, 2, 1, 4, k3_s2_even>(),      shape<2, 1, 4, 3, k3_s2_even>(),
    shape<2, 1, 7, 2, k4_s2_odd>(),       shape<2, 1, 4, 3, k4_s2_odd>(),       shape<2, 2, 3, 2, k4_s2_odd>(),
    shape<2, 2, 2, 3, k4_s2_odd>(),       shape<2, 2, 1, 4, k4_s2_odd>(),       shape<2, 1, 7, 2, k4_s2_even>(),
    shape<2, 2, 3, 2, k4_s2_even>(),      shape<2, 2, 1, 4, k4_s2_even>(),      shape<1, 4, 1, 4, k3_s1>(),
    shape<1, 4, 1, 4, k5_s1>(),           shape<1, 2, 3, 4, k3_s1>(),           shape<1, 2, 3, 4, k5_s1>(),
    shape<2, 2, 3, 2, k4_s2_odd, true>(), shape<2, 2, 1, 4, k4_s2_odd, true>(),
};
#else
constexpr DirectShape shapes[] = {
    shape<2, 2, 1, 2, k3_s2_odd>(), shape<2, 2, 1, 2, k4_s2_odd>(), shape<2, 1, 3, 2, k4_s2_odd>(),
    shape<1, 4, 1, 2, k3_s1>(),     shape<1, 4, 1, 2, k5_s1>(),
};
#endif

std::span<const DirectShape> all_shapes() { return shapes; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all_shapes);
}

std::span<const DirectShape> pattern_shapes() { return HWY_DYNAMIC_DISPATCH(all_shapes)(); }

}  // namespace tconv
#endif
