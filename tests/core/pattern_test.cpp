#include "core/pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "core/scatter_add.h"

namespace tconv {
namespace {

const std::vector<std::int64_t> ones_stride{1, 1, 1};

Tensor made(std::string id, const Shape& shape, const std::vector<std::int64_t>& stride = ones_stride) {
  return make_array({.id = std::move(id), .seed = 1, .values = {}}, shape, stride);
}

TEST(Pattern, OnesCountingAndImpulse) {
  EXPECT_EQ(made("ones", Shape{1, 1, 2, 2}), Tensor::filled(Shape{1, 1, 2, 2}, 1));
  EXPECT_EQ(made("counting", Shape{1, 1, 2, 3}), Tensor(Shape{1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(made("counting", Shape{1, 2, 2}), Tensor(Shape{1, 2, 2}, {1, 2, 1, 2})) << "each map counts anew";
  EXPECT_EQ(made("impulse", Shape{1, 1, 3, 3}), Tensor(Shape{1, 1, 3, 3}, {0, 0, 0, 0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(made("impulse", Shape{1, 1, 4}), Tensor(Shape{1, 1, 4}, {0, 1, 0, 0}));
}

TEST(Pattern, CornersAndCentre) {
  EXPECT_EQ(made("corners", Shape{1, 1, 3, 3}), Tensor(Shape{1, 1, 3, 3}, {1, 0, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_EQ(made("corners", Shape{1, 1, 2, 2}), Tensor::filled(Shape{1, 1, 2, 2}, 1));
  EXPECT_EQ(made("corners", Shape{1, 1, 4, 4}),
            Tensor(Shape{1, 1, 4, 4}, {1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1}))
      << "an even kernel has no centre";
  EXPECT_EQ(made("corners", Shape{1, 1, 1}), Tensor(Shape{1, 1, 1}, {1}));
}

TEST(Pattern, GradientAndChecker) {
  EXPECT_EQ(made("gradient", Shape{1, 1, 3}), Tensor(Shape{1, 1, 3}, {0, 0.5F, 1}));
  EXPECT_EQ(made("gradient", Shape{1, 1, 2, 2}), Tensor(Shape{1, 1, 2, 2}, {0, 0.5F, 0.5F, 1}));
  EXPECT_EQ(made("gradient", Shape{1, 1, 1}), Tensor(Shape{1, 1, 1}, {0}));
  EXPECT_EQ(made("checker", Shape{1, 1, 2, 3}), Tensor(Shape{1, 1, 2, 3}, {1, 0, 1, 0, 1, 0}));
}

TEST(Bilinear, IsTheTriangleThatTheStrideAsksFor) {
  EXPECT_EQ(made("bilinear", Shape{1, 1, 4}, {2}), Tensor(Shape{1, 1, 4}, {0.25F, 0.75F, 0.75F, 0.25F}));
  EXPECT_EQ(made("bilinear", Shape{1, 1, 3}, {2}), Tensor(Shape{1, 1, 3}, {0.5F, 1, 0.5F}));
  const float sixth = static_cast<float>(1.0 / 6);
  const Tensor three = made("bilinear", Shape{1, 1, 6}, {3});
  const float expected[] = {1, 3, 5, 5, 3, 1};
  for (std::int64_t i = 0; i < 6; ++i) EXPECT_NEAR(three[i], expected[i] * sixth, 1e-7F);
}

TEST(Bilinear, IsTheOuterProductOfItsAxes) {
  const float edge[] = {0.25F, 0.75F, 0.75F, 0.25F};
  const Tensor kernel = made("bilinear", Shape{1, 2, 4, 4}, {2, 2});
  for (std::int64_t i = 0; i < kernel.size(); ++i) EXPECT_EQ(kernel[i], edge[i / 4 % 4] * edge[i % 4]) << i;
  // Each axis has its own stride.
  const Tensor mixed = made("bilinear", Shape{1, 1, 4, 3}, {2, 2});
  EXPECT_EQ(mixed[0], 0.125F);
  EXPECT_EQ(mixed[1 * 3 + 1], 0.75F);
  EXPECT_EQ(made("bilinear", Shape{1, 1, 4, 1}, {2, 1}), Tensor(Shape{1, 1, 4, 1}, {0.25F, 0.75F, 0.75F, 0.25F}));
}

TEST(Bilinear, IsWhatCaffesFillerWrites) {
  // Caffe and FCN: f = ⌈K/2⌉, c = (2f − 1 − f mod 2) / 2f, value 1 − |i/f − c|; for K 4, 4, 16 / S 2, 2, 8 and odd S.
  for (const std::int64_t stride : {1, 2, 3, 4, 5, 8}) {
    const std::int64_t size = 2 * stride - stride % 2;
    const double f = std::ceil(static_cast<double>(size) / 2);
    const double c = (2 * f - 1 - std::fmod(f, 2)) / (2 * f);
    const Tensor kernel = made("bilinear", Shape{1, 1, size}, {stride});
    for (std::int64_t i = 0; i < size; ++i) {
      EXPECT_NEAR(static_cast<double>(kernel[i]), 1 - std::abs(static_cast<double>(i) / f - c), 1e-6) << stride;
    }
  }
}

TEST(Bilinear, OfTwiceTheStrideHasEqualPhaseSums) {
  for (std::int64_t stride = 1; stride <= 8; ++stride) {
    const Tensor kernel = made("bilinear", Shape{1, 1, 2 * stride}, {stride});
    for (std::int64_t phase = 0; phase < stride; ++phase) {
      EXPECT_NEAR(static_cast<double>(kernel[phase]) + static_cast<double>(kernel[phase + stride]), 1.0, 1e-6)
          << stride;
    }
  }
}

TEST(Bilinear, IsFlatAlthoughTheCountsOfThreeByTwoAreNot) {
  LayerSpec layer;
  layer.dims = 1;
  layer.axes[0] = {.input = 6, .kernel = 3, .stride = 2};
  const Tensor flat = scatter_add(layer, made("ones", Shape{1, 1, 6}), made("bilinear", Shape{1, 1, 3}, {2}));
  for (std::int64_t i = 1; i + 1 < flat.size(); ++i) EXPECT_EQ(flat[i], 1.0F) << i;
  // Even counts alone do not: a kernel of 4 by 2 with unequal phase sums ripples.
  layer.axes[0].kernel = 4;
  const Tensor rippled = scatter_add(layer, made("ones", Shape{1, 1, 6}), Tensor(Shape{1, 1, 4}, {1, 2, 3, 5}));
  EXPECT_NE(rippled[4], rippled[5]);
}

TEST(Random, IsReproducible) {
  const Shape shape{2, 3, 20};
  const Pattern pattern{.id = "random", .seed = 7, .values = {}};
  const Tensor once = make_array(pattern, shape, ones_stride);
  EXPECT_EQ(make_array(pattern, shape, ones_stride), once);
  EXPECT_NE(make_array({.id = "random", .seed = 8, .values = {}}, shape, ones_stride), once);
  std::set<float> different(once.values().begin(), once.values().end());
  EXPECT_GT(different.size(), 50U);
  double sum = 0;
  double squares = 0;
  const Tensor many = make_array(pattern, Shape{1, 1, 20000}, ones_stride);
  for (const float value : many.values()) {
    const auto exact = static_cast<double>(value);
    EXPECT_NEAR(exact * 100, std::round(exact * 100), 1e-4) << "hundredths";
    sum += exact;
    squares += exact * exact;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.03);
  EXPECT_NEAR(squares / 20000, 1, 0.05);
}

TEST(Random, HasNoNegativeZero) {
  const Tensor many = make_array({.id = "random", .seed = 7, .values = {}}, Shape{1, 1, 20000}, ones_stride);
  const auto negative_zeros =
      std::ranges::count_if(many.values(), [](float value) { return value == 0 && std::signbit(value); });
  EXPECT_EQ(negative_zeros, 0) << "a cell would read \"-0\"";
}

TEST(Custom, KeepsItsValuesWhenTheShapeFits) {
  const Tensor values(Shape{1, 1, 2, 2}, {1, 2, 3, 4});
  const Tensor array = make_array(custom_pattern(values), values.shape(), ones_stride);
  EXPECT_EQ(array, values);
  EXPECT_EQ(array.data(), values.data()) << "no copy";
}

TEST(Custom, IsCroppedAndContinuedAtTheFarEnds) {
  const Pattern pattern = custom_pattern(Tensor(Shape{1, 1, 2, 3}, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(make_array(pattern, Shape{1, 1, 1, 2}, ones_stride), Tensor(Shape{1, 1, 1, 2}, {1, 2}));
  EXPECT_EQ(make_array(pattern, Shape{1, 1, 3, 4}, ones_stride),
            Tensor(Shape{1, 1, 3, 4}, {1, 2, 3, 0, 4, 5, 6, 0, 0, 0, 0, 0}));
  EXPECT_EQ(make_array(pattern, Shape{1, 2, 2, 1}, ones_stride), Tensor(Shape{1, 2, 2, 1}, {1, 4, 0, 0}));
  EXPECT_EQ(make_array(pattern, Shape{1, 1, 2, 3}, ones_stride), pattern.values) << "smaller and back loses nothing";
}

TEST(Custom, IsResizedOnEveryAxisOfFive) {
  std::vector<float> values(2 * 2 * 2 * 2 * 2);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
  const Pattern pattern = custom_pattern(Tensor(Shape{2, 2, 2, 2, 2}, values));
  const Shape shape{3, 1, 3, 1, 3};
  const Tensor array = make_array(pattern, shape, ones_stride);
  std::int64_t flat = 0;
  for (std::int64_t a = 0; a < 3; ++a) {
    for (std::int64_t c = 0; c < 3; ++c) {
      for (std::int64_t e = 0; e < 3; ++e) {
        const bool inside = a < 2 && c < 2 && e < 2;
        EXPECT_EQ(array[flat++], inside ? static_cast<float>(a * 16 + c * 4 + e + 1) : 0.0F) << a << c << e;
      }
    }
  }
}

TEST(Custom, OfAnotherRankIsZeros) {
  const Pattern pattern = custom_pattern(Tensor(Shape{1, 1, 2}, {1, 2}));
  EXPECT_EQ(make_array(pattern, Shape{1, 1, 2, 2}, ones_stride), Tensor::filled(Shape{1, 1, 2, 2}, 0));
}

TEST(PatternList, EveryIdIsKnownOnceAndMakesFiniteNumbers) {
  for (const auto list : {kernel_patterns(), input_patterns()}) {
    std::set<std::string_view> ids;
    for (const PatternInfo& info : list) {
      EXPECT_TRUE(ids.insert(info.id).second) << info.id << " twice";
      EXPECT_TRUE(is_known_pattern(info.id)) << info.id;
      EXPECT_FALSE(info.label.empty());
      EXPECT_FALSE(info.help.empty());
      for (int dims = 1; dims <= 3; ++dims) {
        std::vector<std::int64_t> extents{2, 2};
        for (int a = 0; a < dims; ++a) extents.push_back(a + 1);
        const Tensor array = made(std::string(info.id), Shape(extents), {2, 2, 2});
        EXPECT_EQ(array.shape(), Shape(extents));
        for (const float value : array.values()) EXPECT_TRUE(std::isfinite(value)) << info.id;
      }
    }
  }
  EXPECT_TRUE(is_known_pattern("custom"));
  EXPECT_FALSE(is_known_pattern(""));
  EXPECT_FALSE(is_known_pattern("Ones"));
}

}  // namespace
}  // namespace tconv
