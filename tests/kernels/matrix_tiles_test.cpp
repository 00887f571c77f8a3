// The engine for processors that multiply tiles of matrices. Elsewhere its tests are skipped.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "against_painting.h"
#include "core/gradients.h"
#include "core/scatter_add.h"
#include "kernels/matrix_tiles_engine.h"
#include "kernels/prepared_layer.h"
#include "kernels/tile_cells.h"
#include "kernels/tile_speed.h"
#include "kernels/weight_gradient_matrix_tiles.h"
#include "large_layers.h"
#include "support/pace.h"
#include "support/words.h"

namespace tconv {

namespace {

#define TCONV_NEEDS_TILES \
  if (!matrix_tiles_there()) GTEST_SKIP() << "this processor has no matrix tiles"

float upper_half(std::uint32_t word) { return std::bit_cast<float>(word & 0xffff0000U); }
float lower_half(std::uint32_t word) { return std::bit_cast<float>(word << 16); }

class TileCells : public testing::TestWithParam<std::int64_t> {};

TEST_P(TileCells, PartsAddUpToTheFloatsExactly) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (const std::int64_t count : {1, 15, 16, 17, 100}) {
    const Tensor even = random.floats(Shape{count});
    const Tensor odd = random.floats(Shape{count});
    for (const bool alone : {false, true}) {
      constexpr std::int64_t stride = 128;
      std::vector<std::uint32_t> words(3 * stride, 7);
      const float largest = split_cells(even.data(), alone ? nullptr : odd.data(), count, words.data(), stride);
      float most = 0;
      for (std::int64_t i = 0; i < count; ++i) {
        const auto part = [&](std::int64_t p) { return words[static_cast<std::size_t>(p * stride + i)]; };
        const float a = even.data()[i];
        const float b = alone ? 0.0F : odd.data()[i];
        EXPECT_EQ(lower_half(part(0)) + (lower_half(part(1)) + lower_half(part(2))), a);
        EXPECT_EQ(upper_half(part(0)) + (upper_half(part(1)) + upper_half(part(2))), b);
        EXPECT_LE(std::abs(a - lower_half(part(0))), std::ldexp(std::abs(a), -8));
        most = std::max({most, std::abs(a), std::abs(b)});
      }
      EXPECT_EQ(largest, most);
      for (std::int64_t p = 0; p < 3; ++p) EXPECT_EQ(words[static_cast<std::size_t>(p * stride + count)], 7);
    }
  }
}

TEST_P(TileCells, TellTheLargestAlsoOfSpecials) {
  const test::OnTarget on(GetParam());
  const std::vector<float> numbers{1, -3, std::numeric_limits<float>::quiet_NaN(), 2};
  std::vector<std::uint32_t> words(64);
  EXPECT_EQ(split_cells(numbers.data(), nullptr, 2, words.data(), 16), 3);
  EXPECT_TRUE(std::isinf(split_cells(numbers.data(), nullptr, 4, words.data(), 16)));
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, TileCells, testing::ValuesIn(instruction_sets()),
                         test::instruction_set_name);

LayerSpec wide_layer(std::int64_t in, std::int64_t out, std::int64_t height, std::int64_t width, const AxisSpec& axis) {
  return test::layer_2d(1, in, out, 1, height, width, axis);
}

LayerSpec random_tiled_layer(test::RandomLayers& random) {
  LayerSpec layer;
  const auto too_much = [&] {
    const LayerPlan plan = plan_of(layer);
    return plan.products() > 4e6 || plan.output_size() > 60'000;
  };
  do {
    layer = {};
    layer.dims = static_cast<int>(random.between(1, 3));
    for (AxisSpec& axis : layer.spatial()) {
      axis.input = random.between(1, layer.dims == 1 ? 150 : layer.dims == 2 ? 40 : 7);
      axis.kernel = random.between(1, 5);
      axis.stride = random.between(1, 5);
      axis.padding_begin = random.between(0, 3);
      axis.padding_end = random.between(0, 3);
      axis.dilation = random.between(1, 3);
      axis.output_padding = random.between(0, 2);
    }
    layer.spatial().back().stride = random.between(1, 4);
    layer.batch = random.between(1, 3);
    layer.groups = random.between(1, 2);
    layer.in_channels = layer.groups * random.between(1, 70);
    layer.out_channels = layer.groups * random.between(1, 70);
    layer.bias = random.between(0, 1) == 1;
  } while (!validate(layer).empty() || too_much());
  return layer;
}

TEST(MatrixTiles, AgreeWithPaintingOnRandomLayers) {
  TCONV_NEEDS_TILES;
  test::RandomLayers random;
  for (int i = 0; i < 200 && !HasFailure(); i += test::every_nth) {
    SCOPED_TRACE("TCONV_TEST_SEED=" + std::to_string(test::test_seed()) + ", layer " + std::to_string(i));
    test::expect_painting(matrix_tiles_engine(), random_tiled_layer(random), random);
  }
}

TEST(MatrixTiles, SharesLongSumsAndManyChunks) {
  TCONV_NEEDS_TILES;
  test::RandomLayers random;
  const AxisSpec axis{.kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1};
  test::expect_painting(matrix_tiles_engine(), wide_layer(600, 33, 5, 7, axis), random);  // sums kept apart
  test::expect_painting(matrix_tiles_engine(), wide_layer(64, 64, 30, 70, axis), random);
  test::expect_painting(matrix_tiles_engine(), wide_layer(33, 260, 4, 5, axis), random);  // shares of blocks
}

TEST(MatrixTiles, WritesPastTheCaches) {
  TCONV_NEEDS_TILES;
  for (const std::size_t offset : {0, 1}) {
    test::expect_painting_past_the_caches(matrix_tiles_engine(), wide_layer(4, 20, 96, 320, {.kernel = 2, .stride = 2}),
                                          2 * 1024 * 1024, offset);
    test::expect_painting_past_the_caches(matrix_tiles_engine(), wide_layer(3, 20, 224, 512, {.kernel = 1}),
                                          2 * 1024 * 1024, offset);
  }
}

std::unique_ptr<WeightGradientWay> way_by_tiles(const LayerSpec& layer, int* others) {
  return weight_gradient_by_matrix_tiles(plan_of(layer), input_gradient_plan(layer), [layer, others] {
    ++*others;
    return weight_gradient_by_lines(layer);
  });
}

void expect_weight_gradient(const LayerSpec& layer, test::RandomLayers& random) {
  SCOPED_TRACE(test::layer_text(layer));
  const Tensor input = random.floats(input_shape(layer));
  const Tensor grad_output = random.floats(output_shape(layer));
  int others = 0;
  const std::unique_ptr<WeightGradientWay> way = way_by_tiles(layer, &others);
  test::expect_truth(*weight_gradient(layer, input, grad_output, {}), [&](float* to, const Team& team) {
    return way->run(input.data(), grad_output.data(), to, team, {});
  });
  EXPECT_EQ(others, 0);
}

TEST(MatrixTiles, WeightGradientsAgreeWithThePlainOnRandomLayers) {
  TCONV_NEEDS_TILES;
  test::RandomLayers random;
  for (int i = 0; i < 150 && !HasFailure(); i += test::every_nth) {
    SCOPED_TRACE("TCONV_TEST_SEED=" + std::to_string(test::test_seed()) + ", layer " + std::to_string(i));
    expect_weight_gradient(random_tiled_layer(random), random);
  }
  expect_weight_gradient(wide_layer(70, 40, 80, 130, {.kernel = 3, .stride = 2, .padding_begin = 1}),
                         random);  // strips
}

TEST(MatrixTiles, WeightGradientsLeaveSpecialsToOthers) {
  TCONV_NEEDS_TILES;
  test::RandomLayers random;
  const LayerSpec layer = wide_layer(20, 20, 9, 11, {.kernel = 3, .stride = 2});
  const Tensor grad_output = random.floats(output_shape(layer));
  for (const float special : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(), 1e30F}) {
    const Tensor some = random.floats(input_shape(layer));
    std::vector<float> values(some.values().begin(), some.values().end());
    values[100] = special;
    const Tensor input(some.shape(), std::move(values));
    int others = 0;
    const std::unique_ptr<WeightGradientWay> way = way_by_tiles(layer, &others);
    std::vector<float> found(static_cast<std::size_t>(weight_shape(layer).elements()));
    EXPECT_TRUE(way->run(input.data(), grad_output.data(), found.data(), Team(1), {}));
    EXPECT_EQ(others, 1);
  }
}

