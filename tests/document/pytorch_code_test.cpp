#include "document/pytorch_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "core/scenario.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

LayerSpec layer_of(int dims, const AxisSpec& axis) {
  LayerSpec layer;
  layer.dims = dims;
  layer.axes.fill(axis);
  return layer;
}

TEST(PytorchCode, TheExample) {
  EXPECT_EQ(pytorch_code(example_scenario().layer), "nn.ConvTranspose2d(1, 1, kernel_size=3, stride=1, bias=False)");
}

TEST(PytorchCode, BiasIsPyTorchsDefault) {
  LayerSpec layer = layer_of(1, {.input = 4, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  layer.bias = true;
  EXPECT_EQ(pytorch_code(layer), "nn.ConvTranspose1d(1, 1, kernel_size=4, stride=2, padding=1)");
}

TEST(PytorchCode, EverythingInTheOrderOfTheSignature) {
  LayerSpec layer = layer_of(3, {4, 3, 2, 1, 1, 1, 2});
  layer.in_channels = 4;
  layer.out_channels = 6;
  layer.groups = 2;
  layer.batch = 9;  // no part of a layer
  EXPECT_EQ(pytorch_code(layer),
            "nn.ConvTranspose3d(4, 6, kernel_size=3, stride=2, padding=1, output_padding=1, groups=2, bias=False, "
            "dilation=2)");
}

TEST(PytorchCode, AxesThatDifferAreTuples) {
  LayerSpec layer = layer_of(2, {.input = 4, .kernel = 3, .stride = 2});
  layer.axes[1] = {.input = 5, .kernel = 5, .stride = 2, .padding_begin = 2, .padding_end = 2, .output_padding = 1};
  EXPECT_EQ(
      pytorch_code(layer),
      "nn.ConvTranspose2d(1, 1, kernel_size=(3, 5), stride=2, padding=(0, 2), output_padding=(0, 1), bias=False)");
}

TEST(PytorchCode, UnevenPaddingsBecomeASlice) {
  // Crops 2 and 1: PyTorch crops 1 and 1, the slice takes one more from the begin.
  EXPECT_EQ(pytorch_code(layer_of(1, {4, 4, 2, 2, 1, 0, 1})),
            "nn.ConvTranspose1d(1, 1, kernel_size=4, stride=2, padding=1, bias=False)(x)[..., 1:8]");
  EXPECT_EQ(pytorch_code(layer_of(1, {4, 4, 2, 0, 1, 0, 1})),
            "nn.ConvTranspose1d(1, 1, kernel_size=4, stride=2, bias=False)(x)[..., 0:9]");
  LayerSpec layer = layer_of(2, {4, 3, 2, 0, 1, 0, 1});
  layer.axes[1] = {4, 4, 2, 1, 1, 0, 1};
  EXPECT_EQ(pytorch_code(layer),
            "nn.ConvTranspose2d(1, 1, kernel_size=(3, 4), stride=2, padding=(0, 1), bias=False)(x)[..., 0:8, 0:8]");
}

TEST(PytorchCode, WrappedForANarrowPanel) {
  EXPECT_EQ(pytorch_code(example_scenario().layer, 26),
            "nn.ConvTranspose2d(\n"
            "  1, 1, kernel_size=3,\n"
            "  stride=1, bias=False)");
  EXPECT_EQ(pytorch_code(layer_of(1, {4, 4, 2, 2, 1, 0, 1}), 26),
            "nn.ConvTranspose1d(\n"
            "  1, 1, kernel_size=4,\n"
            "  stride=2, padding=1,\n"
            "  bias=False\n"
            ")(x)[..., 1:8]");
}

TEST(PytorchCodeProperty, WrappingChangesOnlyTheSpaces) {
  const auto without_spaces = [](std::string text) {
    std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
    return text;
  };
  test::RandomLayers random;
  for (int i = 0; i < 200; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    const std::string wrapped = pytorch_code(layer, 26);
    EXPECT_EQ(without_spaces(wrapped), without_spaces(pytorch_code(layer)));
    EXPECT_EQ(std::ranges::count(wrapped, '('), std::ranges::count(wrapped, ')'));
    std::istringstream lines(wrapped);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
}

}  // namespace
}  // namespace tconv
