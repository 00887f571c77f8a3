// Pixel shuffle against PyTorch's answers, its formula and its inverse.
#include "core/pixel_shuffle.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "support/random_layers.h"
#include "support/reference_cases.h"

namespace tconv {
namespace {

using std::int64_t;

Tensor counted(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  std::iota(values.begin(), values.end(), 0.0F);
  return {shape, std::move(values)};
}

struct RandomShuffle {
  ShuffleSpec spec;
  std::array<int64_t, 3> low{1, 1, 1};
  int64_t batch = 1;

  int64_t channels() const { return spec.out_channels * spec.group(); }
  Shape low_shape() const {
    std::vector<int64_t> extents{batch, channels()};
    for (int a = 3 - spec.dims; a < 3; ++a) extents.push_back(low[static_cast<std::size_t>(a)]);
    return Shape(extents);
  }
};

RandomShuffle random_shuffle(test::RandomLayers& random) {
  RandomShuffle out;
  out.batch = random.between(1, 2);
  out.spec = {.factor = random.between(1, 4),
              .dims = static_cast<int>(random.between(1, 3)),
              .out_channels = random.between(1, 3),
              .order = random.between(0, 1) == 0 ? ChannelOrder::crd : ChannelOrder::dcr};
  for (int a = 3 - out.spec.dims; a < 3; ++a) out.low[static_cast<std::size_t>(a)] = random.between(1, 4);
  return out;
}

TEST(PixelShuffle, EqualsPyTorch) {
  const auto cases = test::reference_cases("pixel_shuffle");
  ASSERT_EQ(cases.size(), 6U);
  for (const test::ReferenceCase& entry : cases) {
    SCOPED_TRACE(entry.name);
    const auto arrays = test::reference_tensors(entry.name);
    EXPECT_TRUE(validate_shuffle(arrays.at("x").shape(), entry.factor, false).empty());
    EXPECT_EQ(pixel_shuffle(arrays.at("x"), entry.factor), arrays.at("y"));
    EXPECT_TRUE(validate_shuffle(arrays.at("y").shape(), entry.factor, true).empty());
    EXPECT_EQ(pixel_unshuffle(arrays.at("y"), entry.factor), arrays.at("x"));
  }
}

TEST(PixelShuffle, WritesWhatTheFormulasSay) {
  // 8 channels of one cell, r = 2: two output channels of 2 × 2.
  const Tensor input = counted(Shape{1, 8, 1, 1});
  EXPECT_EQ(pixel_shuffle(input, 2, ChannelOrder::crd), Tensor(Shape({1, 2, 2, 2}), {0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(pixel_shuffle(input, 2, ChannelOrder::dcr), Tensor(Shape({1, 2, 2, 2}), {0, 2, 4, 6, 1, 3, 5, 7}));
  // The 1D layer's phases, interleaved.
  EXPECT_EQ(pixel_shuffle(Tensor(Shape{1, 2, 5}, {1, 3, -1, -1, 6, 2, 4, -2, 0, 8}), 2),
            Tensor(Shape({1, 1, 10}), {1, 2, 3, 4, -1, -2, -1, 0, 6, 8}));
}

TEST(PixelShuffle, BothOrdersAreOneForOneOutputChannel) {
  const Tensor input = counted(Shape{2, 9, 2, 3});
  EXPECT_EQ(pixel_shuffle(input, 3, ChannelOrder::crd), pixel_shuffle(input, 3, ChannelOrder::dcr));
  EXPECT_NE(pixel_shuffle(counted(Shape{2, 18, 2, 3}), 3, ChannelOrder::crd),
            pixel_shuffle(counted(Shape{2, 18, 2, 3}), 3, ChannelOrder::dcr));
}

TEST(PixelShuffle, LookupsAreInverseAndWhatIsDone) {
  test::RandomLayers random;
  for (int round = 0; round < 60; ++round) {
    const RandomShuffle one = random_shuffle(random);
    SCOPED_TRACE("seed " + std::to_string(test::test_seed()) + ", round " + std::to_string(round));
    const Tensor low = counted(one.low_shape());
    const Tensor high = pixel_shuffle(low, one.spec.factor, one.spec.order);
    ASSERT_EQ(high.shape()[1], one.spec.out_channels);
    EXPECT_EQ(pixel_unshuffle(high, one.spec.factor, one.spec.order), low);
    std::array<int64_t, 3> size = one.low;
    for (int a = 3 - one.spec.dims; a < 3; ++a) size[static_cast<std::size_t>(a)] *= one.spec.factor;
    std::set<float> seen;
    int64_t flat = 0;
    for (int64_t n = 0; n < one.batch; ++n) {
      for (int64_t c = 0; c < one.spec.out_channels; ++c) {
        for (int64_t z = 0; z < size[0]; ++z) {
          for (int64_t y = 0; y < size[1]; ++y) {
            for (int64_t x = 0; x < size[2]; ++x, ++flat) {
              const ShufflePlace output{c, {z, y, x}};
              const ShufflePlace source = shuffle_source(one.spec, output);
              ASSERT_EQ(shuffle_target(one.spec, source), output);
              const int64_t from =
                  (((n * one.channels() + source.channel) * one.low[0] + source.at[0]) * one.low[1] + source.at[1]) *
                      one.low[2] +
                  source.at[2];
              ASSERT_EQ(high[flat], low[from]);
              seen.insert(high[flat]);
            }
          }
        }
      }
    }
    EXPECT_EQ(static_cast<int64_t>(seen.size()), low.size());  // every input cell once
  }
}

std::string only_line(const Shape& input, int64_t factor, bool inverse) {
  const auto problems = validate_shuffle(input, factor, inverse);
  EXPECT_EQ(problems.size(), 1U);
  return problems.empty() ? "" : to_line(problems.front());
}

TEST(PixelShuffle, NamesTheRuleAndTheNearestChannels) {
  EXPECT_EQ(only_line(Shape{1, 6, 2, 2}, 2, false),
            "channels: must be a multiple of factor² = 4, such as 4 or 8, found 6; nearest legal value: 4");
  EXPECT_EQ(only_line(Shape{1, 7, 2, 2}, 2, false),
            "channels: must be a multiple of factor² = 4, such as 4 or 8, found 7; nearest legal value: 8");
  EXPECT_EQ(only_line(Shape{1, 3, 2}, 4, false),
            "channels: must be a multiple of factor = 4, such as 4, found 3; nearest legal value: 4");
  EXPECT_EQ(only_line(Shape{1, 30, 2, 2, 2}, 3, false),
            "channels: must be a multiple of factor³ = 27, such as 27 or 54, found 30; nearest legal value: 27");
  EXPECT_EQ(only_line(Shape{1, 1, 4, 5}, 2, true),
            "input (axis 1): must be a multiple of factor = 2, such as 4 or 6, found 5; nearest legal value: 4");
  EXPECT_EQ(only_line(Shape{1, 4, 2, 2}, 0, false), "factor: must be at least 1, found 0; nearest legal value: 1");
  EXPECT_EQ(only_line(Shape{4, 2}, 2, false),
            "input: must have 3, 4 or 5 axes: N, C and 1 to 3 spatial ones, found shape 4 × 2");
  EXPECT_EQ(only_line(Shape{1, 4, 0, 2}, 2, false),
            "input: must have at least one cell on every axis, found shape 1 × 4 × 0 × 2");
}

TEST(PixelShuffle, HugeFactorsAreProblemsAndNoOverflow) {
  EXPECT_FALSE(validate_shuffle(Shape{1, 4, 2, 2}, INT64_MAX, false).empty());
  EXPECT_FALSE(validate_shuffle(Shape{1, 4, 2, 2, 2}, 1 << 20, false).empty());
  EXPECT_FALSE(validate_shuffle(Shape{1, 4, 2, 2, 2}, 1 << 20, true).empty());
  EXPECT_EQ((ShuffleSpec{.factor = INT64_MAX, .dims = 3}).group(), INT64_MAX);
}

}  // namespace
}  // namespace tconv
