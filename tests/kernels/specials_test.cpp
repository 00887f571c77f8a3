// NaN and infinities in the arrays: where painting has them, and nowhere else. Every engine and every way to a
// gradient, on every instruction set that this machine has.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string_view>

#include "core/gradients.h"
#include "core/scatter_add.h"
#include "kernels/finite.h"
#include "kernels/kernels_test_support.h"
#include "kernels/large_layers.h"
#include "kernels/prepared_gradients.h"
#include "kernels/prepared_layer.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

class Specials : public testing::TestWithParam<std::int64_t> {};

/// With up to three elements replaced by NaN or infinities.
Tensor spoiled(const Tensor& tensor, test::RandomLayers& random) {
  std::vector<float> values(tensor.values().begin(), tensor.values().end());
  const std::int64_t count = random.between(1, 3);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t kind = random.between(0, 2);
    // Also zeros, which make NaN of infinities.
    values[static_cast<std::size_t>(random.between(0, tensor.size() - 1))] = 0;
    values[static_cast<std::size_t>(random.between(0, tensor.size() - 1))] = kind == 0   ? nan
                                                                             : kind == 1 ? infinity
                                                                                         : -infinity;
  }
  return {tensor.shape(), std::move(values)};
}

std::string_view number(float value) {
  if (std::isfinite(value)) return "a finite number";
  return std::isnan(value) ? "NaN" : value > 0 ? "+infinity" : "-infinity";
}

void expect_same_specials(std::span<const float> found, std::span<const float> truth) {
  std::vector<float> finite_found;
  std::vector<float> finite_truth;
  int wrong = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (number(found[i]) == number(truth[i])) {
      if (!std::isfinite(truth[i])) continue;
      finite_found.push_back(found[i]);
      finite_truth.push_back(truth[i]);
    } else if (++wrong <= 3) {
      ADD_FAILURE() << "element " << i << " is " << number(found[i]) << ", not " << number(truth[i]);
    }
  }
  EXPECT_EQ(wrong, 0) << "of " << truth.size();
  EXPECT_LT(test::rms_error(finite_found, finite_truth), 2e-6);
}

struct Arrays {
  Tensor input;
  Tensor weight;
  Tensor bias;
};

/// Random ones with NaN and infinities in one or more.
Arrays spoiled_arrays(const LayerSpec& layer, test::RandomLayers& random) {
  Arrays arrays{random.floats(input_shape(layer)), random.floats(weight_shape(layer)),
                layer.bias ? random.floats(Shape{layer.out_channels}) : Tensor()};
  const std::int64_t which = random.between(0, 5);
  if (which <= 2 || which == 5) arrays.input = spoiled(arrays.input, random);
  if (which == 3 || which == 5) arrays.weight = spoiled(arrays.weight, random);
  if (layer.bias && which >= 4) arrays.bias = spoiled(arrays.bias, random);
  return arrays;
}

/// For the engines and ways that want some channels.
LayerSpec layer_of_many_channels(test::RandomLayers& random) {
  LayerSpec layer = random.layer(500);
  layer.in_channels = layer.groups * random.between(8, 40);
  layer.out_channels = layer.groups * random.between(1, 40);
  return layer;
}

void expect_specials_agree(const LayerSpec& layer, test::RandomLayers& random) {
  static const Team one(1);
  static const Team two(2);
  const Arrays arrays = spoiled_arrays(layer, random);
  const Tensor truth = scatter_add(layer, arrays.input, arrays.weight, arrays.bias);
  const Tensor next = random.floats(input_shape(layer));
  const Tensor next_truth = scatter_add(layer, next, arrays.weight, arrays.bias);
  for (const Engine& engine : test::engines_under_test()) {
    SCOPED_TRACE(engine.id);
    if (!engine.estimate(plan_of(layer)).possible) continue;
    PreparedLayer prepared(layer, arrays.weight, arrays.bias, engine.id);
    for (const Team* team : {&one, &two}) {
      const auto run = [&](const Tensor& input) {
        return test::guarded(truth.size(), [&](float* output) { return prepared.run(input.data(), output, *team); });
      };
      expect_same_specials(run(arrays.input), truth.values());
      if (testing::Test::HasFailure()) return;
      expect_same_specials(run(next), next_truth.values());  // nothing of them stays behind
    }
  }
}

