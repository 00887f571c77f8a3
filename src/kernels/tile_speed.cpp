#include "kernels/tile_speed.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/tile_speed.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <thread>

#include "kernels/buffer.h"
#include "kernels/matrix_tiles.h"
#include "kernels/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

/// What the vectors' kernels do all day: 7 numbers times 2 vectors, read and added up, `rounds` times in 7 cycles.
float vector_rounds(const float* HWY_RESTRICT from, std::int64_t rounds) {
  const Floats d;
  constexpr int outputs = 7;
  Vector sums[outputs][2];
  TCONV_UNROLL for (int out = 0; out < outputs; ++out) sums[out][0] = sums[out][1] = hn::Zero(d);
  for (std::int64_t round = 0; round < rounds; ++round) {
    const float* const at = from + round % 8 * 2 * lanes;
    const Vector x[2] = {hn::LoadU(d, at), hn::LoadU(d, at + lanes)};
    TCONV_UNROLL for (int out = 0; out < outputs; ++out) {
      const Vector weight = hn::Set(d, at[out]);
      sums[out][0] = hn::MulAdd(x[0], weight, sums[out][0]);
      sums[out][1] = hn::MulAdd(x[1], weight, sums[out][1]);
    }
  }
  Vector sum = hn::Zero(d);
  TCONV_UNROLL for (int out = 0; out < outputs; ++out) sum = hn::Add(sum, hn::Add(sums[out][0], sums[out][1]));
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(vector_rounds);

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double measured_cycles() {
  constexpr std::int64_t steps = 8;
  constexpr std::int64_t rounds = 2000;
  constexpr int products = 24;  // of a step
  FloatBuffer floats(2 * steps * tile_step_words + tile_rows * tile_columns);
  std::ranges::fill(floats.span(), 1.0F);
  const auto* const words = reinterpret_cast<const std::uint32_t*>(floats.data());
  std::array<std::int64_t, steps> begins{};
  for (std::size_t step = 0; step < steps; ++step) begins[step] = static_cast<std::int64_t>(step) * 4 * tile_step_words;
  const TileProduct product{.rows = packed_rows(words),
                            .rows_step = 4 * tile_step_words,
                            .columns = packed_columns(words + steps * tile_step_words),
                            .steps = begins,
                            .half = false,
                            .add = false,
                            .results = floats.data() + 2 * steps * tile_step_words};
  const TileUse use;
  // The neighbour comes and goes: looked at for a while, and what it takes in the worse moments counts, since a plan
  // that was made in a good one is kept.
  std::array<double, 16> ratios{};
  for (double& ratio : ratios) {
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 4; ++i) multiply_tiles(product);
    const double tiles = seconds_since(start) / (4 * steps * products);
    start = std::chrono::steady_clock::now();
    [[maybe_unused]] volatile const float sum = HWY_DYNAMIC_DISPATCH(vector_rounds)(floats.data(), rounds);
    ratio = tiles / (seconds_since(start) / (7 * rounds));
  }
  std::ranges::sort(ratios);
  return ratios[ratios.size() * 3 / 4];
}

}  // namespace

double tile_product_cycles() {
  static const double cycles = measured_cycles();
  return cycles;
}

}  // namespace tconv
#endif
