#include "core/test_pictures.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/pattern.h"
#include "core/resize.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr std::array pictures{TestPicture::card, TestPicture::landscape};

double largest_difference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return largest;
}

TEST(TestPictures, AreKnownPatterns) {
  EXPECT_EQ(test_picture_of("test-card"), TestPicture::card);
  EXPECT_EQ(test_picture_of("landscape"), TestPicture::landscape);
  EXPECT_EQ(test_picture_of("ones"), std::nullopt);
  for (const char* id : {"test-card", "landscape"}) {
    EXPECT_TRUE(is_known_pattern(id));
    const auto list = input_patterns();
    EXPECT_EQ(std::ranges::count(list, id, &PatternInfo::id), 1) << id;
  }
  const std::array<int64_t, 2> stride{2, 2};
  EXPECT_EQ(make_array({.id = "test-card", .seed = 1, .values = {}}, Shape{1, 1, 20, 30}, stride),
            make_test_picture(TestPicture::card, Shape{1, 1, 20, 30}));
}

TEST(TestPictures, LieBetween0And1AndUseTheRange) {
  for (const TestPicture picture : pictures) {
    for (const Shape& shape : {Shape{1, 1, 7}, Shape{1, 1, 1, 1}, Shape{2, 3, 48, 48}, Shape{1, 2, 5, 6, 7}}) {
      const Tensor made = make_test_picture(picture, shape);
      EXPECT_EQ(made.shape(), shape);
      for (const float value : made.values()) EXPECT_TRUE(value >= 0 && value <= 1) << value;
    }
    const Tensor large = make_test_picture(picture, Shape{1, 1, 96, 96});
    EXPECT_LT(*std::ranges::min_element(large.values()), 0.2F);
    EXPECT_GT(*std::ranges::max_element(large.values()), 0.9F);
  }
}

TEST(TestPictures, TheMeanOfBlocksIsTheSmallerPicture) {
  for (const TestPicture picture : pictures) {
    for (const int64_t factor : {2, 3, 4}) {
      const Tensor small = make_test_picture(picture, Shape{1, 1, 48, 48});
      const Tensor large = make_test_picture(picture, Shape{1, 1, 48 * factor, 48 * factor});
      EXPECT_LT(largest_difference(box_downscale(large, factor), small), 0.12) << factor;
    }
  }
}

TEST(TestPictures, ThreeChannelsAreColoursOthersTheirLuma) {
  for (const TestPicture picture : pictures) {
    const int64_t plane = 16 * 16;
    const Tensor colour = make_test_picture(picture, Shape{1, 3, 16, 16});
    const Tensor grey = make_test_picture(picture, Shape{2, 2, 16, 16});
    for (int64_t i = 0; i < plane; ++i) {
      const double luma = 0.299 * static_cast<double>(colour[i]) + 0.587 * static_cast<double>(colour[plane + i]) +
                          0.114 * static_cast<double>(colour[2 * plane + i]);
      for (int64_t copy = 0; copy < 4; ++copy) {
        EXPECT_NEAR(static_cast<double>(grey[copy * plane + i]), luma, 1e-6);
      }
    }
    EXPECT_GT(largest_difference(make_test_picture(picture, Shape{1, 1, 16, 16}), colour.reshaped(Shape{3, 1, 16, 16})),
              0.005)
        << "there is colour";
  }
}

TEST(TestPictures, LinesAndSlices) {
  for (const TestPicture picture : pictures) {
    const Tensor line = make_test_picture(picture, Shape{1, 1, 200});
    EXPECT_LT(*std::ranges::min_element(line.values()) + 0.4F, *std::ranges::max_element(line.values()));
    const Tensor solid = make_test_picture(picture, Shape{1, 1, 8, 32, 32});
    double far = 0;
    for (int64_t slice = 1; slice < 8; ++slice) {
      double change = 0;
      for (int64_t i = 0; i < 32 * 32; ++i) {
        change += std::abs(static_cast<double>(solid[slice * 1024 + i]) -
                           static_cast<double>(solid[(slice - 1) * 1024 + i])) /
                  1024;
      }
      EXPECT_GT(change, 0) << "each slice differs from the one before";
      far = std::max(far, change);
    }
    EXPECT_LT(far, 0.15) << "but not by much";
  }
}

TEST(TestPictures, KnownPlaces) {
  EXPECT_EQ(test_picture_color(TestPicture::card, 0.1, 0.1, 0), (std::array{0.12, 0.12, 0.12}));
  EXPECT_EQ(test_picture_color(TestPicture::card, 0.5, 0.9, 0), (std::array{0.95, 0.95, 0.95}));
  EXPECT_EQ(test_picture_color(TestPicture::landscape, 0.76, 0.19, 0), (std::array{1.0, 0.96, 0.78})) << "the sun";
  EXPECT_NE(test_picture_color(TestPicture::landscape, 0.76, 0.19, 1), (std::array{1.0, 0.96, 0.78})) << "moved on";
}

}  // namespace
}  // namespace tconv
