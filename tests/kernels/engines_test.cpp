// Every engine, on every instruction set that this machine has, against painting.
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <limits>

#include "core/scatter_add.h"
#include "kernels/prepared_layer.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

/// Lets the kernels use nothing better than one instruction set.
class OnTarget {
 public:
  explicit OnTarget(std::int64_t target) { hwy::SetSupportedTargetsForTest(target); }
  ~OnTarget() { hwy::SetSupportedTargetsForTest(0); }
};

constexpr float guard = 12345.0F;
constexpr std::size_t guards = 40;

/// The engine's output; fails when it wrote beside it. Before the run everything is NaN.
std::vector<float> run(PreparedLayer& prepared, const LayerSpec& layer, const Tensor& input, const Team& team) {
  const auto size = static_cast<std::size_t>(output_shape(layer).elements());
  std::vector<float> memory(size + 2 * guards, guard);
  // Not aligned to anything but a float.
  const std::size_t begin = guards - 3;
  std::fill_n(memory.begin() + begin, size, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(prepared.run(input.data(), memory.data() + begin, team));
  for (std::size_t i = 0; i < begin; ++i) EXPECT_EQ(memory[i], guard) << "before the output";
  for (std::size_t i = begin + size; i < memory.size(); ++i) EXPECT_EQ(memory[i], guard) << "behind the output";
  return {memory.begin() + begin, memory.begin() + static_cast<std::ptrdiff_t>(begin + size)};
}

double rms_error(std::span<const float> found, std::span<const float> truth) {
  double error = 0;
  double square = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double difference = static_cast<double>(found[i]) - truth[i];
    error += difference * difference;
    square += static_cast<double>(truth[i]) * truth[i];
  }
  return square == 0 ? std::sqrt(error) : std::sqrt(error / square);
}

class Engines : public testing::TestWithParam<std::int64_t> {};

TEST_P(Engines, AgreeWithPaintingOnRandomLayers) {
  const OnTarget on(GetParam());
  const Team one(1);
  const Team two(2);
  test::RandomLayers random;
  for (int i = 0; i < 400; i += test::every_nth) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    const Tensor input = random.floats(input_shape(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    const Tensor bias = layer.bias ? random.floats(Shape{layer.out_channels}) : Tensor();
    const Tensor truth = scatter_add(layer, input, weight, bias);
    const LayerPlan plan = plan_of(layer);
    for (const Engine& engine : listed_engines()) {
      SCOPED_TRACE(engine.id);
      if (!engine.estimate(plan).possible) continue;
      PreparedLayer prepared(layer, weight, bias, engine.id);
      EXPECT_EQ(prepared.engine(), engine.id);
      const std::vector<float> output = run(prepared, layer, input, one);
      EXPECT_LT(rms_error(output, truth.values()), 2e-6);
      EXPECT_EQ(run(prepared, layer, input, two), output) << "two threads";
      ASSERT_FALSE(HasFailure());
    }
  }
}

std::string name_of(const testing::TestParamInfo<std::int64_t>& info) { return hwy::TargetName(info.param); }
INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Engines, testing::ValuesIn(instruction_sets()), name_of);

TEST(Planner, TakesTheEngineThatExpectsTheFewestCycles) {
  LayerSpec layer;
  for (AxisSpec& axis : layer.spatial())
    axis = {.input = 20, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  layer.in_channels = layer.out_channels = 8;
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  const PreparedLayer prepared(layer, weight, {});
  std::string_view best;
  double least = std::numeric_limits<double>::infinity();
  for (const Engine& engine : listed_engines()) {
    const Estimate estimate = engine.estimate(plan_of(layer));
    EXPECT_FALSE(estimate.why.empty()) << engine.id;
    if (estimate.possible && estimate.cycles < least) {
      least = estimate.cycles;
      best = engine.id;
    }
  }
  EXPECT_EQ(prepared.engine(), best);
  EXPECT_EQ(prepared.explanation().size(), 1 + listed_engines().size());
  EXPECT_THROW(PreparedLayer(layer, weight, {}, "nobody"), std::invalid_argument);
}

TEST(Planner, PaintsWhatHasTooManyPhases) {
  LayerSpec layer;
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 2, .kernel = 2, .stride = 3000};
  const Tensor input = Tensor::filled(input_shape(layer), 2);
  const Tensor weight = Tensor::filled(weight_shape(layer), 3);
  EXPECT_EQ(fast_transposed_conv(layer, input, weight, {}, {}), scatter_add(layer, input, weight));
}

}  // namespace
}  // namespace tconv
