#include "kernels/direct_tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/direct_tiles.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include "kernels/direct_tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

template <int phases_x, int phases_y, int outputs, int vectors>
HWY_NOINLINE void run_tile(const DirectTile& tile) {
  constexpr int phases = phases_x * phases_y;
  const Floats d;
  const DirectTerm* const first_term = tile.terms.data();
  const DirectTerm* const last_term = first_term + tile.terms.size();
  const float* HWY_RESTRICT weights = tile.weights;
  const float* HWY_RESTRICT input = tile.input;
  Vector sums[phases][outputs][vectors];
  for (std::int64_t left = tile.channels;;) {
    const bool first = left == tile.channels;
    begin_sums(sums, tile, first);
    const std::int64_t now = left < tile.channels_apart ? left : tile.channels_apart;
    left -= now;
    for (std::int64_t channel = 0; channel < now; ++channel, input += tile.input_stride) {
      for (const DirectTerm* term = first_term; term != last_term; ++term) {
        const float* HWY_RESTRICT at = input + term->offset;
        Vector x[vectors];
        TCONV_UNROLL for (int i = 0; i < vectors; ++i) x[i] = hn::LoadU(d, at + i * lanes);
        TCONV_UNROLL for (int phase = 0; phase < phases; ++phase) {
          if (phases > 1 && (term->phases >> phase & 1) == 0) continue;
          TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
            const Vector weight = hn::Set(d, weights[out]);
            TCONV_UNROLL for (int i = 0; i < vectors; ++i) {
              sums[phase][out][i] = hn::MulAdd(weight, x[i], sums[phase][out][i]);
            }
          }
          weights += outputs;
        }
      }
    }
    if (!first) add_kept(sums, tile.sums);
    if (left == 0) break;
    keep(sums, tile.sums);
  }
  write<phases_x, phases_y>(sums, tile);
}

template <int phases_x, int phases_y, int outputs, int vectors>
constexpr DirectShape shape() {
  return {phases_x, phases_y, outputs, vectors, 0, false, &run_tile<phases_x, phases_y, outputs, vectors>};
}

// As many sums as registers can hold beside the inputs and one weight; few enough shapes to compile in reasonable time.
#if HWY_TARGET <= HWY_AVX3
constexpr DirectShape shapes[] = {
    shape<1, 1, 8, 3>(), shape<1, 1, 6, 4>(), shape<1, 1, 7, 4>(), shape<1, 1, 4, 4>(),  shape<1, 1, 3, 6>(),
    shape<1, 1, 2, 8>(), shape<1, 1, 1, 8>(), shape<1, 1, 8, 1>(), shape<1, 1, 13, 2>(),  //
    shape<2, 1, 7, 2>(), shape<2, 1, 6, 2>(), shape<2, 1, 4, 3>(), shape<2, 1, 8, 1>(),  shape<2, 1, 3, 4>(),
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

std::span<const DirectShape> general_shapes() { return HWY_DYNAMIC_DISPATCH(all_shapes)(); }

}  // namespace tconv
#endif
