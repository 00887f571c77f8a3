#include "core/tensor.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tconv {
namespace {

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape().elements(), 1);
  EXPECT_EQ((Shape{2, 3, 4}).elements(), 24);
  EXPECT_EQ((Shape{1, 1, 1, 1, 7}).elements(), 7);
  EXPECT_EQ((Shape{3, 0, 5}).elements(), 0);
}

TEST(Shape, FindsAProductThatLeavesInt64) {
  EXPECT_EQ((Shape{INT64_MAX}).checked_elements(), INT64_MAX);
  EXPECT_EQ((Shape{INT64_MAX, 1, 1}).checked_elements(), INT64_MAX);
  EXPECT_FALSE((Shape{INT64_MAX, 2}).checked_elements());
  const std::int64_t root = std::int64_t{1} << 32;
  EXPECT_FALSE((Shape{root, root}).checked_elements()) << "2^64 wraps to 0";
  EXPECT_FALSE((Shape{root, root, root}).checked_elements());
  EXPECT_EQ((Shape{std::int64_t{1} << 31, std::int64_t{1} << 31}).checked_elements(), std::int64_t{1} << 62);
}

TEST(Shape, AnEmptyAxisMakesItEmptyHoweverLargeTheOthers) {
  EXPECT_EQ((Shape{INT64_MAX, INT64_MAX, 0}).checked_elements(), 0);
  EXPECT_EQ((Shape{0, INT64_MAX, INT64_MAX}).checked_elements(), 0);
}

TEST(Shape, RefusesNegativeExtents) {
  EXPECT_FALSE((Shape{-1}).checked_elements());
  EXPECT_FALSE((Shape{-2, -3}).checked_elements()) << "their product would be positive";
  EXPECT_FALSE((Shape{0, -1}).checked_elements());
}

TEST(Shape, ReadsAsText) {
  EXPECT_EQ(Shape().text(), "scalar");
  EXPECT_EQ((Shape{5}).text(), "5");
  EXPECT_EQ((Shape{2, 3, 4}).text(), "2 × 3 × 4");
}

TEST(Shape, ComparesRankAndExtents) {
  EXPECT_EQ((Shape{2, 3}), (Shape{2, 3}));
  EXPECT_NE((Shape{2, 3}), (Shape{3, 2}));
  EXPECT_NE((Shape{2}), (Shape{2, 1}));
  EXPECT_NE(Shape(), (Shape{0}));
}

TEST(Tensor, StartsEmpty) {
  const Tensor tensor;
  EXPECT_TRUE(tensor.empty());
  EXPECT_EQ(tensor.size(), 0);
  EXPECT_EQ(tensor.shape(), Shape{0});
  EXPECT_EQ(tensor, Tensor(Shape{0}, {}));
}

TEST(Tensor, HoldsValuesInRowMajorOrder) {
  const Tensor tensor(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(tensor.size(), 6);
  EXPECT_EQ(tensor[1 * 3 + 2], 6.0F);
  EXPECT_EQ(Tensor::filled(Shape{2, 2}, 7), Tensor(Shape{2, 2}, {7, 7, 7, 7}));
  EXPECT_EQ(Tensor(Shape(), {5}).size(), 1) << "a scalar has one element";
}

TEST(Tensor, WithLeavesTheOriginalAlone) {
  const Tensor before(Shape{3}, {1, 2, 3});
  const Tensor copy = before;
  const Tensor after = before.with(1, 9);
  EXPECT_EQ(after, Tensor(Shape{3}, {1, 9, 3}));
  EXPECT_EQ(before, Tensor(Shape{3}, {1, 2, 3}));
  EXPECT_EQ(copy, before);
}

TEST(Tensor, CopiesAndOtherShapesShareTheStorage) {
  const Tensor tensor(Shape{2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor copy = tensor;
  const Tensor flat = tensor.reshaped(Shape{6});
  EXPECT_EQ(copy.data(), tensor.data());
  EXPECT_EQ(flat.data(), tensor.data());
  EXPECT_NE(flat, tensor) << "another shape is another value";
  EXPECT_EQ(flat.reshaped(Shape{2, 3}), tensor);
}

TEST(Tensor, ANanEqualsItself) {
  const float nan = std::nanf("");
  EXPECT_EQ(Tensor(Shape{2}, {nan, 1}), Tensor(Shape{2}, {nan, 1}));
  EXPECT_NE(Tensor(Shape{2}, {nan, 1}), Tensor(Shape{2}, {nan, 2}));
  EXPECT_NE(Tensor(Shape{1}, {0.0F}), Tensor(Shape{1}, {-0.0F})) << "other bits, so another key";
}

}  // namespace
}  // namespace tconv
