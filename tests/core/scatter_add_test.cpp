#include "core/scatter_add.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "layers.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using test::line;
using test::square;

/// A square one-channel 2D layer.
LayerSpec square_map(std::int64_t input, std::int64_t kernel, std::int64_t stride = 1, std::int64_t padding = 0) {
  return square({input, kernel, stride, padding, padding, 0, 1});
}

/// The values as a one-channel array.
Tensor map(std::int64_t height, std::int64_t width, std::vector<float> values) {
  return Tensor(Shape{1, 1, height, width}, std::move(values));
}
Tensor signal(std::vector<float> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return Tensor(Shape{1, 1, size}, std::move(values));
}

const Tensor counting = map(2, 2, {1, 2, 3, 4});
const Tensor corners = map(3, 3, {1, 0, 1, 0, 1, 0, 1, 0, 1});

TEST(ScatterAdd, CornersAndCentreStrideOne) {
  EXPECT_EQ(scatter_add(square_map(2, 3), counting, corners), map(4, 4,
                                                                  {1, 2, 1, 2,  //
                                                                   3, 5, 5, 4,  //
                                                                   1, 5, 5, 2,  //
                                                                   3, 4, 3, 4}));
}

TEST(ScatterAdd, CornersAndCentreStrideTwoMeetInTheCentre) {
  EXPECT_EQ(scatter_add(square_map(2, 3, 2), counting, corners), map(5, 5, {1, 0, 3,  0, 2,  //
                                                                            0, 1, 0,  2, 0,  //
                                                                            4, 0, 10, 0, 6,  //
                                                                            0, 3, 0,  4, 0,  //
                                                                            3, 0, 7,  0, 4}));
}

TEST(ScatterAdd, CornersAndCentreStrideThreeDoNotOverlap) {
  EXPECT_EQ(scatter_add(square_map(2, 3, 3), counting, corners), map(6, 6, {1, 0, 1, 2, 0, 2,  //
                                                                            0, 1, 0, 0, 2, 0,  //
                                                                            1, 0, 1, 2, 0, 2,  //
                                                                            3, 0, 3, 4, 0, 4,  //
                                                                            0, 3, 0, 0, 4, 0,  //
                                                                            3, 0, 3, 4, 0, 4}));
}

TEST(ScatterAdd, Ones) {
  EXPECT_EQ(scatter_add(square_map(2, 3), counting, Tensor::filled(Shape{1, 1, 3, 3}, 1)), map(4, 4,
                                                                                               {1, 3, 3, 2,    //
                                                                                                4, 10, 10, 6,  //
                                                                                                4, 10, 10, 6,  //
                                                                                                3, 7, 7, 4}));
}

TEST(ScatterAdd, TheKernelIsNotFlipped) {
  const Tensor output = scatter_add(square_map(2, 3), counting, map(3, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}));
  const std::vector<float> first_row(output.data(), output.data() + 4);
  EXPECT_EQ(first_row, (std::vector<float>{1, 4, 7, 6})) << "9 26 23 14 is what a flipped kernel gives";
}

TEST(ScatterAdd, PaddingCrops) {
  const Tensor x = map(2, 2, {0, 1, 2, 3});
  EXPECT_EQ(scatter_add(square_map(2, 2), x, x), map(3, 3, {0, 0, 1, 0, 4, 6, 4, 12, 9}));
  EXPECT_EQ(scatter_add(square_map(2, 2, 1, 1), x, x), map(1, 1, {4}));
}

TEST(ScatterAdd, PhasesExample) {
  EXPECT_EQ(scatter_add(line({.input = 4, .kernel = 4, .stride = 2}), signal({1, 0, -1, 2}), signal({1, 2, 3, 4})),
            signal({1, 2, 3, 4, -1, -2, -1, 0, 6, 8}));
}

TEST(ScatterAdd, GradientsExample) {
  EXPECT_EQ(scatter_add(line({.input = 3, .kernel = 3, .stride = 2}), signal({1, 2, 3}), signal({1, -1, 2})),
            signal({1, -1, 4, -2, 7, -3, 6}));
}

