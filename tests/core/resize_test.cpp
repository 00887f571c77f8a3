// Resizing against PyTorch's answers and small cases by hand.
#include "core/resize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/random_layers.h"
#include "support/reference_cases.h"

namespace tconv {
namespace {

using std::int64_t;

std::vector<int64_t> spatial_of(const Shape& shape) {
  std::vector<int64_t> sizes;
  for (int axis = 2; axis < shape.rank(); ++axis) sizes.push_back(shape[axis]);
  return sizes;
}

TEST(Resize, EqualsPyTorch) {
  const auto cases = test::reference_cases("upsample");
  ASSERT_EQ(cases.size(), 9U);
  for (const test::ReferenceCase& entry : cases) {
    SCOPED_TRACE(entry.name);
    const auto arrays = test::reference_tensors(entry.name);
    const Tensor& truth = arrays.at("y");
    const auto size = spatial_of(truth.shape());
    const ResizeMode mode = entry.mode == "nearest" ? ResizeMode::nearest : ResizeMode::bilinear;
    ASSERT_TRUE(validate_resize(arrays.at("x").shape(), size, mode, entry.align_corners).empty());
    const Tensor found = resize(arrays.at("x"), size, mode, entry.align_corners);
    ASSERT_EQ(found.shape(), truth.shape());
    if (mode == ResizeMode::nearest) {
      EXPECT_EQ(found, truth);
    }
    // PyTorch sums in float32, with numbers of about 1.
    for (int64_t c = 0; c < found.size(); ++c) ASSERT_NEAR(found[c], truth[c], 2e-6) << "cell " << c;
  }
}

TEST(Resize, FindsThePlacesOfTheFormulas) {
  // From 2 to 4 cells: x = 0, ¼, ¾, 1¼ (beyond the last cell: its value).
  const auto place = [](int64_t cell, bool corners) { return resize_place(cell, 2, 4, ResizeMode::bilinear, corners); };
  EXPECT_EQ(place(0, false), (ResizePlace{0, 1, 0}));
  EXPECT_EQ(place(1, false), (ResizePlace{0, 1, 0.25}));
  EXPECT_EQ(place(2, false), (ResizePlace{0, 1, 0.75}));
  EXPECT_EQ(place(3, false), (ResizePlace{1, 1, 0}));
  EXPECT_EQ(place(3, true), (ResizePlace{1, 1, 0}));
  EXPECT_DOUBLE_EQ(place(1, true).part, 1.0 / 3);
  // One output cell has no last corner.
  EXPECT_EQ(resize_place(0, 5, 1, ResizeMode::bilinear, true), (ResizePlace{0, 1, 0}));
  EXPECT_EQ(resize_place(0, 5, 1, ResizeMode::bilinear, false), (ResizePlace{2, 3, 0}));
  // ⌊i·n/m⌋ in whole numbers, also where float32 slips.
  for (int64_t i = 0; i < 7; ++i) EXPECT_EQ(resize_place(i, 3, 7, ResizeMode::nearest, false).first, i * 3 / 7);
  const int64_t huge = (int64_t{1} << 62) + 1;
  EXPECT_EQ(resize_place(huge - 1, huge, huge, ResizeMode::nearest, false).first, huge - 1);
}

TEST(Resize, OneAndThreeDimensions) {
  const Tensor row(Shape{1, 1, 2}, {0, 4});
  const std::vector<int64_t> four{4};
  EXPECT_EQ(resize(row, four, ResizeMode::bilinear), Tensor(Shape({1, 1, 4}), {0, 1, 3, 4}));
  EXPECT_EQ(resize(row, four, ResizeMode::nearest), Tensor(Shape({1, 1, 4}), {0, 0, 4, 4}));
  const Tensor cube(Shape{1, 1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  const std::vector<int64_t> three{3, 3, 3};
  const Tensor grown = resize(cube, three, ResizeMode::bilinear, true);
  EXPECT_EQ(grown[13], 3.5F);  // the centre is the mean of all eight
  EXPECT_EQ(grown[0], 0.0F);
  EXPECT_EQ(grown[26], 7.0F);
  const std::vector<int64_t> one{1, 1, 1};
  EXPECT_EQ(resize(cube, one, ResizeMode::bilinear)[0], 3.5F);
}

TEST(Resize, AFlatInputStaysFlatAndEqualSizesChangeNothing) {
  test::RandomLayers random;
  for (int round = 0; round < 20; ++round) {
    const Shape shape{1, 2, random.between(1, 5), random.between(1, 5)};
    const std::vector<int64_t> size{random.between(1, 9), random.between(1, 9)};
    const bool corners = random.between(0, 1) == 1;
    const Tensor flat = resize(Tensor::filled(shape, 2.5F), size, ResizeMode::bilinear, corners);
    for (const float value : flat.values()) ASSERT_FLOAT_EQ(value, 2.5F);
    const Tensor input = random.floats(shape);
    EXPECT_EQ(resize(input, spatial_of(shape), ResizeMode::bilinear, corners), input);
    EXPECT_EQ(resize(input, spatial_of(shape), ResizeMode::nearest), input);
  }
}

TEST(Resize, CellsWithoutAPartLeaveNoTrace) {
  const float infinity = std::numeric_limits<float>::infinity();
  const Tensor input(Shape{1, 1, 1, 3}, {1, 2, infinity});
  const std::vector<int64_t> size{1, 3};
  EXPECT_EQ(resize(input, size, ResizeMode::bilinear), input);
}

TEST(Resize, BoxDownscaleMeansBlocksAndLeavesTheRest) {
  const Tensor input(Shape{1, 1, 3, 5}, {1, 2, 3, 4, 9, 5, 6, 7, 8, 9, 9, 9, 9, 9, 9});
  EXPECT_EQ(box_downscale(input, 2), Tensor(Shape({1, 1, 1, 2}), {3.5F, 5.5F}));
  EXPECT_EQ(box_downscale(input, 1), input);
  EXPECT_EQ(box_downscale(Tensor(Shape{1, 2, 4}, {1, 3, 5, 7, 2, 4, 6, 8}), 2), Tensor(Shape({1, 2, 2}), {2, 6, 3, 7}));
  EXPECT_EQ(box_downscale(Tensor(Shape{1, 1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}), 2)[0], 3.5F);
}

TEST(Resize, BoxDownscaleUndoesNearest) {
  test::RandomLayers random;
  const Tensor input = random.integers(Shape{2, 3, 4, 3});
  const std::vector<int64_t> size{12, 9};
  EXPECT_EQ(box_downscale(resize(input, size, ResizeMode::nearest), 3), input);
}

TEST(Resize, NamesEveryBrokenRule) {
  const std::vector<int64_t> two{2, 2};
  const auto line = [](const std::vector<Problem>& problems) {
    return problems.size() == 1 ? to_line(problems.front()) : std::to_string(problems.size()) + " problems";
  };
  EXPECT_EQ(line(validate_resize(Shape{1, 1, 2, 2}, two, ResizeMode::nearest, true)),
            "align_corners: belongs to bilinear: nearest has no corners to align, found nearest");
  EXPECT_EQ(line(validate_resize(Shape{1, 1, 2}, two, ResizeMode::nearest, false)),
            "output_size: must have one number per spatial axis, 1, found 2; nearest legal value: 1");
  const std::vector<int64_t> none{2, 0};
  EXPECT_EQ(line(validate_resize(Shape{1, 1, 2, 2}, none, ResizeMode::nearest, false)),
            "output_size (axis 1): must be at least 1, found 0; nearest legal value: 1");
  const std::vector<int64_t> huge{INT64_MAX, INT64_MAX};
  EXPECT_EQ(line(validate_resize(Shape{1, 1, 2, 2}, huge, ResizeMode::bilinear, false)).substr(0, 51),
            "output: may have at most 2147483648 elements, found");
}

}  // namespace
}  // namespace tconv
