#pragma once

#include <algorithm>
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

}  // namespace tconv::test
