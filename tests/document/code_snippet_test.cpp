#include "document/code_snippet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "document/scenario_source.h"
#include "support/random_layers.h"
#include "support/words.h"

namespace tconv {
namespace {

using test::contains;

std::string snippet(const std::string& framework, const Scenario& scenario) {
  return find_framework(framework)->snippet(scenario);
}

Scenario layer_scenario(int dims, const AxisSpec& axis) {
  Scenario scenario;
  scenario.layer.dims = dims;
  scenario.layer.axes.fill(axis);
  return scenario;
}

std::string tuple_text(const Shape& shape) {
  std::string text = "(";
  for (int axis = 0; axis < shape.rank(); ++axis) text += (axis > 0 ? ", " : "") + std::to_string(shape[axis]);
  return text + ")";
}

/// A script that ends in the assertion of its shape, with brackets closed, and the same twice.
void expect_script(const Scenario& scenario) {
  for (const Framework& framework : frameworks()) {
    SCOPED_TRACE(framework.id);
    const std::string text = framework.snippet(scenario);
    EXPECT_EQ(text, framework.snippet(scenario));
    EXPECT_TRUE(text.ends_with("\nassert tuple(y.shape) == " + tuple_text(output_shape(scenario.layer)) + "\n"))
        << text;
    EXPECT_EQ(std::ranges::count(text, '('), std::ranges::count(text, ')')) << text;
    EXPECT_EQ(std::ranges::count(text, '['), std::ranges::count(text, ']')) << text;
    EXPECT_TRUE(contains(text, std::string(framework.label))) << text;
  }
}

TEST(CodeSnippet, KnowsItsFrameworks) {
  ASSERT_FALSE(frameworks().empty());
  EXPECT_EQ(frameworks().front().id, "pytorch");
  for (const Framework& framework : frameworks()) EXPECT_EQ(find_framework(framework.id), &framework);
  EXPECT_EQ(find_framework("caffe"), nullptr);
  EXPECT_EQ(find_framework(""), nullptr);
}

TEST(CodeSnippet, BuiltInScenarios) {
  for (const BuiltInScenario& scenario : built_in_scenarios()) {
    SCOPED_TRACE(scenario.id);
    expect_script(load_document(scenario.id).scenario);
  }
}

TEST(CodeSnippetProperty, RandomLayers) {
  test::RandomLayers random;
  for (int i = 0; i < 100; ++i) {
    Scenario scenario = example_scenario();
    scenario.layer = random.layer();
    SCOPED_TRACE(random.trace(scenario.layer));
    expect_script(scenario);
  }
}

TEST(CodeSnippet, TheNumbersStandInTheScript) {
  Scenario scenario = example_scenario();
  scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 3, 3}, {0.1F, -2, 1e-9F, 0, 0, 0, 0, INFINITY, NAN}));
  for (const Framework& framework : frameworks()) {
    const std::string text = framework.snippet(scenario);
    EXPECT_TRUE(contains(text, "    1, 2,\n    3, 4], dtype=np.float32).reshape(1, 1, 2, 2)")) << text;
    EXPECT_TRUE(contains(text, "    0.1, -2, 1e-09,\n    0, 0, 0,\n    0, np.inf, np.nan]")) << text;
    EXPECT_FALSE(contains(text, "placeholder")) << text;
  }
}

