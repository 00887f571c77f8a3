// The `toom_cook` engine on layers that it is for, on every instruction set that this machine has, against painting.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <limits>

#include "core/scatter_add.h"
#include "kernels/kernels_test_support.h"
#include "kernels/prepared_layer.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

constexpr std::string_view id = "toom_cook";

Engine engine() {
  for (const Engine& one : listed_engines()) {
    if (one.id == id) return one;
  }
  return {};
}

/// The output, computed twice, the second time over what the first left in the scratch. Fails when something beside it
/// was written. `shift`: floats that it lies behind a place aligned to a cache line.
std::vector<float> run(PreparedLayer& prepared, const LayerSpec& layer, const Tensor& input, const Team& team,
                       std::size_t shift) {
  constexpr float guard = 12345.0F;
  constexpr std::size_t guards = 40;
  constexpr std::size_t line = 64;
  const auto size = static_cast<std::size_t>(output_shape(layer).elements());
  std::vector<float> memory(2 * guards + size + shift + line / sizeof(float), guard);
  std::size_t begin = guards;
  while (reinterpret_cast<std::uintptr_t>(memory.data() + begin) % line != 0) ++begin;
  begin += shift;
  float* const output = memory.data() + begin;
  for (int time = 0; time < 2; ++time) {
    std::fill_n(output, size, std::numeric_limits<float>::quiet_NaN());
    EXPECT_TRUE(prepared.run(input.data(), output, team));
  }
  for (std::size_t i = 0; i < begin; ++i) EXPECT_EQ(memory[i], guard) << "before the output";
  for (std::size_t i = begin + size; i < memory.size(); ++i) EXPECT_EQ(memory[i], guard) << "behind the output";
  return {output, output + size};
}

/// Kernel, stride, dilation of an axis: phases of two, of three, of two and one, of three and two taps, of one, of
/// none.
struct AxisKind {
  std::int64_t kernel;
  std::int64_t stride;
  std::int64_t dilation;
};
constexpr std::array axis_kinds{AxisKind{4, 2, 1}, AxisKind{4, 2, 1}, AxisKind{3, 2, 1}, AxisKind{3, 2, 1},
                                AxisKind{3, 1, 1}, AxisKind{3, 1, 2}, AxisKind{3, 1, 3}, AxisKind{2, 1, 1},
                                AxisKind{2, 1, 5}, AxisKind{5, 2, 1}, AxisKind{6, 2, 1}, AxisKind{4, 3, 1},
                                AxisKind{7, 3, 1}, AxisKind{3, 2, 2}, AxisKind{2, 2, 4}, AxisKind{1, 1, 1},
                                AxisKind{2, 2, 1}, AxisKind{1, 2, 1}, AxisKind{2, 3, 1}};

AxisSpec random_tile_axis(test::RandomLayers& random, std::int64_t most_input) {
  const AxisKind kind = axis_kinds[static_cast<std::size_t>(random.between(0, axis_kinds.size() - 1))];
  AxisSpec axis{.kernel = kind.kernel, .stride = kind.stride, .dilation = kind.dilation};
  do {
    axis.input = random.between(1, most_input);
    const std::int64_t most_padding = random.between(0, 1) * kind.dilation * (kind.kernel - 1) + 1;
    axis.padding_begin = random.between(0, most_padding);
    axis.padding_end = random.between(0, most_padding);
    axis.output_padding = random.between(0, std::max(kind.stride, kind.dilation) - 1);
  } while (output_size(axis) < 1);
  return axis;
}

LayerSpec random_tile_layer(test::RandomLayers& random) {
  LayerSpec layer;
  layer.dims = random.between(0, 9) == 0 ? 1 : 2;
  const bool wide = random.between(0, 9) == 0;
  for (AxisSpec& axis : layer.spatial()) axis = random_tile_axis(random, 14);
  if (wide) layer.axes[static_cast<std::size_t>(layer.dims - 1)].input += random.between(100, 600);
  layer.groups = random.between(0, 4) == 0 ? 2 : 1;
  layer.batch = random.between(1, wide ? 1 : 4);
  const bool deep = !wide && random.between(0, 5) == 0;
  layer.in_channels = layer.groups * random.between(8, deep ? 150 : 20);
  layer.out_channels = layer.groups * random.between(8, deep ? 20 : 70);
  layer.bias = random.between(0, 1) == 1;
  return layer;
}

