#include <gtest/gtest.h>

#include <limits>

#include "core/layer_spec.h"
#include "document/fields.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

/// One axis, one tap: the output has as many cells as the input.
LayerSpec identity(std::int64_t cells) {
  LayerSpec layer;
  layer.dims = 1;
  layer.axes[0].input = cells;
  return layer;
}

TEST(Limits, AnOutputOf2To31ElementsIsTheLargest) {
  LayerSpec layer = identity(std::int64_t{1} << 30);
  layer.axes[0].kernel = layer.axes[0].stride = 2;
  EXPECT_TRUE(validate(layer).empty());
  layer.axes[0].output_padding = 1;
  const auto problems = validate(layer);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].field, "output");
  EXPECT_NE(problems[0].rule.find("2147483648"), std::string::npos) << problems[0].rule;
  EXPECT_EQ(problems[0].found, "2147483649");
  EXPECT_FALSE(problems[0].nearest);
}

TEST(Limits, BatchAndChannelsCountToo) {
  LayerSpec layer = identity(std::int64_t{1} << 15);
  layer.batch = 1 << 8;
  layer.out_channels = 1 << 8;
  EXPECT_TRUE(validate(layer).empty());
  layer.out_channels = 1 << 9;
  EXPECT_EQ(validate(layer).size(), 1U);
}

TEST(Limits, AProductThatWouldWrapToLittleIsFound) {
  LayerSpec layer;
  layer.dims = 3;
  layer.axes.fill({.input = std::int64_t{1} << 31});
  layer.batch = std::int64_t{1} << 35;  // 2^128 elements in all
  EXPECT_FALSE(validate(layer).empty());
}

TEST(Limits, MemoryIsCountedBeforeItIsTaken) {
  LayerSpec layer;
  layer.axes = {AxisSpec{.input = 2, .kernel = 3}, AxisSpec{.input = 5, .kernel = 2}, AxisSpec{}};
  layer.batch = 3;
  layer.in_channels = 4;
  layer.out_channels = 6;
  layer.groups = 2;
  const std::int64_t input = 3 * 4 * 2 * 5;
  const std::int64_t weight = 4 * 3 * 3 * 2;
  const std::int64_t plane = 4 * 6;
  const std::int64_t needed = 4 * (input + weight + 3 * 6 * plane) + 8 * plane;
  EXPECT_EQ(memory_needed(layer), needed);

  EXPECT_TRUE(validate(layer, {.memory_bytes = needed}).empty());
  const auto problems = validate(layer, {.memory_bytes = needed - 1});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].field, "output");
  EXPECT_NE(problems[0].rule.find("memory"), std::string::npos) << problems[0].rule;
}

TEST(Limits, LargeMemoryIsSaidInGibibytes) {
  LayerSpec layer = identity(std::int64_t{1} << 30);  // 4 GiB in, 4 GiB out, 8 GiB of sums
  const auto problems = validate(layer, {.memory_bytes = std::int64_t{3} << 29});
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].rule.find("1.5 GiB"), std::string::npos) << problems[0].rule;
  EXPECT_EQ(problems[0].found, "16.0 GiB");
}

TEST(Limits, AxisNumbersEndAt2To20) {
  for (const char* name : {"kernel", "stride", "padding_begin", "padding_end", "dilation"}) {
    LayerSpec layer;
    layer.dims = 1;
    layer.axes[0] = {.input = 1 << 22, .kernel = 1};
    const std::int64_t most = std::int64_t{1} << 20;
    const Field& field = *find_field(name);
    const auto problems = validate(with_field(layer, field, 0, most + 1));
    ASSERT_EQ(problems.size(), 1U) << name;
    EXPECT_EQ(problems[0].field, name);
    EXPECT_EQ(problems[0].nearest, most) << name;
  }
}

TEST(Limits, AnInputTooLargeForAnyArrayIsRefused) {
  // The paddings crop 2^63 input cells to one output cell; the output alone would look harmless.
  LayerSpec layer;
  layer.dims = 3;
  const std::int64_t half = std::int64_t{1} << 20;
  layer.axes.fill({.input = 2 * half + 1, .padding_begin = half, .padding_end = half});
  ASSERT_EQ(output_shape(layer).elements(), 1);
  EXPECT_FALSE(validate(layer).empty());
}

