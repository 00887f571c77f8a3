#include "kernels/direct_tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/direct_tiles.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include "kernels/interleave-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

/// Without this the compiler keeps arrays of vectors in memory: it takes them apart only once loops are gone.
#define TCONV_UNROLL _Pragma("GCC unroll 32")

template <int phases, int outputs, int vectors>
struct Sums {
  Vector v[phases][outputs][vectors];
};

template <int phases, int outputs, int vectors>
HWY_INLINE void add_products(Sums<phases, outputs, vectors>& sums, const DirectTile& tile,
                             const float* HWY_RESTRICT input, std::int64_t channels,
                             const float* HWY_RESTRICT& weights) {
  const Floats d;
  const DirectTerm* const begin = tile.terms.data();
  const DirectTerm* const end = begin + tile.terms.size();
  const float* HWY_RESTRICT w = weights;
  for (std::int64_t channel = 0; channel < channels; ++channel, input += tile.input_stride) {
    for (const DirectTerm* term = begin; term != end; ++term) {
      const float* HWY_RESTRICT at = input + term->offset;
      Vector x[vectors];
      TCONV_UNROLL for (int i = 0; i < vectors; ++i) x[i] = hn::LoadU(d, at + i * lanes);
      const std::uint32_t reached = term->phases;
      TCONV_UNROLL for (int phase = 0; phase < phases; ++phase) {
        if (phases > 1 && (reached >> phase & 1) == 0) continue;
        TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
          const Vector weight = hn::Set(d, w[out]);
          TCONV_UNROLL for (int i = 0; i < vectors; ++i) {
            sums.v[phase][out][i] = hn::MulAdd(weight, x[i], sums.v[phase][out][i]);
          }
        }
        w += outputs;
      }
    }
  }
  weights = w;
}

template <int phases_x, int phases_y, int outputs, int vectors>
HWY_NOINLINE void run_tile(const DirectTile& tile) {
  constexpr int phases = phases_x * phases_y;
  const Floats d;
  Sums<phases, outputs, vectors> sums;
  TCONV_UNROLL for (int phase = 0; phase < phases; ++phase) {
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      TCONV_UNROLL for (int i = 0; i < vectors; ++i) sums.v[phase][out][i] = hn::Set(d, tile.bias[out]);
    }
  }
  const float* weights = tile.weights;
  const float* input = tile.input;
  std::int64_t left = tile.channels;
  while (left > tile.channels_apart) {
    add_products(sums, tile, input, tile.channels_apart, weights);
    input += tile.channels_apart * tile.input_stride;
    const bool first = left == tile.channels;
    left -= tile.channels_apart;
    float* kept = tile.sums;
    TCONV_UNROLL for (int phase = 0; phase < phases; ++phase) {
      TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
        TCONV_UNROLL for (int i = 0; i < vectors; ++i, kept += lanes) {
          Vector& sum = sums.v[phase][out][i];
          hn::StoreU(first ? sum : hn::Add(sum, hn::LoadU(d, kept)), d, kept);
          sum = hn::Zero(d);
        }
      }
    }
  }
  add_products(sums, tile, input, left, weights);
  if (left < tile.channels) {
    const float* kept = tile.sums;
    TCONV_UNROLL for (int phase = 0; phase < phases; ++phase) {
      TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
        TCONV_UNROLL for (int i = 0; i < vectors; ++i, kept += lanes) {
          sums.v[phase][out][i] = hn::Add(sums.v[phase][out][i], hn::LoadU(d, kept));
        }
      }
    }
  }

  const Interleaver interleave;
  TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
    if (out >= tile.outputs) break;
    TCONV_UNROLL for (int row = 0; row < phases_y; ++row) {
      if (row >= tile.rows) break;
      float* to = tile.output + out * tile.output_stride + row * tile.row_stride;
      const bool stream = tile.past_the_caches && reinterpret_cast<std::uintptr_t>(to) % (lanes * sizeof(float)) == 0;
      TCONV_UNROLL for (int i = 0; i < vectors; ++i, to += phases_x * lanes) {
        Vector parts[phases_x];
        TCONV_UNROLL for (int p = 0; p < phases_x; ++p) parts[p] = sums.v[row * phases_x + p][out][i];
        store_interleaved<phases_x>(interleave, parts, to, stream);
      }
    }
  }
}

template <int phases_x, int phases_y, int outputs, int vectors>
constexpr DirectShape shape() {
  return {phases_x, phases_y, outputs, vectors, &run_tile<phases_x, phases_y, outputs, vectors>};
}

// As many sums as registers can hold beside the inputs and one weight; few enough shapes to compile in reasonable time.
#if HWY_TARGET <= HWY_AVX3
constexpr DirectShape shapes[] = {
    shape<1, 1, 8, 3>(), shape<1, 1, 6, 4>(), shape<1, 1, 7, 4>(), shape<1, 1, 4, 4>(), shape<1, 1, 3, 6>(),
    shape<1, 1, 2, 8>(), shape<1, 1, 1, 8>(), shape<1, 1, 8, 1>(),  //
    shape<2, 1, 7, 2>(), shape<2, 1, 6, 2>(), shape<2, 1, 4, 3>(), shape<2, 1, 8, 1>(), shape<2, 1, 3, 4>(),
    shape<2, 2, 3, 2>(), shape<2, 2, 2, 3>(), shape<2, 2, 1, 4>(), shape<2, 1, 1, 4>(),  //
    shape<3, 1, 4, 2>(), shape<3, 1, 2, 4>(), shape<3, 3, 1, 2>(), shape<3, 1, 1, 4>(),  //
    shape<4, 1, 3, 2>(), shape<4, 1, 6, 1>(), shape<4, 1, 1, 4>(),
};
#else
constexpr DirectShape shapes[] = {
    shape<1, 1, 6, 2>(), shape<1, 1, 4, 2>(), shape<1, 1, 3, 3>(), shape<1, 1, 1, 8>(),  //
    shape<2, 1, 3, 2>(), shape<2, 1, 6, 1>(), shape<2, 1, 1, 4>(), shape<2, 2, 1, 2>(),  //
    shape<3, 1, 4, 1>(), shape<3, 1, 1, 4>(),                                            //
    shape<4, 1, 3, 1>(), shape<4, 1, 1, 2>(),
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

std::span<const DirectShape> direct_shapes() { return HWY_DYNAMIC_DISPATCH(all_shapes)(); }

}  // namespace tconv
#endif