TEST(ScatterAdd, ItsMatrixIsTheConvolutionsTransposed) {
  // N = 5, k3, s2, p1: C = [w1 w2 0 0 0; 0 w0 w1 w2 0; 0 0 0 w0 w1]; painting the j-th unit vector reads its j-th row.
  const LayerSpec layer = line({3, 3, 2, 1, 1, 0, 1});
  const Tensor w = signal({10, 20, 30});
  EXPECT_EQ(scatter_add(layer, signal({1, 0, 0}), w), signal({20, 30, 0, 0, 0}));
  EXPECT_EQ(scatter_add(layer, signal({0, 1, 0}), w), signal({0, 10, 20, 30, 0}));
  EXPECT_EQ(scatter_add(layer, signal({0, 0, 1}), w), signal({0, 0, 0, 10, 20}));
}

TEST(ScatterAdd, IsAdjointAndNotInverse) {
  // The 2×2 means of 1 … 16 painted back with the same weights do not give 1.
  const Tensor means = map(2, 2, {3.5F, 5.5F, 11.5F, 13.5F});
  const Tensor back = scatter_add(square_map(2, 2, 2), means, Tensor::filled(Shape{1, 1, 2, 2}, 0.25F));
  EXPECT_EQ(back.shape(), (Shape{1, 1, 4, 4}));
  EXPECT_EQ(back[0], 0.875F);
}

TEST(ScatterAdd, OutputPaddingAddsRealProductsOnlyWherePaddingCroppedThem) {
  const Tensor x = signal({1, 2, 3});
  const Tensor w = signal({1, 10, 100});
  const Tensor b(Shape{1}, {0.5F});
  EXPECT_EQ(scatter_add(line({3, 3, 2, 1, 1, 1, 1}), x, w), signal({10, 102, 20, 203, 30, 300}));
  EXPECT_EQ(scatter_add(line({3, 3, 2, 1, 1, 0, 1}), x, w), signal({10, 102, 20, 203, 30}));
  EXPECT_EQ(scatter_add(line({3, 3, 2, 0, 0, 1, 1}), x, w, b),
            signal({1.5F, 10.5F, 102.5F, 20.5F, 203.5F, 30.5F, 300.5F, 0.5F}));
}

TEST(ScatterAdd, BeginAndEndPaddingCropTheirOwnEnd) {
  const Tensor x = signal({1, 2});
  const Tensor w = signal({1, 10, 100});
  EXPECT_EQ(scatter_add(line({.input = 2, .kernel = 3, .stride = 3}), x, w), signal({1, 10, 100, 2, 20, 200}));
  EXPECT_EQ(scatter_add(line({.input = 2, .kernel = 3, .stride = 3, .padding_begin = 2}), x, w),
            signal({100, 2, 20, 200}));
  EXPECT_EQ(scatter_add(line({.input = 2, .kernel = 3, .stride = 3, .padding_end = 2}), x, w), signal({1, 10, 100, 2}));
}

TEST(ScatterAdd, PaddingBeyondTheStampCropsWholeInputCells) {
  const LayerSpec layer = line({.input = 5, .kernel = 2, .padding_begin = 3, .padding_end = 2});
  EXPECT_EQ(scatter_add(layer, signal({1, 2, 3, 4, 5}), signal({1, 10})), signal({34}));
}

