#include "kernels/one_channel_tile.h"

#include <hwy/cache_control.h>

#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/one_channel_tile.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include "kernels/interleave-inl.h"
#include "kernels/lane_range-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

/// A row of inputs has part in as many rows of quotients as there are offsets. Their sums take turns in as many slots:
/// the one that a row of inputs begins is in the slot of that row's number, modulo the offsets.
template <AxisPattern pattern, int stride, int vectors>
class Descent {
 public:
  static HWY_NOINLINE void run(const OneChannelTile& tile) { Descent(tile).run(); }

 private:
  static constexpr int offsets = offsets_of(pattern);

  explicit HWY_INLINE Descent(const OneChannelTile& tile)
      : tile_(tile), at_(tile.input), to_(tile.output), ahead_(tile.ahead) {}

  HWY_INLINE void run() {
    begin(std::make_integer_sequence<int, offsets - 1>());
    for (std::int64_t left = tile_.quotients; left > offsets; left -= offsets) {
      complete(std::make_integer_sequence<int, offsets>());
    }
    complete(std::make_integer_sequence<int, 1>());
    end(std::make_integer_sequence<int, offsets - 1>());
  }

  /// The first rows of inputs, that complete none.
  template <int... row>
  HWY_INLINE void begin(std::integer_sequence<int, row...>) {
    (add_row<row, 0, row>(), ...);
  }
  template <int... row>
  HWY_INLINE void complete(std::integer_sequence<int, row...>) {
    ((add_row<(row + offsets - 1) % offsets, 0, offsets - 1>(), write<row>(), fetch()), ...);
  }
  /// The last rows of inputs, that begin none.
  template <int... row>
  HWY_INLINE void end(std::integer_sequence<int, row...>) {
    ((add_row<row, row + 1, offsets - 1>(), write<(row + 1) % offsets>()), ...);
  }

  /// The products of a row of inputs for the offsets of y from `least` to `most`.
  template <int slot, int least, int most>
  HWY_INLINE void add_row() {
    const Floats d;
    if constexpr (least == 0) {
      TCONV_UNROLL for (int y = 0; y < stride; ++y) {
        TCONV_UNROLL for (int x = 0; x < stride; ++x) {
          TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums_[slot][y][x][v] = hn::Set(d, tile_.bias);
        }
      }
    }
    TCONV_UNROLL for (int offset = 0; offset < offsets; ++offset) {
      Vector input[vectors];
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
        input[v] = hn::LoadU(d, at_ + offset + v * lanes);
        settle(input[v]);
      }
      TCONV_UNROLL for (int above = least; above <= most; ++above) {
        TCONV_UNROLL for (int y = 0; y < stride; ++y) {
          if (!has_tap(pattern, above, y)) continue;
          const float* const weights = tile_.weights + taps_before(pattern, above, y) * taps_of(pattern);
          TCONV_UNROLL for (int x = 0; x < stride; ++x) {
            if (!has_tap(pattern, offset, x)) continue;
            const Vector weight = hn::Set(d, weights[taps_before(pattern, offset, x)]);
            Vector(&sum)[vectors] = sums_[(slot - above + offsets) % offsets][y][x];
            TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
              sum[v] = hn::MulAdd(weight, input[v], sum[v]);
              settle(sum[v]);
            }
          }
        }
      }
    }
    at_ += tile_.input_pitch;
  }

  template <int slot>
  HWY_INLINE void write() {
    TCONV_UNROLL for (int y = 0; y < stride; ++y) {
      Vector cells[vectors][stride];
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
        TCONV_UNROLL for (int x = 0; x < stride; ++x) cells[v][x] = sums_[slot][y][x][v];
        interleave_phases<stride>(interleave_, cells[v]);
      }
      if (tile_.past_the_caches) {
        store(cells, true);
      } else {
        store(cells, false);
      }
      to_ += tile_.output_pitch;
    }
  }

  HWY_INLINE void store(const Vector (&cells)[vectors][stride], bool past_the_caches) {
    TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
      TCONV_UNROLL for (int x = 0; x < stride; ++x) {
        HWY_NAMESPACE::store(cells[v][x], to_ + (v * stride + x) * lanes, past_the_caches);
      }
    }
  }

  HWY_INLINE void fetch() {
    constexpr int line = 16;
    for (int i = 0; i < vectors * lanes; i += line) hwy::Prefetch(ahead_ + i);
    ahead_ += vectors * lanes;
  }

  const OneChannelTile& tile_;
  const Interleaver interleave_;
  const float* at_;
  float* to_;
  const float* ahead_;
  Vector sums_[offsets][stride][stride][vectors];
};