TEST(MatrixTiles, ArePlannedByTheirMeasuredSpeed) {
  TCONV_NEEDS_TILES;
  const double cycles = tile_product_cycles();
  EXPECT_GT(cycles, 0);
  EXPECT_EQ(tile_product_cycles(), cycles);  // the plan of a layer stays
  const LayerPlan plan = plan_of(wide_layer(64, 64, 20, 20, {.kernel = 2, .stride = 2}));
  const Estimate estimate = matrix_tiles_engine().estimate(plan);
  EXPECT_GT(estimate.cycles, 6 * cycles * plan.products() / (16 * 16 * 32));
  EXPECT_TRUE(test::contains(estimate.why, " " + std::to_string(std::lround(cycles)) + " cycles")) << estimate.why;
}

TEST(MatrixTiles, AreLeftOutWhereAnOlderProcessorIsPlayed) {
  const test::OnTarget on(instruction_sets().front());
  const Estimate estimate = matrix_tiles_engine().estimate(plan_of(wide_layer(64, 64, 20, 20, {.kernel = 2})));
  EXPECT_FALSE(estimate.possible);
  EXPECT_TRUE(estimate.why.starts_with("only for processors that multiply tiles")) << estimate.why;
}

/// Tiny numbers beside ordinary ones, most of all in the second channel of a pair: their parts are denormal.
TEST(MatrixTiles, TinyNumbersHarmNoOthers) {
  TCONV_NEEDS_TILES;
  test::RandomLayers random;
  const LayerSpec layer = wide_layer(40, 20, 9, 11, {.kernel = 3, .stride = 2});
  const auto with_tiny = [&](const Tensor& tensor) {
    std::vector<float> values(tensor.values().begin(), tensor.values().end());
    for (float& value : values) {
      if (random.between(0, 9) == 0) value = std::ldexp(value, -static_cast<int>(random.between(90, 149)));
    }
    return Tensor(tensor.shape(), std::move(values));
  };
  for (int i = 0; i < 5; ++i) {
    const Tensor input = with_tiny(random.floats(input_shape(layer)));
    const Tensor weight = with_tiny(random.floats(weight_shape(layer)));
    const Tensor grad_output = with_tiny(random.floats(output_shape(layer)));
    PreparedLayer prepared(layer, weight, {}, "matrix_tiles");
    test::expect_truth(scatter_add(layer, input, weight, {}),
                       [&](float* to, const Team& team) { return prepared.run(input.data(), to, team); });
    int others = 0;
    const std::unique_ptr<WeightGradientWay> way = way_by_tiles(layer, &others);
    test::expect_truth(*weight_gradient(layer, input, grad_output, {}), [&](float* to, const Team& team) {
      return way->run(input.data(), grad_output.data(), to, team, {});
    });
    EXPECT_EQ(others, 0);
  }
}