TEST(ScatterAdd, GroupsDoNotMix) {
  LayerSpec layer = line({.input = 1, .kernel = 1});
  layer.in_channels = 4;
  layer.out_channels = 4;
  layer.groups = 2;
  layer.batch = 2;
  const Tensor x(Shape{2, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  const Tensor w(Shape{4, 2, 1}, {1, 10, 100, 1000, 1, 10, 100, 1000});
  EXPECT_EQ(scatter_add(layer, x, w), Tensor(Shape{2, 4, 1}, {201, 2010, 403, 4030, 605, 6050, 807, 8070}));
}

TEST(ScatterAdd, BiasIsOneNumberPerOutputChannel) {
  LayerSpec layer = line({.input = 2, .kernel = 1});
  layer.out_channels = 2;
  layer.batch = 2;
  layer.bias = true;
  const Tensor x(Shape{2, 1, 2}, {1, 2, 3, 4});
  EXPECT_EQ(scatter_add(layer, x, Tensor(Shape{1, 2, 1}, {1, -1}), Tensor(Shape{2}, {100, 200})),
            Tensor(Shape{2, 2, 2}, {101, 102, 199, 198, 103, 104, 197, 196}));
}

TEST(ScatterAdd, AStackOfThreesIsHitMoreAndMoreUnevenly) {
  // K3 S2 on ones: interior counts {1,2,3} after two layers, {1..5} after three.
  Tensor counts = Tensor::filled(Shape{1, 1, 8}, 1);
  const Tensor ones = Tensor::filled(Shape{1, 1, 3}, 1);
  for (const std::int64_t most : {2, 3, 5}) {
    counts = scatter_add(line({.input = counts.size(), .kernel = 3, .stride = 2}), counts, ones);
    const auto interior = counts.values().subspan(8, counts.values().size() - 16);
    if (most == 2) continue;
    EXPECT_EQ(std::ranges::min(interior), 1.0F);
    EXPECT_EQ(std::ranges::max(interior), static_cast<float>(most));
  }
}

TEST(ScatterAdd, ALongSumIsRoundedOnce) {
  // Half of the channels add what the other half takes away again: what is left is about 1e-4 of the partial sums.
  constexpr std::int64_t channels = 2048;
  LayerSpec layer = line({.input = 6, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1});
  layer.in_channels = channels;
  test::RandomLayers random;
  std::vector<float> x;
  std::vector<float> w;
  const Tensor noise = random.floats(Shape{channels * 9});
  for (std::int64_t c = 0; c < channels; ++c) {
    const float sign = c < channels / 2 ? 1.0F : -1.0F;
    for (int i = 0; i < 6; ++i) x.push_back(1.0F + 0.01F * noise[c * 9 + i]);
    for (int k = 0; k < 3; ++k) w.push_back(sign * (1.0F + 0.01F * noise[c * 9 + 6 + k]));
  }
  const std::int64_t size = output_size(layer.axes[0]);
  std::vector<double> exact(static_cast<std::size_t>(size));
  for (std::int64_t c = 0; c < channels; ++c) {
    for (std::int64_t i = 0; i < 6; ++i) {
      for (std::int64_t k = 0; k < 3; ++k) {
        const std::int64_t at = 2 * i + k - 1;
        if (at < 0 || at >= size) continue;
        exact[static_cast<std::size_t>(at)] +=
            static_cast<double>(x[static_cast<std::size_t>(c * 6 + i)]) * w[static_cast<std::size_t>(c * 3 + k)];
      }
    }
  }
  double square_sum = 0;
  for (const double value : exact) square_sum += value * value;
  const double rms = std::sqrt(square_sum / static_cast<double>(size));
  const Tensor y = scatter_add(layer, Tensor(input_shape(layer), x), Tensor(weight_shape(layer), w));
  for (std::int64_t i = 0; i < size; ++i) {
    EXPECT_NEAR(static_cast<double>(y[i]), exact[static_cast<std::size_t>(i)], 2e-5 * rms);
    EXPECT_NEAR(static_cast<double>(y[i]), exact[static_cast<std::size_t>(i)],
                1e-7 * std::abs(exact[static_cast<std::size_t>(i)]) + 1e-10);
  }
}

TEST(ScatterAdd, CanBeAbandoned) {
  LayerSpec layer = square_map(4, 3, 2);
  layer.in_channels = 3;
  const Tensor x = Tensor::filled(input_shape(layer), 1);
  const Tensor w = Tensor::filled(weight_shape(layer), 1);
  int asked = 0;
  const auto all = scatter_add(layer, x, w, {}, [&] { return ++asked > 0; });
  ASSERT_TRUE(all);
  EXPECT_EQ(*all, scatter_add(layer, x, w));
  ASSERT_GT(asked, 1) << "once at the start is not \"now and then\"";
  for (int stop = 1; stop <= asked; ++stop) {
    int answers = 0;
    EXPECT_FALSE(scatter_add(layer, x, w, {}, [&] { return ++answers < stop; })) << stop;
    EXPECT_EQ(answers, stop) << "it goes on after a no";
  }
}

TEST(CellsThatLand, AreThoseInsideTheOutput) {
  test::RandomLayers random;
  for (int n = 0; n < 200; ++n) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (const AxisSpec& axis : layer.spatial()) {
      for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
        const CellRange range = cells_that_land(axis, tap);
        for (std::int64_t cell = 0; cell < axis.input; ++cell) {
          const std::int64_t at = cell * axis.stride + tap * axis.dilation - axis.padding_begin;
          EXPECT_EQ(cell >= range.first && cell <= range.last, at >= 0 && at < output_size(axis)) << tap << " " << cell;
        }
        if (range.last >= range.first) {
          EXPECT_GE(range.first, 0);
          EXPECT_LT(range.last, axis.input);
        }
      }
    }
  }
}

}  // namespace
}  // namespace tconv
