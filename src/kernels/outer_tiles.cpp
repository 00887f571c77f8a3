#include "kernels/outer_tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/outer_tiles.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>

#include "core/integers.h"
#include "kernels/direct_tile-inl.h"
#include "kernels/engine.h"
#include "kernels/outer_sums-inl.h"
#include "kernels/transpose-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

template <int rows, int vectors>
HWY_NOINLINE void run_outer(const OuterTile& tile) {
  const Floats d;
  Vector sums[rows][vectors];
  begin_outer(sums, tile.sums, tile.sums_stride, tile.add);
  const float* HWY_RESTRICT x = tile.x;
  for (std::int64_t cell = 0; cell < tile.cells; ++cell, x += rows) {
    add_outer(x, tile.g + tile.offsets[cell], sums);
  }
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    float* to = tile.sums + row * tile.sums_stride;
    const bool stream = tile.past_the_caches && reinterpret_cast<std::uintptr_t>(to) % (lanes * sizeof(float)) == 0;
    TCONV_UNROLL for (int v = 0; v < vectors; ++v, to += lanes) {
      if (stream) {
        hn::Stream(sums[row][v], d, to);
        continue;
      }
      hn::StoreU(tile.add ? hn::Add(sums[row][v], hn::LoadU(d, to)) : sums[row][v], d, to);
    }
  }
}

template <int rows, int vectors>
constexpr OuterShape shape() {
  return {rows, vectors, &run_outer<rows, vectors>};
}

#if HWY_TARGET <= HWY_AVX3
constexpr OuterShape shapes[] = {shape<6, 4>(), shape<8, 3>(), shape<12, 2>(), shape<16, 1>()};
#else
constexpr OuterShape shapes[] = {shape<4, 3>(), shape<6, 2>(), shape<12, 1>()};
#endif

std::span<const OuterShape> all_shapes() { return shapes; }

/// As many channels and cells at a time as a vector has lanes.
void transpose_cells(const float* HWY_RESTRICT from, std::int64_t from_pitch, std::int64_t channels, std::int64_t cells,
                     float* HWY_RESTRICT to, std::int64_t pitch) {
  const Floats d;
  constexpr std::int64_t ahead = 64;
  for (std::int64_t channel = 0; channel < channels; channel += lanes) {
    const auto some_channels = static_cast<int>(std::min<std::int64_t>(lanes, channels - channel));
    for (std::int64_t cell = 0; cell < cells; cell += lanes) {
      const std::int64_t some_cells = std::min<std::int64_t>(lanes, cells - cell);
      const float* const in = from + channel * from_pitch + cell;
      Vector rows[lanes];
      for (int i = 0; i < some_channels; ++i) hwy::Prefetch(in + i * from_pitch + ahead);
      if (some_cells == lanes && some_channels == lanes) {
        TCONV_UNROLL for (int i = 0; i < lanes; ++i) rows[i] = hn::LoadU(d, in + i * from_pitch);
      } else {
        TCONV_UNROLL for (int i = 0; i < lanes; ++i) {
          rows[i] = i < some_channels ? load_some(in + i * from_pitch, some_cells) : hn::Zero(d);
        }
      }
      transpose(d, rows);
      float* const out = to + cell * pitch + channel;
      TCONV_UNROLL for (int i = 0; i < lanes; ++i) {
        if (i < some_cells) store_lanes(rows[i], out + i * pitch, 0, some_channels);
      }
    }
  }
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all_shapes);
HWY_EXPORT(transpose_cells);
}  // namespace

std::span<const OuterShape> outer_shapes() { return HWY_DYNAMIC_DISPATCH(all_shapes)(); }

OuterShape best_outer_shape(std::int64_t in, std::int64_t out) {
  OuterShape best{};
  double least = 0;
  for (const OuterShape& shape : outer_shapes()) {
    const std::int64_t width = std::int64_t{shape.vectors} * vector_lanes();
    const auto tiles = static_cast<double>(ceil_div(in, shape.rows) * ceil_div(out, width));
    const double multiply = 0.5 * shape.rows * shape.vectors;
    const double load = 0.5 * (shape.rows + shape.vectors + 1);
    const double cycles = tiles * std::max(multiply, load);
    if (best.run == nullptr || cycles < least) {
      best = shape;
      least = cycles;
    }
  }
  return best;
}

void transpose(const float* from, std::int64_t from_pitch, std::int64_t channels, std::int64_t cells, float* to,
               std::int64_t pitch) {
  HWY_DYNAMIC_DISPATCH(transpose_cells)(from, from_pitch, channels, cells, to, pitch);
}

}  // namespace tconv
#endif