/// What is too small is judged by the whole array, not by a thread's share of it.
TEST(MatrixTiles, AQuietSampleChangesNothing) {
  TCONV_NEEDS_TILES;
  test::RandomLayers random;
  LayerSpec layer = wide_layer(64, 64, 32, 32, {.kernel = 2, .stride = 2});
  layer.batch = 2;
  const Tensor some = random.floats(input_shape(layer));
  std::vector<float> values(some.values().begin(), some.values().end());
  for (std::size_t i = values.size() / 2; i < values.size(); ++i) values[i] = std::ldexp(values[i], -45);
  const Tensor weight = random.floats(weight_shape(layer));
  const auto kernel = matrix_tiles_engine().prepare(plan_of(layer), weight.data(), nullptr);
  std::vector<float> first;
  for (const int threads : {1, 2, 4, 8}) {
    std::vector<float> output(static_cast<std::size_t>(output_shape(layer).elements()));
    EXPECT_TRUE(kernel->run(values.data(), output.data(), Team(threads), {}));
    EXPECT_FALSE(kernel->spread_specials());
    if (first.empty()) first = output;
    EXPECT_TRUE(output == first) << threads;
  }
}

/// As exact as float32 sums, whatever the arrays' magnitude: what parts cannot hold is left to another engine.
TEST(MatrixTiles, KeepTheDigitsOfLargeAndSmallNumbers) {
  TCONV_NEEDS_TILES;
  test::RandomLayers random;
  const LayerSpec layer = wide_layer(40, 20, 9, 11, {.kernel = 3, .stride = 2});
  const Tensor input = random.floats(input_shape(layer));
  const Tensor weight = random.floats(weight_shape(layer));
  for (const int of_input : {-100, -70, -30, 0, 40, 70}) {
    for (const int of_weight : {-50, -35, 0, 35, 50}) {
      SCOPED_TRACE(std::to_string(of_input) + ", " + std::to_string(of_weight));
      const auto scaled = [](const Tensor& tensor, int exponent) {
        std::vector<float> values(tensor.values().begin(), tensor.values().end());
        for (float& value : values) value = std::ldexp(value, exponent);
        return Tensor(tensor.shape(), std::move(values));
      };
      const Tensor x = scaled(input, of_input);
      const Tensor w = scaled(weight, of_weight);
      if (of_input + of_weight < -110) continue;  // sums would be smaller than what float32 holds
      const Tensor truth = scatter_add(layer, x, w);
      PreparedLayer prepared(layer, w, {}, "matrix_tiles");
      std::vector<float> output(truth.values().size());
      EXPECT_TRUE(prepared.run(x.data(), output.data(), Team(1)));
      EXPECT_LT(test::rms_error(output, truth.values()), 4e-7);
    }
  }
}

}  // namespace
}  // namespace tconv
