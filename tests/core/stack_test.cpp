#include "core/stack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/scatter_add.h"
#include "support/random_layers.h"

namespace tconv::test {
namespace {

using std::int64_t;
using Counts = std::vector<int64_t>;

LayerSpec layer_of(const AxisSpec& axis, int dims = 2) {
  LayerSpec layer;
  layer.dims = dims;
  for (AxisSpec& each : layer.spatial()) each = axis;
  return layer;
}

const AxisSpec k3_s2{.input = 4, .kernel = 3, .stride = 2};
const AxisSpec k3_s2_p1{.input = 4, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1};
const AxisSpec k4_s2_p1{.input = 4, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};

TEST(Stack, UnevennessGrowsWithTheDepth) {
  const StackReport report = report_on(repeated(layer_of(k3_s2), 3));
  ASSERT_EQ(report.depths.size(), 3U);
  const std::array<Counts, 3> expected{{{1, 2}, {1, 2, 3}, {1, 2, 3, 4, 5}}};
  for (std::size_t i = 0; i < 3; ++i) {
    const StackDepth& depth = report.depths[i];
    EXPECT_EQ(depth.axes[0].scale, int64_t{2} << i);
    Counts kinds = depth.axes[0].pattern;
    std::ranges::sort(kinds);
    kinds.erase(std::ranges::unique(kinds).begin(), kinds.end());
    EXPECT_EQ(kinds, expected[i]);
    EXPECT_FALSE(depth.even());
    // The smallest kernel that evens a pattern is as long as its period.
    EXPECT_EQ(depth.evening_kernel(), int64_t{2} << i);
  }
  EXPECT_EQ(report.depths[0].ratio(), 4);
  EXPECT_EQ(report.depths[1].ratio(), 9);
  EXPECT_EQ(report.depths[2].ratio(), 25);
  EXPECT_EQ(report.depths[2].most(), 25);
  EXPECT_EQ(report.depths[2].least(), 1);
}

TEST(Stack, AConvolutionOfTheRightSizeEvensIt) {
  Stack stack = repeated(layer_of(k3_s2), 1);
  stack.push_back(size_keeping_convolution(2, 1, 2));
  const StackReport two = report_on(stack);
  EXPECT_EQ(two.depths[1].axes[0].pattern, (Counts{3, 3}));
  EXPECT_TRUE(two.depths[1].even());
  EXPECT_EQ(two.depths[1].evening_kernel(), 1);
  EXPECT_EQ(two.depths[1].axes[0].output, 9);
  stack[1] = size_keeping_convolution(2, 1, 3);
  const StackReport three = report_on(stack);
  EXPECT_EQ(three.depths[1].least(), 4 * 4);
  EXPECT_EQ(three.depths[1].most(), 5 * 5);
}

TEST(Stack, EvenLayersStayEven) {
  const StackReport report = report_on(repeated(layer_of(k4_s2_p1), 4));
  for (const StackDepth& depth : report.depths) EXPECT_EQ(depth.ratio(), 1);
  EXPECT_EQ(report.depths[3].axes[1].output, 64);
}

TEST(Stack, DriftIsCarriedThrough) {
  const auto drifts = [](const AxisSpec& axis, int64_t depth) {
    std::vector<double> list;
    const auto report = report_on(repeated(layer_of(axis, 1), depth));
    for (const StackDepth& one : report.depths) list.push_back(one.axes[0].drift);
    return list;
  };
  EXPECT_EQ(drifts(k3_s2_p1, 3), (std::vector<double>{-0.5, -1.5, -3.5}));
  EXPECT_EQ(drifts(k4_s2_p1, 3), (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(drifts({.input = 3, .kernel = 2, .stride = 2}, 3), (std::vector<double>{0, 0, 0}));
}

TEST(Stack, GapsHaveNoRatio) {
  const StackReport report = report_on(repeated(layer_of({.input = 3, .kernel = 2, .stride = 3}), 2));
  EXPECT_TRUE(std::isinf(report.depths[0].ratio()));
  EXPECT_EQ(report.depths[1].least(), 0);
  EXPECT_EQ(report.depths[0].axes[0].pattern, (Counts{1, 1, 0}));
}

TEST(Stack, NearestAndShuffleAreEven) {
  StackLayer nearest{.name = "", .kind = StackKind::nearest, .spec = layer_of({.input = 5, .stride = 3})};
  nearest.spec.in_channels = nearest.spec.out_channels = 8;
  StackLayer shuffle{.name = "", .kind = StackKind::shuffle, .spec = layer_of({.stride = 2})};
  shuffle.spec.in_channels = 8;
  shuffle.spec.out_channels = 2;
  const StackReport report = report_on({nearest, shuffle});
  ASSERT_TRUE(report.problems.empty());
  EXPECT_EQ(report.depths[1].axes[0].output, 30);
  EXPECT_EQ(report.depths[1].axes[0].drift, 0);
  EXPECT_EQ(report.depths[1].axes[0].reach, 6);
  EXPECT_TRUE(report.depths[1].even());
  EXPECT_EQ(report.parameters, 0);
  shuffle.spec.in_channels = 6;
  nearest.spec.in_channels = nearest.spec.out_channels = 6;
  EXPECT_EQ(report_on({nearest, shuffle}).problems.at(0).field, "layer 2, in_channels");
}

TEST(Stack, CountsParametersAndMacs) {
  LayerSpec layer = layer_of(k4_s2_p1);
  layer.in_channels = 6;
  layer.out_channels = 4;
  layer.groups = 2;
  layer.bias = true;
  Stack stack{{.name = "up", .spec = layer}};
  stack.push_back(size_keeping_convolution(2, 4, 3));
  stack.back().spec.groups = 2;
  stack.back().joined = 6;
  stack.back().spec.in_channels = 10;
  const StackReport report = report_on(stack);
  ASSERT_TRUE(report.problems.empty()) << to_line(report.problems[0]);
  EXPECT_EQ(report.depths[0].parameters, 6 * 2 * 16 + 4);
  EXPECT_EQ(report.depths[0].macs, 6 * 2 * 16 * 4 * 4);
  EXPECT_EQ(report.depths[1].parameters, 10 * 2 * 9);
  EXPECT_EQ(report.depths[1].macs, 10 * 2 * 9 * 8 * 8);
  EXPECT_EQ(report.parameters, 196 + 180);
  EXPECT_EQ(report.macs, 3072 + 11520);
}

TEST(Stack, NamesTheLayersThatDoNotFit) {
  const auto line = [](const Stack& stack) {
    const StackReport report = report_on(stack);
    return report.problems.empty() ? "none" : to_line(report.problems.at(0));
  };
  Stack stack = repeated(layer_of(k3_s2), 3);
  stack[2].name = "last";
  stack[2].spec.in_channels = 8;
  EXPECT_EQ(line(stack),
            "layer 3 (last), in_channels: must be the 1 output channels of layer 2, found 8; nearest legal value: 1");
  EXPECT_EQ(report_on(stack).depths.size(), 2U);
  stack[2] = {.name = "last", .spec = layer_of(k3_s2, 1)};
  EXPECT_EQ(line(stack), "layer 3 (last), dims: must be the 2 of layer 2, found 1; nearest legal value: 2");
  stack[1].spec.axes[1].stride = 0;
  EXPECT_EQ(line(stack), "layer 2, stride (axis 1): must be at least 1, found 0; nearest legal value: 1");
  stack[1] = size_keeping_convolution(2, 1, 12);
  stack[1].spec.axes[0].padding_begin = 0;
  stack[1].spec.axes[0].padding_end = 1;
  EXPECT_EQ(line(stack),
            "layer 2, kernel (axis 0): must fit into the padded input; the output size must be at least 1, found an "
            "extent of 12 in 10 cells");
  EXPECT_EQ(line({}), "layers: must be 1 to 64, found 0; nearest legal value: 1");
  EXPECT_EQ(line(repeated(layer_of({}), 1000)), "layers: must be 1 to 64, found 65; nearest legal value: 64");
}

TEST(Stack, LeavesOutWhatIsAbsurd) {
  // 6^5 cells are shown, 6^6 not; sizes beyond the limits are a problem of their layer.
  const StackReport deep = report_on(repeated(layer_of({.input = 1, .kernel = 9, .stride = 6}, 1), 6));
  EXPECT_EQ(deep.depths.at(4).axes[0].pattern.size(), 7776U);
  EXPECT_TRUE(deep.depths.at(5).axes[0].pattern.empty());
  EXPECT_TRUE(std::isnan(deep.depths[5].ratio()));
  EXPECT_EQ(deep.depths[5].evening_kernel(), 0);
  const StackReport large = report_on(repeated(layer_of({.input = 1 << 20, .kernel = 1 << 20, .stride = 1 << 10}), 64));
  EXPECT_FALSE(large.problems.empty());
  // Kernels of a million taps five times: more paths than can be counted.
  AxisSpec wide{.input = 1, .kernel = 1 << 20, .stride = 1, .padding_begin = 1 << 19, .padding_end = (1 << 19) - 1};
  const StackReport paths = report_on(repeated(layer_of(wide, 1), 5));
  EXPECT_EQ(paths.depths.size(), 5U);
  EXPECT_EQ(paths.depths[1].axes[0].most, int64_t{1} << 40);
  EXPECT_FALSE(paths.depths[3].known());
}

// Brute force: what real layers with kernels of ones make of ones and of an impulse.

/// A 1D stack of random layers in which nothing is illegal.
Stack random_stack(RandomLayers& random, int64_t input) {
  for (;;) {
    Stack stack;
    const int64_t layers = random.between(1, 4);
    for (int64_t i = 0; i < layers; ++i) {
      const auto kind = static_cast<StackKind>(random.between(0, 2));
      StackLayer layer{.name = "", .kind = kind, .spec = layer_of({.input = input}, 1)};
      AxisSpec& axis = layer.spec.axes[0];
      axis.kernel = random.between(1, 5);
      axis.stride = kind == StackKind::convolution ? 1 : random.between(1, 3);
      axis.dilation = random.between(1, 3);
      axis.padding_begin = random.between(0, 3);
      axis.padding_end = random.between(0, 3);
      if (kind == StackKind::transposed) axis.output_padding = random.between(0, axis.stride - 1);
      stack.push_back(layer);
    }
    if (report_on(stack).problems.empty()) return stack;
  }
}

/// The layer with ones as its weights, by the definition of each kind.
std::vector<float> passed(const std::vector<float>& x, const StackLayer& layer) {
  const AxisSpec& axis = layer.spec.axes[0];
  const auto cells = static_cast<int64_t>(x.size());
  LayerSpec spec = layer_of(axis, 1);
  spec.axes[0].input = cells;
  if (layer.kind == StackKind::nearest) spec.axes[0] = {.input = cells, .kernel = axis.stride, .stride = axis.stride};
  if (layer.kind != StackKind::convolution) {
    const Tensor y = scatter_add(spec, Tensor(input_shape(spec), x), Tensor::filled(weight_shape(spec), 1));
    return {y.values().begin(), y.values().end()};
  }
  std::vector<float> y;
  const int64_t size = cells + axis.padding_begin + axis.padding_end - axis.dilation * (axis.kernel - 1);
  for (int64_t o = 0; o < size; ++o) {
    float sum = 0;
    for (int64_t k = 0; k < axis.kernel; ++k) {
      const int64_t i = o + k * axis.dilation - axis.padding_begin;
      if (i >= 0 && i < cells) sum += x[static_cast<std::size_t>(i)];
    }
    y.push_back(sum);
  }
  return y;
}

std::string stack_text(const Stack& stack) {
  std::string text = "seed " + std::to_string(test_seed()) + ": ";
  for (const StackLayer& layer : stack)
    text += std::string(kind_name(layer.kind)) + " " + layer_text(layer.spec) + "; ";
  return text;
}

TEST(StackProperty, SizesAndProfilesAreThoseOfOnes) {
  RandomLayers random;
  for (int turn = 0; turn < 300; ++turn) {
    const Stack stack = random_stack(random, random.between(1, 12));
    SCOPED_TRACE(stack_text(stack));
    const StackReport report = report_on(stack);
    std::vector<float> ones(static_cast<std::size_t>(stack[0].spec.axes[0].input), 1);
    for (std::size_t i = 0; i < stack.size(); ++i) {
      ones = passed(ones, stack[i]);
      const StackAxis& axis = report.depths[i].axes[0];
      EXPECT_EQ(axis.output, static_cast<int64_t>(ones.size()));
      EXPECT_EQ(std::vector<float>(axis.profile.begin(), axis.profile.end()), ones);
    }
  }
}

/// In the middle of a long map, far from its ends, stands the pattern; an impulse there shows the footprint.
TEST(StackProperty, PatternsAndDriftsAreThoseOfALongMap) {
  RandomLayers random;
  for (int turn = 0; turn < 120; ++turn) {
    constexpr int64_t input = 60;
    const Stack stack = random_stack(random, input);
    SCOPED_TRACE(stack_text(stack));
    const StackReport report = report_on(stack);
    std::vector<float> ones(input, 1);
    std::vector<float> impulse(input, 0);
    impulse[input / 2] = 1;
    for (std::size_t depth = 0; depth < stack.size(); ++depth) {
      ones = passed(ones, stack[depth]);
      impulse = passed(impulse, stack[depth]);
      const StackAxis& axis = report.depths[depth].axes[0];
      const int64_t middle = input / 2 * axis.scale;
      for (int64_t o = middle; o < middle + 2 * axis.scale; ++o) {
        EXPECT_EQ(static_cast<float>(axis.pattern[static_cast<std::size_t>(o % axis.scale)]),
                  ones[static_cast<std::size_t>(o)]);
      }
      EXPECT_EQ(axis.least, *std::ranges::min_element(axis.pattern));
      EXPECT_EQ(axis.most, *std::ranges::max_element(axis.pattern));

      double mass = 0;
      double moment = 0;
      int64_t first = -1;
      int64_t last = -1;
      for (std::size_t o = 0; o < impulse.size(); ++o) {
        if (impulse[o] == 0) continue;
        mass += static_cast<double>(impulse[o]);
        moment += static_cast<double>(impulse[o]) * static_cast<double>(o);
        if (first < 0) first = static_cast<int64_t>(o);
        last = static_cast<int64_t>(o);
      }
      EXPECT_EQ(first, middle + axis.first);
      EXPECT_EQ(last, middle + axis.first + axis.reach - 1);
      const double centre = static_cast<double>(middle) + static_cast<double>(axis.scale - 1) / 2;
      EXPECT_NEAR(moment / mass - centre, axis.drift, 1e-9);
      const double ends = static_cast<double>(axis.first) + static_cast<double>(axis.reach - 1) / 2;
      EXPECT_EQ(ends - static_cast<double>(axis.scale - 1) / 2, axis.drift);
    }
  }
}

/// evening_kernel against trying every size.
TEST(StackProperty, TheSmallestEveningKernelIsFound) {
  RandomLayers random;
  for (int turn = 0; turn < 150; ++turn) {
    Stack stack = random_stack(random, 8);
    SCOPED_TRACE(stack_text(stack));
    const StackDepth last = report_on(stack).depths.back();
    const int64_t found = last.evening_kernel();
    for (int64_t kernel = 1; kernel <= found; ++kernel) {
      stack.push_back(size_keeping_convolution(1, 1, kernel));
      EXPECT_EQ(report_on(stack).depths.back().even(), kernel == found) << kernel;
      stack.pop_back();
    }
  }
}

}  // namespace
}  // namespace tconv::test