TEST_P(Specials, AreWherePaintingHasThem) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  for (int i = 0; i < 600; i += test::every_nth) {
    const LayerSpec layer = i % 4 == 0 ? layer_of_many_channels(random) : random.layer();
    SCOPED_TRACE(random.trace(layer));
    expect_specials_agree(layer, random);
    ASSERT_FALSE(HasFailure());
  }
}

TEST_P(Specials, AreWherePaintingHasThemInLargeLayers) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  std::vector<LayerSpec> layers = test::large_layers();
  // One input cell, and outputs between its taps; strides of 5 and more.
  layers.push_back(test::layer_2d(3, 20, 9, 1, 1, 1, {.kernel = 3, .output_padding = 1, .dilation = 2}));
  layers.push_back(test::layer_2d(2, 1, 1, 1, 40, 50, {.kernel = 7, .stride = 6, .padding_begin = 2}));
  layers.push_back(test::layer_2d(1, 2, 3, 1, 9, 200, {.kernel = 11, .stride = 5, .padding_begin = 2}));
  for (const LayerSpec& layer : layers) {
    SCOPED_TRACE(random.trace(layer));
    expect_specials_agree(layer, random);
    ASSERT_FALSE(HasFailure());
  }
}

TEST_P(Specials, OfGradientsAreWhereTheDefinitionHasThem) {
  const test::OnTarget on(GetParam());
  test::RandomLayers random;
  const Team one(1);
  const Team two(2);
  std::vector<LayerSpec> layers = test::large_layers();
  for (int i = 0; i < 300; i += test::every_nth) layers.push_back(random.layer());
  for (int i = 0; i < 60; i += test::every_nth) layers.push_back(layer_of_many_channels(random));
  for (const LayerSpec& layer : layers) {
    SCOPED_TRACE(random.trace(layer));
    const Arrays arrays = spoiled_arrays(layer, random);
    Tensor gradient = random.floats(output_shape(layer));
    if (random.between(0, 1) == 0) gradient = spoiled(gradient, random);
    const auto truth = gradients(layer, arrays.input, arrays.weight, gradient, {});
    PreparedInputGradient of_input(layer, arrays.weight);
    WeightGradient of_weight(layer);
    for (const Team* team : {&one, &two}) {
      expect_same_specials(
          test::guarded(truth->input.size(), [&](float* to) { return of_input.run(gradient.data(), to, *team); }),
          truth->input.values());
      expect_same_specials(
          test::guarded(truth->weight.size(),
                        [&](float* to) { return of_weight.run(arrays.input.data(), gradient.data(), to, *team); }),
          truth->weight.values());
    }
    ASSERT_FALSE(HasFailure());
  }
}

TEST_P(Specials, AreFoundWhereverTheyAre) {
  const test::OnTarget on(GetParam());
  for (const std::size_t count : {1, 15, 16, 63, 64, 65, 200}) {
    std::vector<float> values(count, -std::numeric_limits<float>::max());
    std::vector<float> copy(count);
    const auto size = static_cast<std::int64_t>(count);
    EXPECT_TRUE(all_finite(values.data(), size));
    EXPECT_TRUE(copy_finite(values.data(), size, copy.data()));
    EXPECT_EQ(copy, values);
    for (std::size_t i = 0; i < count; ++i) {
      for (const float special : {nan, infinity, -infinity}) {
        values[i] = special;
        EXPECT_FALSE(all_finite(values.data(), size)) << i << " of " << count;
        EXPECT_FALSE(copy_finite(values.data(), size, copy.data())) << i << " of " << count;
      }
      values[i] = static_cast<float>(i);
    }
  }
  EXPECT_TRUE(all_finite(nullptr, 0));
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, Specials, testing::ValuesIn(test::instruction_sets_and_tiles()),
                         test::instruction_set_name);

}  // namespace
}  // namespace tconv
