// Every engine, on every instruction set that this machine has, against painting.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "core/scatter_add.h"
#include "kernels/kernels_test_support.h"
#include "kernels/large_layers.h"
#include "kernels/prepared_layer.h"
#include "support/pace.h"
#include "support/random_layers.h"
#include "support/words.h"

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
  for (const Engine& engine : test::engines_under_test()) {
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

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Engines, testing::ValuesIn(test::instruction_sets_and_tiles()),
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
  for (const std::string& line : prepared.explanation()) {
    const bool engines_word = test::contains(line, " on " + instruction_set()) || test::contains(line, " cycles, ");
    EXPECT_TRUE(engines_word || test::contains(line, ": no: only for ")) << line;
  }
}

TEST(Planner, SaysWhyAnEngineCannotAndWhichCan) {
  const test::OnTarget on(instruction_sets().front());  // wherever this runs
  const auto refusal = [](const LayerSpec& layer, std::string_view engine) -> std::string {
    try {
      PreparedLayer(layer, Tensor::filled(weight_shape(layer), 1), {}, engine);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "none";
  };
  LayerSpec layer;
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 64, .kernel = 4, .stride = 2};
  layer.in_channels = layer.out_channels = 16;
  EXPECT_EQ(refusal(layer, "direct"), "none");
  EXPECT_EQ(refusal(layer, "one_channel"),
            "one_channel is only for one channel in and one out of every group; possible: direct, toom_cook");
  EXPECT_EQ(refusal(layer, "nobody"), "there is no engine 'nobody'; possible: direct, toom_cook");
  layer.axes[0] = {.input = 2, .kernel = 2, .stride = 100'000};
  layer.axes[1] = {.input = 20, .kernel = 7, .stride = 2};
  layer.in_channels = layer.out_channels = 1;
  const std::string none = refusal(layer, "");
  EXPECT_TRUE(none.starts_with("no engine can compute this layer: direct is only for layers of at most ")) << none;
  EXPECT_TRUE(test::contains(refusal(layer, "direct"), "; no other engine can either")) << refusal(layer, "direct");
}

TEST(Planner, CyclesInWords) {
  constexpr std::array<std::pair<double, std::string_view>, 9> cases{{{0.2, "1 cycle"},
                                                                      {94.4, "94 cycles"},
                                                                      {999.4, "999 cycles"},
                                                                      {999.6, "1.0 thousand cycles"},
                                                                      {12345, "12.3 thousand cycles"},
                                                                      {99.96e3, "100 thousand cycles"},
                                                                      {999.6e3, "1.0 million cycles"},
                                                                      {5.08e6, "5.1 million cycles"},
                                                                      {7.2e12, "7200 billion cycles"}}};
  for (const auto& [cycles, words] : cases) EXPECT_EQ(cycles_in_words(cycles), words);
}

TEST_P(Engines, InstructionsAreCalledAsPeopleCallThem) {
  constexpr std::array<std::string_view, 5> names{"AVX-512", "AVX2", "SSE4", "NEON", "EMU128"};
  const test::OnTarget on(GetParam());
  if (std::string_view(hwy::TargetName(GetParam())).starts_with("AVX3")) {
    EXPECT_EQ(instruction_set(), "AVX-512");
  }
  EXPECT_NE(std::ranges::find(names, instruction_set()), names.end()) << instruction_set();
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
