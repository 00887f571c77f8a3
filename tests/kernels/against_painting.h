#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/scatter_add.h"
#include "kernels/engine.h"
#include "kernels_test_support.h"
#include "support/random_layers.h"

namespace tconv::test {

/// One engine's output against painting's: exact on whole numbers, within rounding on others, nothing written beside
/// the output, the same bits from two threads and from a kernel that has run before. `layer`: one that the engine's
/// estimate calls possible.
inline void expect_painting(const Engine& engine, const LayerSpec& layer, RandomLayers& random) {
  SCOPED_TRACE(layer_text(layer));
  const LayerPlan plan = plan_of(layer);
  const Estimate estimate = engine.estimate(plan);
  ASSERT_TRUE(estimate.possible) << estimate.why;
  EXPECT_GT(estimate.cycles, 0);
  EXPECT_FALSE(estimate.why.empty());
  static const Team one(1);
  static const Team two(2);
  for (const bool whole : {true, false}) {
    const auto numbers = [&](const Shape& shape) { return whole ? random.integers(shape) : random.floats(shape); };
    const Tensor weight = numbers(weight_shape(layer));
    const Tensor bias = layer.bias ? numbers(Shape{layer.out_channels}) : Tensor();
    const std::unique_ptr<Kernel> kernel = engine.prepare(plan, weight.data(), bias.empty() ? nullptr : bias.data());
    EXPECT_FALSE(kernel->way().empty());
    for (int repeat = 0; repeat < 2; ++repeat) {
      const Tensor input = numbers(input_shape(layer));
      const auto run = [&](const Team& team) {
        return guarded(plan.output_size(), [&](float* output) { return kernel->run(input.data(), output, team, {}); });
      };
      const Tensor truth = scatter_add(layer, input, weight, bias);
      const std::vector<float> output = run(one);
      if (whole) {
        EXPECT_TRUE(std::ranges::equal(output, truth.values())) << "whole numbers, run " << repeat;
      } else {
        EXPECT_LT(rms_error(output, truth.values()), 1e-6) << "run " << repeat;
      }
      EXPECT_EQ(run(two), output) << "two threads";
    }
  }
}

/// Likewise of whole numbers, with an output of more than `floats` that begins `offset` floats behind a cache line: of
/// those larger than the caches, what is aligned is written past them.
inline void expect_painting_past_the_caches(const Engine& engine, const LayerSpec& layer, std::size_t floats,
                                            std::size_t offset) {
  SCOPED_TRACE(layer_text(layer) + ", " + std::to_string(offset));
  RandomLayers random;
  const Tensor weight = random.integers(weight_shape(layer));
  const Tensor input = random.integers(input_shape(layer));
  const LayerPlan plan = plan_of(layer);
  const auto size = static_cast<std::size_t>(plan.output_size());
  ASSERT_GT(size, floats);
  constexpr std::size_t line = 16;
  constexpr float guard = 12345;
  std::vector<float> memory(size + 4 * line, guard);
  const std::size_t within = reinterpret_cast<std::uintptr_t>(memory.data()) / sizeof(float) % line;
  float* const output = memory.data() + 2 * line - within + offset;
  EXPECT_TRUE(engine.prepare(plan, weight.data(), nullptr)->run(input.data(), output, Team(2), {}));
  const Tensor truth = scatter_add(layer, input, weight);
  EXPECT_TRUE(std::equal(truth.values().begin(), truth.values().end(), output));
  EXPECT_EQ(output[-1], guard);
  EXPECT_EQ(output[size], guard);
}

}  // namespace tconv::test
