// Every engine, on every instruction set that this machine has, against painting.
#include <gtest/gtest.h>

#include <limits>

#include "core/scatter_add.h"
#include "kernels/kernels_test_support.h"
#include "kernels/large_layers.h"
#include "kernels/prepared_layer.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

/// The engine's output; before the run everything is NaN.
std::vector<float> run(PreparedLayer& prepared, const LayerSpec& layer, const Tensor& input, const Team& team) {
  return test::guarded(output_shape(layer).elements(),
                       [&](float* output) { return prepared.run(input.data(), output, team); });
}

class Engines : public testing::TestWithParam<std::int64_t> {};

void expect_every_engine_agrees(const LayerSpec& layer, test::RandomLayers& random) {
  const Team one(1);
  const Team two(2);
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
    EXPECT_LT(test::rms_error(output, truth.values()), 2e-6);
    EXPECT_TRUE(run(prepared, layer, input, two) == output) << "two threads";
  }
}

TEST_P(Engines, AgreeWithPaintingOnRandomLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 400; i += test::every_nth) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    expect_every_engine_agrees(layer, random);
    ASSERT_FALSE(HasFailure());
  }
}

TEST_P(Engines, AgreeWithPaintingOnLargeLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (const LayerSpec& layer : test::large_layers()) {
    SCOPED_TRACE(random.trace(layer));
    expect_every_engine_agrees(layer, random);
    ASSERT_FALSE(HasFailure());
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Engines, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

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
