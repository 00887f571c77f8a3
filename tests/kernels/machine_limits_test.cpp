#include "kernels/machine_limits.h"

#include <gtest/gtest.h>

namespace tconv {
namespace {

TEST(MachineLimits, AreMeasured) {
  const MachineLimits limits = machine_limits(Team(1), 0, 32);
  for (const double rate : {limits.multiply_adds, limits.read, limits.write, limits.copy, limits.cached}) {
    EXPECT_GT(rate, 1e6);
    EXPECT_LT(rate, 1e15);
  }
  EXPECT_GE(limits.cache_bytes, 0);
}

TEST(MachineLimits, TheBetterOfTwoIsBelieved) {
  const MachineLimits a{.multiply_adds = 1, .read = 5, .write = 3, .copy = 3, .cached = 3, .cache_bytes = 7};
  const MachineLimits b{.multiply_adds = 2, .read = 4, .write = 3, .copy = 4, .cached = 2, .cache_bytes = 7};
  const MachineLimits best = best_of(a, b);
  EXPECT_EQ(best.multiply_adds, 2);
  EXPECT_EQ(best.read, 5);
  EXPECT_EQ(best.write, 3);
  EXPECT_EQ(best.copy, 4);
  EXPECT_EQ(best.cached, 3);
  EXPECT_EQ(best.cache_bytes, 7);
}

TEST(MachineLimits, TheFloorIsTheNarrowestOfAll) {
  LayerSpec layer;
  layer.in_channels = 3;
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 10, .kernel = 2, .stride = 2};
  const LayerPlan plan = plan_of(layer);
  const double in = 4 * (3 * 100 + 3 * 4);
  const double out = 4 * 400;
  const MachineLimits wide{.multiply_adds = 1e9, .read = 1e9, .write = 1e9, .copy = 1e9, .cached = 1, .cache_bytes = 0};
  MachineLimits narrow = wide;
  narrow.multiply_adds = 10;
  EXPECT_DOUBLE_EQ(floor_of(plan, narrow), 3.0 * 100 * 4 / 10);
  narrow = wide;
  narrow.read = 10;
  EXPECT_DOUBLE_EQ(floor_of(plan, narrow), in / 10);
  narrow = wide;
  narrow.write = 10;
  EXPECT_DOUBLE_EQ(floor_of(plan, narrow), out / 10);
  narrow = wide;
  narrow.copy = 10;
  EXPECT_DOUBLE_EQ(floor_of(plan, narrow), (in + out) / 10);
  narrow.cache_bytes = (in + out) / 0.75;  // in the cache already: memory does not count
  EXPECT_DOUBLE_EQ(floor_of(plan, narrow), in + out);
  narrow.cache_bytes -= 8;
  EXPECT_DOUBLE_EQ(floor_of(plan, narrow), (in + out) / 10);
}

}  // namespace
}  // namespace tconv
