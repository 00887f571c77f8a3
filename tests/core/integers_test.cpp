#include "core/integers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tconv {
namespace {

TEST(Integers, DivideTowardsEitherSide) {
  for (std::int64_t b = 1; b <= 7; ++b) {
    for (std::int64_t a = -30; a <= 30; ++a) {
      const double exact = static_cast<double>(a) / static_cast<double>(b);  // whole where b divides a
      EXPECT_EQ(ceil_div(a, b), static_cast<std::int64_t>(std::ceil(exact))) << a << " / " << b;
      EXPECT_EQ(floor_div(a, b), static_cast<std::int64_t>(std::floor(exact))) << a << " / " << b;
      EXPECT_EQ(modulo(a, b), a - b * floor_div(a, b)) << a << " / " << b;
    }
  }
}

TEST(Integers, DoNotOverflow) {
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  static_assert(ceil_div(most, most - 1) == 2);
  static_assert(floor_div(-most, most - 1) == -2);
  static_assert(modulo(-1, most) == most - 1);
}

}  // namespace
}  // namespace tconv
