#include "kernels/buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>

namespace tconv {
namespace {

bool is_zero(const FloatBuffer& buffer) {
  return std::all_of(buffer.data(), buffer.data() + buffer.size(), [](float value) { return value == 0; });
}

// Denormals in lanes that nobody reads would make kernels several times slower, now and then.
TEST(FloatBuffer, IsZeroInMemoryThatOthersLeft) {
  for (const std::int64_t size : {1, 16, 1000, 70'000, 600'000}) {
    for (int i = 0; i < 3; ++i) {
      FloatBuffer buffer(size);
      EXPECT_TRUE(is_zero(buffer)) << size;
      std::ranges::fill(buffer.span(), std::numeric_limits<float>::denorm_min());
    }
    FloatBuffer grown;
    grown.reserve(size);
    EXPECT_TRUE(is_zero(grown)) << size;
    std::ranges::fill(grown.span(), std::numeric_limits<float>::denorm_min());
    grown.reserve(size);
    EXPECT_FALSE(is_zero(grown)) << "what is large enough stays as it is";
    grown.reserve(size + 16);
    EXPECT_EQ(grown.size(), size + 16);
    EXPECT_TRUE(is_zero(grown)) << size;
  }
}

TEST(FloatBuffer, IsAlignedToACacheLine) {
  for (const std::int64_t size : {1, 17, 4096}) {
    const FloatBuffer buffer(size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U);
  }
}

}  // namespace
}  // namespace tconv