/// The inputs of a row of quotients stay in registers, by offset of y and x, and move up when the next row is read.
template <AxisPattern pattern, int stride, int vectors>
class EdgeColumns {
 public:
  /// As many columns as the vectors have, from `column` on.
  static HWY_NOINLINE void run(const OneChannelEdge& edge, std::int64_t column) {
    const Floats d;
    const Interleaver interleave;
    const std::int64_t first = edge.first_column + column / stride;
    const std::int64_t left = edge.columns - column;
    const LaneRange last(0, left % lanes);
    LaneRange parts[offsets][vectors];
    const bool whole = first >= 0 && first + vectors * lanes + offsets - 1 <= edge.input_columns;
    for (int x = 0; x < offsets && !whole; ++x) {
      for (int v = 0; v < vectors; ++v) {
        const std::int64_t at = first + x + v * lanes;
        parts[x][v] = LaneRange(-at, edge.input_columns - at);
      }
    }
    Inputs inputs;
    for_each<offsets * offsets>([&](auto i) TCONV_INLINE {
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) inputs[i / offsets][i % offsets][v] = hn::Zero(d);
    });
    std::int64_t row = edge.first_row;
    float* to = edge.output + column;
    for (std::int64_t y = stride * (1 - offsets); y < edge.rows; y += stride, ++row) {
      const bool inside = row >= 0 && row < edge.input_rows;
      const float* const from = edge.input + row * edge.input_columns + first;
      for_each<offsets>([&](auto x) TCONV_INLINE {
        for_each<offsets - 1>([&](auto above) TCONV_INLINE {
          TCONV_UNROLL for (int v = 0; v < vectors; ++v) inputs[above][x][v] = inputs[above + 1][x][v];
        });
        TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
          inputs[offsets - 1][x][v] = inside ? parts[x][v].load(from + x + v * lanes) : hn::Zero(d);
        }
      });
      if (y < 0) continue;
      for_each<stride>([&](auto phase) TCONV_INLINE {
        if (y + phase >= edge.rows) return;
        write<phase>(edge, inputs, interleave, left, last, to);
        to += edge.output_pitch;
      });
    }
  }

 private:
  static constexpr int offsets = offsets_of(pattern);
  using Inputs = Vector[offsets][offsets][vectors];

  template <int phase_y>
  static HWY_INLINE void write(const OneChannelEdge& edge, const Inputs& inputs, const Interleaver& interleave,
                               std::int64_t left, const LaneRange& last, float* to) {
    const Floats d;
    Vector cells[vectors][stride];
    for_each<stride>([&](auto phase) TCONV_INLINE {
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) cells[v][phase] = hn::Set(d, edge.bias);
      for_each<offsets * offsets>([&](auto i) TCONV_INLINE {
        constexpr int y = i / offsets;
        constexpr int x = i % offsets;
        if constexpr (has_tap(pattern, y, phase_y) && has_tap(pattern, x, phase)) {
          const float* const weights = edge.weights + taps_before(pattern, y, phase_y) * taps_of(pattern);
          const Vector weight = hn::Set(d, weights[taps_before(pattern, x, phase)]);
          TCONV_UNROLL for (int v = 0; v < vectors; ++v) {
            cells[v][phase] = hn::MulAdd(weight, inputs[y][x][v], cells[v][phase]);
          }
        }
      });
    });
    for_each<vectors>([&](auto v) TCONV_INLINE { interleave_phases<stride>(interleave, cells[v]); });
    const bool past_the_caches = edge.past_the_caches && left >= vectors * stride * lanes;
    if (past_the_caches) {
      for_each<vectors * stride>([&](auto i)
                                     TCONV_INLINE { hn::Stream(cells[i / stride][i % stride], d, to + i * lanes); });
      return;
    }
    for_each<vectors * stride>([&](auto i) TCONV_INLINE {
      constexpr std::int64_t at = i * lanes;
      if (left - at >= lanes) {
        hn::StoreU(cells[i / stride][i % stride], d, to + at);
      } else if (left > at) {
        last.store(cells[i / stride][i % stride], to + at);
      }
    });
  }
};

template <AxisPattern pattern, int stride>
void run_edge(const OneChannelEdge& edge) {
  constexpr int vectors = registers > 16 && offsets_of(pattern) <= 3 ? 2 : 1;
  for (std::int64_t column = 0; column < edge.columns;) {
    if (vectors > 1 && edge.columns - column > stride * lanes) {
      EdgeColumns<pattern, stride, vectors>::run(edge, column);
      column += vectors * stride * lanes;
    } else {
      EdgeColumns<pattern, stride, 1>::run(edge, column);
      column += stride * lanes;
    }
  }
}

template <AxisPattern pattern, int stride, int vectors>
constexpr OneChannelShape shape() {
  return {pattern, stride, vectors, &Descent<pattern, stride, vectors>::run, &run_edge<pattern, stride>};
}

// As many sums as registers can hold beside the inputs and one weight.
#ifdef __SANITIZE_ADDRESS__  // one of each kind, since each takes the compiler seconds
constexpr OneChannelShape shapes[] = {shape<k4_s2_odd, 2, 1>(), shape<k3_s1, 1, 2>()};
#elif HWY_TARGET <= HWY_AVX3
constexpr OneChannelShape shapes[] = {
    shape<k2_s2, 2, 4>(),      shape<k3_s2_even, 2, 2>(), shape<k3_s2_odd, 2, 2>(),
    shape<k4_s2_even, 2, 2>(), shape<k4_s2_odd, 2, 2>(),  shape<k5_s2_even, 2, 2>(),
    shape<k5_s2_odd, 2, 2>(),  shape<k3_s1, 1, 4>(),      shape<k5_s1, 1, 3>(),
};
#else
constexpr OneChannelShape shapes[] = {
    shape<k2_s2, 2, 2>(),      shape<k3_s2_even, 2, 1>(), shape<k3_s2_odd, 2, 1>(),
    shape<k4_s2_even, 2, 1>(), shape<k4_s2_odd, 2, 1>(),  shape<k5_s2_even, 2, 1>(),
    shape<k5_s2_odd, 2, 1>(),  shape<k3_s1, 1, 3>(),      shape<k5_s1, 1, 2>(),
};
#endif

std::span<const OneChannelShape> all_shapes() { return shapes; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all_shapes);
}

std::span<const OneChannelShape> one_channel_shapes() { return HWY_DYNAMIC_DISPATCH(all_shapes)(); }

}  // namespace tconv
#endif
