#include "core/equal_layers.h"

#include <gtest/gtest.h>

#include "core/evenness.h"
#include "core/scatter_add.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using std::int64_t;

/// A map with every cell repeated S times along each axis: nearest-neighbour resize.
Tensor repeated(const LayerSpec& layer, const Tensor& input) {
  LayerSpec box = layer;
  box.out_channels = box.groups = layer.in_channels;
  box.bias = false;
  for (AxisSpec& axis : box.spatial()) axis = {.input = axis.input, .kernel = axis.stride, .stride = axis.stride};
  return scatter_add(box, input, Tensor::filled(weight_shape(box), 1));
}

/// The layer's kernel at stride 1 on a map of `map`'s size, output as large.
Tensor same_conv(LayerSpec layer, const Tensor& map, const Tensor& weight) {
  int axis_index = 2;
  for (AxisSpec& axis : layer.spatial()) {
    const int64_t begin = (axis.kernel - 1) / 2;
    axis = {.input = map.shape()[axis_index++],
            .kernel = axis.kernel,
            .padding_begin = begin,
            .padding_end = axis.kernel - 1 - begin};
  }
  return scatter_add(layer, map, weight);
}

TEST(EqualLayersProperty, ComputeTheSame) {
  test::RandomLayers random;
  for (int i = 0; i < 150; ++i) {
    LayerSpec layer = random.layer(1500);
    layer.bias = false;
    for (AxisSpec& axis : layer.spatial()) axis.dilation = 1;
    if (!validate(layer).empty()) continue;
    SCOPED_TRACE(random.trace(layer));
    const Tensor input = random.integers(input_shape(layer));
    const Tensor weight = random.integers(weight_shape(layer));
    if (const auto equal = resize_then_conv(layer, weight)) {
      EXPECT_EQ(scatter_add(equal->layer, input, equal->weight), same_conv(layer, repeated(layer, input), weight));
    }
    if (const auto equal = conv_then_shuffle(layer, weight)) {
      LayerSpec same = layer;
      for (AxisSpec& axis : same.spatial()) axis = {.input = axis.input, .kernel = axis.kernel, .stride = axis.stride};
      const Tensor small = same_conv(layer, input, weight);
      same.in_channels = layer.out_channels;
      EXPECT_EQ(scatter_add(equal->layer, input, equal->weight), repeated(same, small));
    }
  }
}

TEST(EqualLayers, AreFlatWhateverTheKernel) {
  test::RandomLayers random;
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = {.input = 4, .kernel = 3, .stride = 2};
  const Tensor weight = random.floats(weight_shape(layer));
  EXPECT_FALSE(flat_evenness(layer, weight).worst.even);
  const auto resize = resize_then_conv(layer, weight);
  const auto shuffle = conv_then_shuffle(layer, weight);
  ASSERT_TRUE(resize && shuffle);
  EXPECT_LT(flat_evenness(resize->layer, resize->weight).worst.off_dc, 1e-10);
  EXPECT_LT(flat_evenness(shuffle->layer, shuffle->weight).worst.off_dc, 1e-10);
  EXPECT_EQ(output_size(resize->layer.axes[0]), 8);
  EXPECT_EQ(output_size(shuffle->layer.axes[0]), 8);
}

TEST(EqualLayers, WhatIsTooLargeIsNotMade) {
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = {.input = 2, .kernel = 3, .stride = 1000};
  EXPECT_FALSE(conv_then_shuffle(layer, Tensor::filled(weight_shape(layer), 1)));
}

TEST(Cost, SixtyFourChannelsTwiceAsLarge) {
  LayerSpec layer;
  layer.in_channels = layer.out_channels = 64;
  layer.axes[0] = layer.axes[1] = {.input = 10, .kernel = 3, .stride = 2};
  EXPECT_EQ(cost_of(layer).parameters, 36864);
  EXPECT_EQ(cost_of_resize_then_conv(layer).parameters, 36864);
  EXPECT_EQ(cost_of_conv_then_shuffle(layer).parameters, 147456);
  EXPECT_EQ(cost_of(layer).multiplications, 36864 * 100);
  EXPECT_EQ(cost_of_resize_then_conv(layer).multiplications, 36864 * 400);
  EXPECT_EQ(cost_of_conv_then_shuffle(layer).multiplications, 147456 * 100);
  layer.bias = true;
  EXPECT_EQ(cost_of(layer).parameters, 36864 + 64);
  EXPECT_EQ(cost_of_conv_then_shuffle(layer).parameters, 147456 + 256);
}

}  // namespace
}  // namespace tconv