TEST(CodeSnippet, LargeArraysArePlaceholders) {
  Scenario scenario = layer_scenario(2, {.input = 8, .kernel = 9, .stride = 2});
  scenario.input.id = scenario.kernel.id = "counting";
  const std::string text = snippet("pytorch", scenario);
  EXPECT_TRUE(contains(text, "63, 64], dtype=np.float32)")) << text;
  EXPECT_TRUE(contains(text, "placeholders")) << text;
  EXPECT_TRUE(contains(text, "w = rng.standard_normal((1, 1, 9, 9), dtype=np.float32)")) << text;
  EXPECT_TRUE(contains(text, "; stands for the scenario's \"counting\"\n")) << text;

  scenario.kernel.id = "ones";
  EXPECT_TRUE(contains(snippet("pytorch", scenario), "w = np.ones((1, 1, 9, 9), dtype=np.float32)"));
  EXPECT_FALSE(contains(snippet("pytorch", scenario), "placeholders"));

  // Nothing is computed: an array that no memory holds costs nothing here.
  const Scenario huge = layer_scenario(2, {.input = 40'000, .kernel = 3});
  EXPECT_LT(snippet("jax", huge).size(), 4000U);
}

TEST(CodeSnippet, PrintsWhatIsSmall) {
  const auto prints = [](const Framework& framework, std::int64_t input) {
    return contains(framework.snippet(layer_scenario(2, {.input = input, .kernel = 2})), "\nprint(y)\n");
  };
  for (const Framework& framework : frameworks()) {
    EXPECT_TRUE(prints(framework, 7)) << framework.id;  // 8×8
    EXPECT_FALSE(prints(framework, 8)) << framework.id;
  }
}

TEST(CodeSnippet, KerasSameOnlyWhereItIsTheLayer) {
  const auto is_same = [](const AxisSpec& axis) {
    const std::string text = snippet("keras", layer_scenario(1, axis));
    EXPECT_NE(contains(text, ", padding=\"same\","), contains(text, ", padding=\"valid\",")) << text;
    return contains(text, ", padding=\"same\",");
  };
  EXPECT_TRUE(is_same({4, 4, 2, 1, 1, 0, 1}));   // K−S even, P = (K−S)/2
  EXPECT_TRUE(is_same({4, 2, 2, 0, 0, 0, 1}));   // U-Net
  EXPECT_TRUE(is_same({4, 2, 3, 0, 0, 1, 1}));   // K < S, OP = S−K
  EXPECT_FALSE(is_same({4, 3, 2, 1, 1, 1, 1}));  // the size of "same", other cells
  EXPECT_FALSE(is_same({4, 3, 2, 0, 1, 0, 1}));  // K−S odd: backends differ
  EXPECT_FALSE(is_same({4, 4, 2, 0, 0, 0, 1}));
  EXPECT_FALSE(is_same({4, 4, 2, 0, 2, 0, 1}));
  EXPECT_FALSE(is_same({4, 3, 1, 2, 2, 0, 2}));  // dilated
  EXPECT_FALSE(is_same({4, 2, 3, 0, 0, 0, 1}));

  const std::string text = snippet("keras", layer_scenario(2, {4, 3, 2, 1, 1, 1, 1}));
  EXPECT_TRUE(contains(text, "y = y[:, :, 1:9, 1:9]")) << text;
  EXPECT_TRUE(contains(text, "np.transpose(w, (2, 3, 1, 0))")) << text;
}

TEST(CodeSnippet, WhatKerasLacks) {
  Scenario scenario = layer_scenario(1, {4, 3, 2, 0, 0, 1, 2});
  scenario.layer.in_channels = scenario.layer.out_channels = 4;
  scenario.layer.groups = 2;
  const std::string text = snippet("keras", scenario);
  EXPECT_TRUE(contains(text, "w_spread[:, :, ::2] = w")) << text;
  EXPECT_FALSE(contains(text, "dilation_rate=")) << text;
  EXPECT_TRUE(contains(text, "x_padded = np.pad(x, ((0, 0), (0, 0), (0, 1)))")) << text;
  EXPECT_TRUE(contains(text, "np.split(w_spread, 2)")) << text;
  EXPECT_TRUE(contains(text, "Conv1DTranspose(\n        2, kernel_size=(5,)")) << text;
  EXPECT_TRUE(contains(snippet("keras", layer_scenario(1, {4, 3, 1, 0, 0, 0, 2})), "dilation_rate=(2,)"));
}

TEST(CodeSnippet, JaxPadsByTheReachAndFlips) {
  const std::string text = snippet("jax", layer_scenario(2, {4, 3, 2, 1, 3, 1, 2}));
  EXPECT_TRUE(contains(text, "padding=[(3, 2), (3, 2)]")) << text;
  EXPECT_TRUE(contains(text, "lhs_dilation=(2, 2)")) << text;
  EXPECT_TRUE(contains(text, "rhs_dilation=(2, 2)")) << text;
  EXPECT_TRUE(contains(text, "np.flip(kernel, axis=(2, 3))")) << text;
  EXPECT_TRUE(contains(text, "window_strides=(1, 1)")) << text;
  // More padding than the stamp reaches crops the spread input.
  EXPECT_TRUE(contains(snippet("jax", layer_scenario(1, {6, 1, 2, 2, 2, 0, 1})), "padding=[(-2, -2)]"));
}

TEST(CodeSnippet, OnnxPadsAreAllBeginsThenAllEnds) {
  Scenario scenario = layer_scenario(2, {4, 4, 2, 1, 2, 1, 1});
  scenario.layer.axes[1] = {5, 3, 3, 0, 1, 2, 1};
  const std::string text = snippet("onnx", scenario);
  EXPECT_TRUE(contains(text, "pads=[1, 0, 2, 1]")) << text;
  EXPECT_TRUE(contains(text, "strides=[2, 3]")) << text;
  EXPECT_TRUE(contains(text, "output_padding=[1, 2]")) << text;
  EXPECT_FALSE(contains(text, "output_shape=")) << text;
}

TEST(CodeSnippet, PytorchSlicesWhatItsPaddingCannotCrop) {
  const std::string text = snippet("pytorch", layer_scenario(1, {4, 4, 2, 2, 1, 0, 1}));
  EXPECT_TRUE(contains(text, "nn.ConvTranspose1d(1, 1, kernel_size=4, stride=2, padding=1, bias=False)\n")) << text;
  EXPECT_TRUE(contains(text, "y = y[:, :, 1:8]\n")) << text;
  EXPECT_FALSE(contains(snippet("pytorch", example_scenario()), "y = y["));
}

}  // namespace
}  // namespace tconv