TEST(ToomCook, AgreesWithPaintingOnEveryInstructionSet) {
  const Team one(1);
  const Team two(2);
  test::RandomLayers random;
  int computed = 0;
  for (int i = 0; i < 120; i += test::every_nth) {
    const LayerSpec layer = random_tile_layer(random);
    SCOPED_TRACE(random.trace(layer));
    ASSERT_TRUE(validate(layer).empty());
    const Tensor input = random.floats(input_shape(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    const Tensor bias = layer.bias ? random.floats(Shape{layer.out_channels}) : Tensor();
    const auto shift = static_cast<std::size_t>(random.between(0, 16));
    const bool possible = engine().estimate(plan_of(layer)).possible;
    if (!possible) continue;
    ++computed;
    const Tensor truth = scatter_add(layer, input, weight, bias);
    for (const std::int64_t target : instruction_sets()) {
      const test::OnTarget on(target);
      SCOPED_TRACE(hwy::TargetName(target));
      PreparedLayer prepared(layer, weight, bias, id);
      const std::vector<float> output = run(prepared, layer, input, one, shift);
      EXPECT_LT(test::rms_error(output, truth.values()), 2e-6);
      EXPECT_EQ(run(prepared, layer, input, two, shift), output) << "two threads";
      ASSERT_FALSE(HasFailure());
    }
  }
  EXPECT_GT(computed, 120 / test::every_nth / 2);
}

LayerSpec square_layer(std::int64_t channels_in, std::int64_t channels_out, std::int64_t input, AxisKind kind,
                       std::int64_t padding) {
  LayerSpec layer;
  layer.in_channels = channels_in;
  layer.out_channels = channels_out;
  for (AxisSpec& axis : layer.spatial()) {
    axis = {.input = input,
            .kernel = kind.kernel,
            .stride = kind.stride,
            .padding_begin = padding,
            .padding_end = padding,
            .dilation = kind.dilation};
  }
  return layer;
}

// Rows of tiles of one sample in several parts, parts of several samples, or blocks of channels shared out.
TEST(ToomCook, ThreadsChangeNoBit) {
  test::RandomLayers random;
  std::vector<LayerSpec> layers{square_layer(16, 40, 60, {4, 2, 1}, 1), square_layer(16, 24, 60, {3, 1, 2}, 2),
                                square_layer(24, 16, 61, {3, 2, 1}, 1), square_layer(130, 130, 6, {4, 2, 1}, 1),
                                square_layer(16, 16, 9, {5, 2, 1}, 0)};
  layers.back().batch = 11;
  for (const LayerSpec& layer : layers) {
    SCOPED_TRACE(test::layer_text(layer));
    const Tensor input = random.floats(input_shape(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    PreparedLayer prepared(layer, weight, {}, id);
    const std::vector<float> alone = run(prepared, layer, input, Team(1), 0);
    EXPECT_LT(test::rms_error(alone, scatter_add(layer, input, weight).values()), 1e-6);
    for (const int threads : {2, 3, 5}) {
      EXPECT_EQ(run(prepared, layer, input, Team(threads), 0), alone) << threads << " threads";
    }
  }
}

// Stretches of a row of tiles, of which the last is shorter, and cells behind the last tile that only the bias reaches.
TEST(ToomCook, EndsWideRowsWithTheBias) {
  test::RandomLayers random;
  for (std::int64_t width = 463; width < 470; ++width) {
    LayerSpec layer = square_layer(8, 24, 2, {3, 2, 1}, 0);
    for (AxisSpec& axis : layer.spatial()) axis.output_padding = 1;
    layer.axes[1].input = width;
    const Tensor input = random.floats(input_shape(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    const Tensor bias = random.floats(Shape{layer.out_channels});
    PreparedLayer prepared(layer, weight, bias, id);
    const Tensor truth = scatter_add(layer, input, weight, bias);
    EXPECT_LT(test::rms_error(run(prepared, layer, input, Team(1), 0), truth.values()), 1e-6);
  }
}

TEST(ToomCook, WritesLargeOutputsPastTheCaches) {
  test::RandomLayers random;
  for (const std::int64_t cropped : {0, 1}) {  // rows of whole cache lines, and others
    LayerSpec layer = square_layer(8, 16, 184, {4, 2, 1}, 1);
    layer.axes[0].padding_end += cropped;
    layer.axes[1].padding_end += cropped;
    const Tensor input = random.floats(input_shape(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    const Tensor truth = scatter_add(layer, input, weight);
    PreparedLayer prepared(layer, weight, {}, id);
    for (const std::size_t shift : {0, 1}) {
      EXPECT_LT(test::rms_error(run(prepared, layer, input, Team(2), shift), truth.values()), 1e-6);
    }
  }
}

// Plain float32 sums over so many channels, one tap after the other, were measured to be off by a third of the limits.
TEST(ToomCook, RoundsAtMostThreeTimesWorseThanPlainSums) {
  struct Limit {
    std::int64_t channels;
    double error;
  };
  test::RandomLayers random;
  for (const Limit& limit :
       {Limit{8, 2.0e-7}, {16, 2.5e-7}, {32, 3.3e-7}, {64, 4.5e-7}, {128, 6.1e-7}, {256, 8.6e-7}}) {
    for (const AxisKind& kind : {AxisKind{4, 2, 1}, AxisKind{3, 2, 1}, AxisKind{3, 1, 1}, AxisKind{5, 2, 1}}) {
      const LayerSpec layer = square_layer(limit.channels, 16, 16, kind, 1);
      SCOPED_TRACE(test::layer_text(layer));
      const Tensor input = random.floats(input_shape(layer));
      const Tensor weight = random.floats(weight_shape(layer));
      const Tensor truth = scatter_add(layer, input, weight);
      for (const std::int64_t target : instruction_sets()) {
        const test::OnTarget on(target);
        PreparedLayer prepared(layer, weight, {}, id);
        EXPECT_LT(test::rms_error(run(prepared, layer, input, Team(1), 0), truth.values()), limit.error);
      }
    }
  }
}

TEST(ToomCook, StopsWhenAskedAndCanGoOn) {
  test::RandomLayers random;
  for (const LayerSpec& layer : {square_layer(16, 16, 60, {4, 2, 1}, 1), square_layer(130, 130, 6, {4, 2, 1}, 1)}) {
    const Tensor input = random.floats(input_shape(layer));
    const Tensor weight = random.floats(weight_shape(layer));
    PreparedLayer prepared(layer, weight, {}, id);
    for (const int threads : {1, 2}) {
      const Team team(threads);
      std::vector<float> output(static_cast<std::size_t>(output_shape(layer).elements()));
      std::atomic<int> asked = 0;
      EXPECT_FALSE(prepared.run(input.data(), output.data(), team, [&] { return ++asked < 3; }));
      EXPECT_GE(asked, 3);
      EXPECT_LT(test::rms_error(run(prepared, layer, input, team, 0), scatter_add(layer, input, weight).values()),
                1e-6);
    }
  }
}

TEST(ToomCook, SaysWhatItCannotDo) {
  const auto why = [](const LayerSpec& layer) {
    const Estimate estimate = engine().estimate(plan_of(layer));
    EXPECT_FALSE(estimate.possible);
    return estimate.why;
  };
  EXPECT_EQ(why(square_layer(64, 64, 8, {7, 2, 1}, 0)), "only for phases of at most three taps along an axis");
  EXPECT_EQ(why(square_layer(64, 64, 8, {2, 2, 1}, 0)), "only for phases of two taps and more along an axis");
  EXPECT_EQ(why(square_layer(64, 64, 8, {3, 1, 8}, 0)),
            "only for taps that lie no further apart than the input reaches");
  EXPECT_EQ(why(square_layer(64, 64, 8, {3, 2, 3}, 0)),
            "only for phases that begin within one stride of the first tap");
  EXPECT_EQ(why(square_layer(64, 7, 8, {4, 2, 1}, 0)), "only for channels enough to pay for the transforms");
  LayerSpec deep = square_layer(64, 64, 8, {4, 2, 1}, 0);
  deep.dims = 3;
  deep.axes[2] = deep.axes[1];
  EXPECT_EQ(why(deep), "only for maps of two axes");
}

TEST(ToomCook, IsTakenForManyChannels) {
  const test::OnTarget on(instruction_sets().front());  // the best of vectors, not what has matrix tiles
  const LayerSpec layer = square_layer(128, 128, 16, {4, 2, 1}, 1);
  const PreparedLayer prepared(layer, Tensor::filled(weight_shape(layer), 1), {});
  EXPECT_EQ(prepared.engine(), id);
}

}  // namespace
}  // namespace tconv
