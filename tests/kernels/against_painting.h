#pragma once
// One engine's output against painting's: exact on whole numbers, within rounding on others, nothing written beside the
// output, the same bits from any number of threads and from a kernel that has run before.

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "core/scatter_add.h"
#include "kernels/engine.h"
#include "kernels/layer_plan.h"
#include "support/random_layers.h"

namespace tconv::test {

/// Lets the kernels use nothing better than one instruction set.
class OnInstructionSet {
 public:
  explicit OnInstructionSet(std::int64_t target) { hwy::SetSupportedTargetsForTest(target); }
  ~OnInstructionSet() { hwy::SetSupportedTargetsForTest(0); }
};
inline std::string instruction_set_name(const testing::TestParamInfo<std::int64_t>& info) {
  return hwy::TargetName(info.param);
}

/// Fails when something was written before or behind the output, which is aligned to a float only.
inline std::vector<float> guarded_run(Kernel& kernel, const LayerPlan& plan, const Tensor& input, const Team& team) {
  constexpr std::size_t guards = 41;
  constexpr float guard = 12345.0F;
  const auto size = static_cast<std::size_t>(plan.output_size());
  std::vector<float> memory(size + 2 * guards, guard);
  std::fill_n(memory.begin() + guards, size, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(kernel.run(input.data(), memory.data() + guards, team, {}));
  for (std::size_t i = 0; i < guards; ++i) {
    EXPECT_EQ(memory[i], guard) << "before the output";
    EXPECT_EQ(memory[guards + size + i], guard) << "behind the output";
  }
  return {memory.begin() + guards, memory.end() - guards};
}

/// Relative to the rms of the truth.
inline double rms_error(const std::vector<float>& found, std::span<const float> truth) {
  double error = 0;
  double square = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    error += std::pow(static_cast<double>(found[i]) - truth[i], 2);
    square += std::pow(static_cast<double>(truth[i]), 2);
  }
  return std::sqrt(square == 0 ? error : error / square);
}

/// A layer that the engine's estimate calls possible.
inline void expect_painting(const Engine& engine, const LayerSpec& layer, RandomLayers& random) {
  SCOPED_TRACE(layer_text(layer));
  const LayerPlan plan = plan_of(layer);
  const Estimate estimate = engine.estimate(plan);
  ASSERT_TRUE(estimate.possible) << estimate.why;
  EXPECT_GT(estimate.cycles, 0);
  EXPECT_FALSE(estimate.why.empty());
  const Team one(1);
  const Team two(2);
  for (const bool whole : {true, false}) {
    const auto numbers = [&](const Shape& shape) { return whole ? random.integers(shape) : random.floats(shape); };
    const Tensor weight = numbers(weight_shape(layer));
    const Tensor bias = layer.bias ? numbers(Shape{layer.out_channels}) : Tensor();
    const std::unique_ptr<Kernel> kernel = engine.prepare(plan, weight.data(), bias.empty() ? nullptr : bias.data());
    EXPECT_FALSE(kernel->way().empty());
    for (int repeat = 0; repeat < 2; ++repeat) {
      const Tensor input = numbers(input_shape(layer));
      const Tensor truth = scatter_add(layer, input, weight, bias);
      const std::vector<float> output = guarded_run(*kernel, plan, input, one);
      if (whole) {
        EXPECT_TRUE(std::ranges::equal(output, truth.values())) << "whole numbers, run " << repeat;
      } else {
        EXPECT_LT(rms_error(output, truth.values()), 1e-6) << "run " << repeat;
      }
      EXPECT_EQ(guarded_run(*kernel, plan, input, two), output) << "two threads";
    }
  }
}

}  // namespace tconv::test
