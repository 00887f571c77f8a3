#include "compute/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compute/upsampling.h"
#include "core/equal_layers.h"
#include "core/resize.h"
#include "document/verdict.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using std::int64_t;

Scenario random_input_scenario(const AxisSpec& axis, const std::string& kernel, int dims = 2) {
  Scenario scenario;
  scenario.layer.dims = dims;
  for (AxisSpec& each : scenario.layer.axes) each = axis;
  scenario.kernel.id = kernel;
  scenario.input.id = "random";
  return scenario;
}

Comparison compared(const Scenario& scenario, const std::string& input = "", bool shrink = false) {
  return *compare(comparison_key(scenario, {.input = input, .shrink = shrink}));
}

const Upsampler* find(const Comparison& comparison, const std::string& id) {
  const auto found = std::ranges::find(comparison.upsamplers, id, &Upsampler::id);
  return found == comparison.upsamplers.end() ? nullptr : &*found;
}

double largest_difference(const Tensor& a, const Tensor& b) {
  EXPECT_EQ(a.shape(), b.shape());
  double largest = 0;
  for (int64_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

Tensor scaled(const Tensor& map, double by) {
  std::vector<float> values;
  for (const float value : map.values()) values.push_back(static_cast<float>(static_cast<double>(value) * by));
  return {map.shape(), values};
}

double sum(const Tensor& map) {
  double all = 0;
  for (const float value : map.values()) all += static_cast<double>(value);
  return all;
}

TEST(Comparison, RipplesOfAFlatInput) {
  const Comparison uneven = compared(random_input_scenario({.input = 20, .kernel = 3, .stride = 2}, "ones"), "ones");
  ASSERT_EQ(uneven.upsamplers.size(), 5U);
  EXPECT_NEAR(find(uneven, "layer")->flat->ripple, 4.0 / 3, 1e-9) << "(4 - 1) / (9 / 4): 133 %";
  EXPECT_NEAR(find(uneven, "layer")->flat->off_dc, 1 - (81.0 / 16) / ((16 + 4 + 4 + 1) / 4.0), 1e-9);
  for (const char* id : {"cure", "nearest", "bilinear", "shuffle"}) EXPECT_EQ(find(uneven, id)->flat->ripple, 0) << id;
  const Comparison even = compared(random_input_scenario({.input = 20, .kernel = 4, .stride = 2}, "ones"), "ones");
  EXPECT_EQ(find(even, "layer")->flat->ripple, 0);
  EXPECT_EQ(find(even, "cure"), nullptr) << "there is nothing to cure";
}

/// What the table says of a flat input is what the pictures of it show.
TEST(Comparison, TheRippleIsThatOfTheOutput) {
  test::RandomLayers random;
  int seen = 0;
  for (int i = 0; i < 40; ++i) {
    Scenario scenario;
    scenario.layer = random.layer(400);
    scenario.kernel = {.id = "random", .seed = 5, .values = {}};
    SCOPED_TRACE(random.trace(scenario.layer));
    const Comparison comparison = compared(scenario, "ones");
    if (comparison.layer.out_channels > 1) continue;  // the worst channel may be another one
    for (const Upsampler& one : comparison.upsamplers) {
      if (std::ranges::all_of(comparison.margin, [](int64_t cells) { return cells == 0; }) || !one.scaled) continue;
      double low = INFINITY;
      double high = -INFINITY;
      const Shape& shape = one.output.shape();
      for (int64_t flat = 0; flat < one.output.size(); ++flat) {
        int64_t rest = flat;
        bool inside = true;
        for (int a = shape.rank() - 1; a >= 2; --a) {
          const int64_t at = rest % shape[a];
          rest /= shape[a];
          const int64_t margin = comparison.margin[static_cast<std::size_t>(a + 3 - shape.rank())];
          inside = inside && at >= margin && at < shape[a] - margin && margin > 0;
        }
        if (!inside) continue;
        low = std::min(low, static_cast<double>(one.output[flat]));
        high = std::max(high, static_cast<double>(one.output[flat]));
        ++seen;
      }
      if (low > high) continue;
      EXPECT_NEAR(high - low, one.flat->ripple, 1e-3 + 1e-3 * one.flat->ripple) << one.label;
      EXPECT_NEAR((high + low) / 2, 1, 1e-3 + one.flat->ripple) << one.label;
    }
  }
  EXPECT_GT(seen, 1000);
}

TEST(Comparison, ResizingFirstEqualsTheLayerWithABoxedKernel) {
  for (int dims = 1; dims <= 3; ++dims) {
    Scenario scenario = random_input_scenario({.input = dims == 3 ? 4 : 18, .kernel = 3, .stride = 2}, "random", dims);
    scenario.layer.axes[0].stride = 3;
    const Comparison comparison = compared(scenario, "own");
    const auto equal = resize_then_conv(comparison.layer, weight_of(scenario));
    ASSERT_TRUE(equal);
    const Tensor expected = scatter_add(equal->layer, input_of(scenario), equal->weight);
    EXPECT_LT(largest_difference(find(comparison, "nearest")->output, scaled(expected, 1 / sum(weight_of(scenario)))),
              1e-4)
        << dims;
  }
}

TEST(Comparison, ShuffleWithEqualFiltersIsAConvolutionThenNearest) {
  for (int dims = 1; dims <= 3; ++dims) {
    for (const int64_t other : {2, 3}) {  // blocks that are no cubes, too
      Scenario scenario = random_input_scenario({.input = dims == 3 ? 4 : 9, .kernel = 3, .stride = 2}, "random", dims);
      scenario.layer.axes[0].stride = other;
      const Comparison comparison = compared(scenario, "own");
      LayerSpec conv = scenario.layer;
      Sizes size;
      for (AxisSpec& axis : conv.spatial()) {
        size.push_back(axis.input * axis.stride);
        axis = {.input = axis.input, .kernel = 3, .stride = 1, .padding_begin = 1, .padding_end = 1};
      }
      const Tensor small = scatter_add(conv, input_of(scenario), weight_of(scenario));
      const Tensor expected = scaled(resize(small, size, ResizeMode::nearest), 1 / sum(weight_of(scenario)));
      EXPECT_LT(largest_difference(find(comparison, "shuffle")->output, expected), 1e-4) << dims << other;
      const auto equal = conv_then_shuffle(comparison.layer, weight_of(scenario));
      ASSERT_TRUE(equal);
      const Tensor same = scatter_add(equal->layer, input_of(scenario), equal->weight);
      EXPECT_LT(largest_difference(find(comparison, "shuffle")->output, scaled(same, 1 / sum(weight_of(scenario)))),
                1e-4);
    }
  }
}

TEST(Comparison, TheLayersOutputIsItsOwnInPlaceAndScaled) {
  // K4 S2 P1 gives I·S in the right place by itself.
  const Scenario scenario =
      random_input_scenario({.input = 20, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1}, "random");
  const Comparison comparison = compared(scenario, "own");
  const Tensor output = scatter_add(scenario.layer, input_of(scenario), weight_of(scenario));
  EXPECT_LT(largest_difference(find(comparison, "layer")->output, scaled(output, 4 / sum(weight_of(scenario)))), 1e-4);
  EXPECT_TRUE(comparison.notes.empty());
  const Comparison other = compared(random_input_scenario({.input = 20, .kernel = 3, .stride = 2}, "ones"), "own");
  ASSERT_EQ(other.notes.size(), 1U);
  EXPECT_NE(other.notes[0].find("gives 41 × 41"), std::string::npos) << other.notes[0];
  EXPECT_EQ(find(other, "layer")->output.shape(), (Shape{1, 1, 40, 40}));
  EXPECT_EQ(find(other, "layer")->shift[0], 0.5);
}

TEST(Comparison, ParametersAndProductsByHand) {
  Scenario scenario = random_input_scenario({.input = 20, .kernel = 3, .stride = 2}, "ones");
  const auto check = [](const Comparison& comparison, const char* id, int64_t parameters, double products) {
    EXPECT_EQ(find(comparison, id)->cost.parameters, parameters) << id;
    EXPECT_DOUBLE_EQ(find(comparison, id)->products_per_cell, products) << id;
  };
  Comparison comparison = compared(scenario);
  check(comparison, "layer", 9, 2.25);
  check(comparison, "cure", 16, 4);
  check(comparison, "nearest", 9, 9);
  check(comparison, "bilinear", 9, 9);
  check(comparison, "shuffle", 36, 9);
  scenario.layer.in_channels = 6;
  scenario.layer.out_channels = 8;
  scenario.layer.groups = 2;
  comparison = compared(scenario);
  EXPECT_EQ(comparison.channels, std::vector<int64_t>{0}) << "of many channels one is computed";
  check(comparison, "layer", 6 * 4 * 9, 3 * 2.25);
  check(comparison, "nearest", 6 * 4 * 9, 3 * 9);
  check(comparison, "shuffle", 6 * 4 * 9 * 4, 3 * 9);
}

TEST(Comparison, OneOfManyChannelsIsThatOfAll) {
  Scenario scenario =
      random_input_scenario({.input = 18, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1}, "random");
  scenario.layer.batch = 2;
  scenario.layer.in_channels = 4;
  scenario.layer.out_channels = 6;
  scenario.layer.groups = 2;
  const Tensor weight = weight_of(scenario);
  const Tensor output = scatter_add(scenario.layer, input_of(scenario), weight);
  const int64_t plane = 36 * 36;
  for (const int64_t channel : {0, 2, 5}) {
    const auto one = compare(comparison_key(scenario, {.input = "own", .batch = 1, .out_channel = channel}));
    ASSERT_EQ(one->channels, std::vector<int64_t>{channel});
    std::vector<float> values(output.data() + (6 + channel) * plane, output.data() + (7 + channel) * plane);
    const Gain gain = gain_of(one->layer, weight, channel);
    EXPECT_LT(largest_difference(one->upsamplers[0].output, scaled(Tensor(Shape{1, 1, 36, 36}, values), 1 / gain.mean)),
              1e-3);
  }
}

TEST(Comparison, TruthAndPsnr) {
  const Tensor truth(Shape{1, 1, 4}, {0, 2, 1, 0});
  EXPECT_EQ(psnr(truth, truth, {}), INFINITY);
  EXPECT_NEAR(*psnr(Tensor(Shape{1, 1, 4}, {0, 2, 1, 2}), truth, {}), 10 * std::log10(4.0 / 1), 1e-9);
  EXPECT_EQ(psnr(Tensor(Shape{1, 1, 4}, {9, 2, 1, 9}), truth, {0, 0, 1}), INFINITY) << "borders are left out";
  EXPECT_EQ(psnr(truth, Tensor::filled(Shape{1, 1, 4}, 3), {}), std::nullopt) << "a flat truth has no range";
  EXPECT_EQ(psnr(truth, truth, {0, 0, 2}), std::nullopt);

  const Scenario scenario = random_input_scenario({.input = 48, .kernel = 4, .stride = 2}, "bilinear");
  const Comparison card = compared(scenario, "test-card");
  EXPECT_EQ(card.truth.shape(), (Shape{1, 1, 96, 96})) << "drawn at the large size";
  for (const Upsampler& one : card.upsamplers) {
    EXPECT_EQ(one.psnr, psnr(one.output, card.truth, card.margin));
    EXPECT_GT(*one.psnr, 12) << one.label;
    EXPECT_LT(*one.psnr, 40) << one.label;
  }
  EXPECT_TRUE(compared(scenario, "own").truth.empty());
  EXPECT_FALSE(compared(scenario, "own").upsamplers[0].psnr);
}

TEST(Comparison, AShrunkInputIsTheMeanOfBlocks) {
  Scenario scenario = random_input_scenario({.input = 49, .kernel = 4, .stride = 2}, "bilinear");
  const Tensor own = input_of(scenario);
  Comparison comparison = compared(scenario, "own", true);
  EXPECT_EQ(comparison.input.shape(), (Shape{1, 1, 24, 24}));
  EXPECT_EQ(comparison.input, box_downscale(own, 2));
  ASSERT_EQ(comparison.truth.shape(), (Shape{1, 1, 48, 48}));
  EXPECT_EQ(comparison.truth[48 * 47 + 5], own[49 * 47 + 5]);
  EXPECT_TRUE(comparison.upsamplers[0].psnr);
  scenario.layer.axes[0].stride = 3;
  comparison = compared(scenario, "own", true);
  ASSERT_EQ(comparison.input.shape(), (Shape{1, 1, 16, 24}));
  double mean = 0;
  for (int64_t y = 6; y < 9; ++y) {
    for (int64_t x = 10; x < 12; ++x) mean += static_cast<double>(own[49 * y + x]) / 6;
  }
  EXPECT_NEAR(static_cast<double>(comparison.input[24 * 2 + 5]), mean, 1e-6);
  const Comparison tiny = compared(random_input_scenario({.input = 2, .kernel = 3, .stride = 3}, "ones"), "own", true);
  EXPECT_NE(tiny.refused.find("smaller than the stride"), std::string::npos);
}

TEST(Comparison, DifferencesAreToTheFirst) {
  const Comparison comparison =
      compared(random_input_scenario({.input = 20, .kernel = 3, .stride = 2}, "ones"), "landscape");
  EXPECT_EQ(comparison.upsamplers[0].rms_difference, 0);
  const Upsampler& nearest = *find(comparison, "nearest");
  EXPECT_EQ(nearest.difference[777], nearest.output[777] - comparison.upsamplers[0].output[777]);
  EXPECT_GT(nearest.rms_difference, 0.05);
  EXPECT_EQ(nearest.spectrum.rows, 40);
}

TEST(Comparison, TheUsualInputIsOneThatShowsSomething) {
  EXPECT_EQ(comparison_key(example_scenario(), {}).choice.input, "test-card") << "2 × 2 cells show nothing";
  EXPECT_EQ(comparison_key(random_input_scenario({.input = 16, .kernel = 3, .stride = 2}, "ones"), {}).choice.input,
            "own");
  Scenario image = random_input_scenario({.input = 8, .kernel = 3, .stride = 2}, "ones");
  image.input = custom_pattern(Tensor::filled(Shape{1, 1, 8, 8}, 1));
  EXPECT_EQ(comparison_key(image, {}).choice.input, "own");
  Scenario huge = random_input_scenario({.input = 4096, .kernel = 9, .stride = 4}, "ones");
  EXPECT_EQ(comparison_key(huge, {}).choice.input, "test-card");
  EXPECT_NE(compared(huge, "own").refused.find("too large"), std::string::npos);
  EXPECT_TRUE(compared(huge, "own").upsamplers.empty());
}

TEST(Comparison, StrideOneHasNothingToUpsample) {
  const Comparison comparison = compared(example_scenario());
  ASSERT_EQ(comparison.upsamplers.size(), 1U);
  EXPECT_NE(comparison.notes.back().find("nothing to upsample"), std::string::npos);
}

TEST(Comparison, KernelsThatSumToNothingAreNotScaled) {
  Scenario scenario = random_input_scenario({.input = 20, .kernel = 2, .stride = 2}, "ones", 1);
  scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 2}, {1, -1}));
  const Comparison comparison = compared(scenario, "test-card");
  for (const Upsampler& one : comparison.upsamplers) {
    EXPECT_FALSE(one.scaled);
    EXPECT_FALSE(one.psnr);
  }
  EXPECT_NE(comparison.notes.back().find("sum to nothing"), std::string::npos);
}