TEST(Limits, AWeightTooLargeForAnyArrayIsRefused) {
  LayerSpec layer;
  layer.in_channels = INT64_MAX;
  layer.axes.fill({.input = 1, .kernel = 3});
  EXPECT_FALSE(weight_shape(layer).checked_elements());
  EXPECT_FALSE(validate(layer).empty());
}

TEST(Limits, HugeNumbersNeverOverflow) {
  constexpr std::int64_t huge[] = {INT64_MAX, INT64_MAX - 1, std::int64_t{1} << 62, std::int64_t{1} << 32, 1};
  for (const Field& field : fields()) {
    for (const Field& other : fields()) {
      for (const std::int64_t value : huge) {
        LayerSpec layer;
        layer.dims = 3;
        layer.axes.fill({.input = 2, .kernel = 3});
        if (field.name == "groups" || other.name == "groups") continue;  // a test of its own, beside the group rule
        layer = with_field(layer, field, all_axes, value);
        layer = with_field(layer, other, all_axes, INT64_MAX);
        SCOPED_TRACE(test::layer_text(layer));
        if (other.name != "bias") {
          EXPECT_FALSE(validate(layer, {.memory_bytes = INT64_MAX - 1}).empty());
        }
        EXPECT_GE(memory_needed(layer), 0);
      }
    }
  }
}

TEST(Limits, OutputSizeSaturates) {
  const AxisSpec large{INT64_MAX, INT64_MAX, INT64_MAX, 0, 0, INT64_MAX, INT64_MAX};
  EXPECT_EQ(output_size(large), INT64_MAX);
  EXPECT_EQ(stamp_extent(large), INT64_MAX);
  constexpr std::int64_t low = std::numeric_limits<std::int64_t>::min();
  EXPECT_EQ(output_size({.input = low, .kernel = low, .stride = low, .dilation = low}), INT64_MAX)
      << "illegal, and still no overflow: two products of negative numbers";
  EXPECT_EQ(output_size({.input = 1, .padding_begin = INT64_MAX, .padding_end = INT64_MAX}),
            std::numeric_limits<std::int64_t>::min());
}

TEST(ValidateArrays, WantsPyTorchsShapes) {
  LayerSpec layer;
  layer.axes = {AxisSpec{.input = 4, .kernel = 3, .stride = 2}, AxisSpec{.input = 5, .kernel = 2}, AxisSpec{}};
  layer.batch = 2;
  layer.in_channels = 6;
  layer.out_channels = 9;
  layer.groups = 3;
  EXPECT_EQ(input_shape(layer), (Shape{2, 6, 4, 5}));
  EXPECT_EQ(weight_shape(layer), (Shape{6, 3, 3, 2})) << "[C_in, C_out/G, kH, kW]";
  EXPECT_EQ(output_shape(layer), (Shape{2, 9, 9, 6}));

  const Shape bias{9};
  EXPECT_TRUE(validate_arrays(layer, input_shape(layer), weight_shape(layer), nullptr).empty());
  EXPECT_TRUE(validate_arrays(layer, input_shape(layer), weight_shape(layer), &bias).empty());
  const Shape wrong{3};
  const auto problems = validate_arrays(layer, Shape{2, 6, 4}, Shape{9, 2, 3, 2}, &wrong);
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_EQ(to_line(problems[0]), "input: must have shape 2 × 6 × 4 × 5, found 2 × 6 × 4");
  EXPECT_EQ(problems[1].field, "weight");
  EXPECT_EQ(to_line(problems[2]), "bias: must have shape 9, found 3");
}

TEST(Problem, ReadsAsOneLine) {
  EXPECT_EQ(to_line({.field = "stride", .axis = 1, .rule = "must be at least 1", .found = "0", .nearest = 1}),
            "stride (axis 1): must be at least 1, found 0; nearest legal value: 1");
  EXPECT_EQ(to_line({.field = "output", .rule = "may be so", .found = "more", .nearest = {}}),
            "output: may be so, found more");
}

TEST(LayerSpec, AsThreeAxesTheLastStayLast) {
  LayerSpec layer;
  layer.axes = {AxisSpec{.input = 5, .kernel = 2}, AxisSpec{.input = 7, .kernel = 3}, AxisSpec{.input = 99}};
  const auto axes = layer.as_3d();
  EXPECT_EQ(axes[0], AxisSpec{});
  EXPECT_EQ(axes[1], layer.axes[0]);
  EXPECT_EQ(axes[2], layer.axes[1]);
}

}  // namespace
}  // namespace tconv
