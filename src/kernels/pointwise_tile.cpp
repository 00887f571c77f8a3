#include "kernels/pointwise_tile.h"

#include <hwy/cache_control.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pointwise_tile.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include "kernels/chained_products.h"
#include "kernels/interleave-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

template <int outputs, int vectors>
class Product {
 public:
  static HWY_NOINLINE void run(const PointwiseTile& tile) {
    const float* x = tile.x;
    std::int64_t x_stride = tile.x_stride;
    for (int block = 0; block < tile.blocks; ++block) {
      run_block(tile, x, x_stride, block);
      if (block > 0 || tile.packed == nullptr) continue;
      x = tile.packed;
      x_stride = vectors * lanes;
    }
  }

 private:
  static HWY_INLINE void run_block(const PointwiseTile& tile, const float* x, std::int64_t x_stride, int block) {
    const Floats d;
    const float* weights = tile.weights + block * outputs * tile.channels;
    const float* const bias = tile.bias + block * outputs;
    float* packed = block == 0 ? tile.packed : nullptr;
    Vector sums[outputs][vectors];
    for (std::int64_t left = tile.channels;;) {
      const bool first = left == tile.channels;
      TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
        const Vector begin = first ? hn::Set(d, bias[out]) : hn::Zero(d);
        TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[out][v] = begin;
      }
      const std::int64_t now = left < chained_products ? left : chained_products;
      if (packed != nullptr) {
        const std::int64_t behind = tile.cells - (vectors - 1) * lanes;  // cells of the last vector
        for (std::int64_t channel = 0; channel < now; ++channel) {
          Vector in[vectors];
          TCONV_UNROLL for (int v = 0; v + 1 < vectors; ++v) in[v] = hn::LoadU(d, x + v * lanes);
          const float* const last = x + (vectors - 1) * lanes;
          in[vectors - 1] = behind >= lanes ? hn::LoadU(d, last) : load_some(last, behind);
          TCONV_UNROLL for (int v = 0; v < vectors; ++v) hn::Store(in[v], d, packed + v * lanes);
          add(in, weights, sums);
          x += x_stride;
          weights += outputs;
          packed += vectors * lanes;
        }
      } else {
        Fetch fetch_0(tile.ahead[0], block, tile.channels - left, tile.weights);
        Fetch fetch_1(tile.ahead[1], block, tile.channels - left, tile.weights);
        for (std::int64_t channel = 0; channel < now; ++channel) {
          Vector in[vectors];
          TCONV_UNROLL for (int v = 0; v < vectors; ++v) in[v] = hn::LoadU(d, x + v * lanes);
          fetch_0.next();
          fetch_1.next();
          add(in, weights, sums);
          x += x_stride;
          weights += outputs;
        }
      }
      left -= now;
      if (!first) add_kept(tile.sums, sums);
      if (left == 0) break;
      keep(sums, tile.sums);
    }
    write(sums, tile, tile.output + block * tile.outputs * tile.output_stride);
  }

  /// A line for each channel from `channel` on; always the same where there is nothing to fetch.
  class Fetch {
   public:
    HWY_INLINE Fetch(const PointwiseTile::Ahead& ahead, int block, std::int64_t channel, const float* nothing)
        : at_(block < ahead.blocks ? ahead.at + block * ahead.step + channel * ahead.stride : nothing),
          stride_(block < ahead.blocks ? ahead.stride : 0) {}
    HWY_INLINE void next() {
      hwy::Prefetch(at_);
      at_ += stride_;
    }

   private:
    const float* at_;
    const std::int64_t stride_;
  };

  static HWY_INLINE void add(const Vector (&in)[vectors], const float* weights, Vector (&sums)[outputs][vectors]) {
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      const Vector weight = hn::Set(Floats(), weights[out]);
      TCONV_UNROLL for (int v = 0; v < vectors; ++v) sums[out][v] = hn::MulAdd(weight, in[v], sums[out][v]);
    }
  }

  static HWY_INLINE void add_kept(const float* kept, Vector (&sums)[outputs][vectors]) {
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      TCONV_UNROLL for (int v = 0; v < vectors; ++v, kept += lanes) {
        sums[out][v] = hn::Add(sums[out][v], hn::LoadU(Floats(), kept));
      }
    }
  }

  static HWY_INLINE void keep(const Vector (&sums)[outputs][vectors], float* kept) {
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      TCONV_UNROLL for (int v = 0; v < vectors; ++v, kept += lanes) hn::StoreU(sums[out][v], Floats(), kept);
    }
  }

  static HWY_INLINE void write(const Vector (&sums)[outputs][vectors], const PointwiseTile& tile, float* output) {
    const std::int64_t behind = tile.cells - (vectors - 1) * lanes;
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      if (out >= tile.outputs) break;
      float* const to = output + out * tile.output_stride;
      const bool stream = tile.past_the_caches && reinterpret_cast<std::uintptr_t>(to) % (lanes * sizeof(float)) == 0;
      TCONV_UNROLL for (int v = 0; v + 1 < vectors; ++v) store(sums[out][v], to + v * lanes, stream);
      float* const last = to + (vectors - 1) * lanes;
      if (behind >= lanes) {
        store(sums[out][vectors - 1], last, stream);
      } else {
        store_some(sums[out][vectors - 1], behind, last);
      }
    }
  }
};

// As many sums as registers can hold beside the inputs and one weight.
#ifdef __SANITIZE_ADDRESS__
#define TCONV_OUTPUTS(vectors) \
  {1, vectors, &Product<1, vectors>::run}, { 3, vectors, &Product<3, vectors>::run }
constexpr PointwiseShape shapes[] = {TCONV_OUTPUTS(1), TCONV_OUTPUTS(2)};
#elif HWY_TARGET <= HWY_AVX3
#define TCONV_OUTPUTS(vectors)                                                          \
  {1, vectors, &Product<1, vectors>::run}, {2, vectors, &Product<2, vectors>::run},     \
      {3, vectors, &Product<3, vectors>::run}, {4, vectors, &Product<4, vectors>::run}, \
      {5, vectors, &Product<5, vectors>::run}, {6, vectors, &Product<6, vectors>::run}, \
      {7, vectors, &Product<7, vectors>::run}, {                                        \
    8, vectors, &Product<8, vectors>::run                                               \
  }
constexpr PointwiseShape shapes[] = {TCONV_OUTPUTS(1), TCONV_OUTPUTS(2), TCONV_OUTPUTS(3)};
#else
#define TCONV_OUTPUTS(vectors)                                                        \
  {1, vectors, &Product<1, vectors>::run}, {2, vectors, &Product<2, vectors>::run}, { \
    4, vectors, &Product<4, vectors>::run                                             \
  }
constexpr PointwiseShape shapes[] = {TCONV_OUTPUTS(1), TCONV_OUTPUTS(2), TCONV_OUTPUTS(3)};
#endif
#undef TCONV_OUTPUTS

std::span<const PointwiseShape> all_shapes() { return shapes; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(all_shapes);
}

std::span<const PointwiseShape> pointwise_shapes() { return HWY_DYNAMIC_DISPATCH(all_shapes)(); }

}  // namespace tconv
#endif