TEST(Comparison, WhatDoesNotMatterIsNoOtherKey) {
  Scenario a = random_input_scenario({.input = 20, .kernel = 3, .stride = 2}, "ones");
  Scenario b = a;
  b.traversal = Traversal::column_major;
  b.grad_output.id = "random";
  b.input.seed = 9;
  EXPECT_EQ(comparison_key(a, {.input = "impulse", .batch = 3, .out_channel = 7}),
            comparison_key(b, {.input = "impulse"}));
  EXPECT_FALSE(comparison_key(a, {.input = "own"}) == comparison_key(b, {.input = "own"}));
  EXPECT_FALSE(comparison_key(a, {.input = "ones"}) == comparison_key(a, {.input = "impulse"}));
  EXPECT_FALSE(comparison_key(a, {}) == comparison_key(a, {.shrink = true}));
}

TEST(Comparison, StopsWhenTold) {
  const ComparisonKey key = comparison_key(random_input_scenario({.input = 200, .kernel = 5, .stride = 2}, "ones"), {});
  EXPECT_FALSE(compare(key, [] { return false; }));
}

TEST(Comparison, OfAnyLayer) {
  test::RandomLayers random;
  for (int i = 0; i < 30; ++i) {
    Scenario scenario;
    scenario.layer = random.layer(3000);
    scenario.kernel.id = "random";
    SCOPED_TRACE(random.trace(scenario.layer));
    for (const char* input : {"", "own", "impulse"}) {
      for (const bool shrink : {false, true}) {
        const ComparisonKey key = comparison_key(scenario, {.input = input, .shrink = shrink});
        EXPECT_TRUE(*input == 0 || key.choice.input == input);
        if (key.work > 10'000'000) continue;
        const Comparison comparison = compared(scenario, input, shrink);
        EXPECT_NE(comparison.refused.empty(), comparison.upsamplers.empty());
        Shape expected = input_shape(comparison.layer);
        expected[1] = static_cast<int64_t>(comparison.channels.size());
        for (int a = 0; a < scenario.layer.dims; ++a) {
          expected[a + 2] *= scenario.layer.axes[static_cast<std::size_t>(a)].stride;
        }
        for (const Upsampler& one : comparison.upsamplers) {
          EXPECT_EQ(one.output.shape(), expected);
          EXPECT_EQ(one.psnr.has_value() && comparison.truth.empty(), false);
          EXPECT_TRUE(std::ranges::all_of(one.shift, [](double shift) { return std::abs(shift) <= 0.5; }));
        }
      }
    }
  }
}

}  // namespace
}  // namespace tconv
