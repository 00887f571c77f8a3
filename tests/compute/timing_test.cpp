#include "compute/timing.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "compute/cpu_backend.h"
#include "compute/layer_bench.h"

namespace tconv {
namespace {

TEST(Timing, EachCallGetsItsShareHoweverSlow) {
  int quick = 0;
  int slow = 0;
  std::vector<TimedCall> calls;
  calls.emplace_back([&] { return ++quick > 0; });
  calls.emplace_back([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    return ++slow > 0;
  });
  ASSERT_TRUE(time_in_turn(calls, {.seconds = 1e-4, .least_times = 4}));
  EXPECT_GE(slow, 5) << "one untimed at least";
  EXPECT_GT(quick, slow) << "a call that takes nothing is called many times for one time";
  for (const TimedCall& call : calls) {
    const Timing timing = call.timing();
    EXPECT_GE(timing.repetitions, 4);
    EXPECT_GE(timing.median, timing.least);
    EXPECT_GT(timing.least, 0);
  }
  EXPECT_GE(calls[1].timing().least, 3e-3);
  EXPECT_LT(calls[0].timing().least, 3e-3);
}

TEST(Timing, GoesOnWhereItWas) {
  std::vector<TimedCall> calls;
  calls.emplace_back([] { return true; });
  ASSERT_TRUE(time_in_turn(calls, {.seconds = 1e-4, .least_times = 2}));
  const auto before = calls[0].timing().repetitions;
  ASSERT_TRUE(time_in_turn(calls, {.seconds = 1e-4, .least_times = 2}));
  EXPECT_GE(calls[0].timing().repetitions, before + 2);
}

TEST(Timing, TakesCallsInTurn) {
  std::string order;
  std::vector<TimedCall> calls;
  for (const char name : {'a', 'b'}) {
    calls.emplace_back([&order, name] {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      if (order.empty() || order.back() != name) order += name;
      return true;
    });
  }
  ASSERT_TRUE(time_in_turn(calls, {.seconds = 1e-4, .least_times = 3}));
  EXPECT_EQ(order, "ababab");
}

TEST(Timing, StopsWhenTold) {
  int runs = 0;
  std::vector<TimedCall> calls;
  calls.emplace_back([&] { return ++runs < 5; });
  EXPECT_FALSE(time_in_turn(calls, {.seconds = 10, .least_times = 1000}));
  EXPECT_EQ(runs, 5);
  EXPECT_FALSE(time_in_turn(calls, {.seconds = 10, .least_times = 1000}, [] { return false; }));
  EXPECT_EQ(runs, 5);
  EXPECT_TRUE(time_in_turn(std::span<TimedCall>(), {}));
}

TEST(LayerBench, TimesDevicesAndPlainWays) {
  LayerSpec layer;
  layer.in_channels = 3;
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 5, .kernel = 3, .stride = 2};
  const auto backend = cpu_backend(2);
  LayerBench bench(layer);
  bench.add(*backend, 2);
  bench.add(*find_method("paint"));
  ASSERT_TRUE(bench.run({.seconds = 1e-4}));
  ASSERT_EQ(bench.ways().size(), 2U);
  EXPECT_EQ(bench.ways()[0].device, "cpu");
  EXPECT_EQ(bench.ways()[0].method, "fast");
  EXPECT_EQ(bench.ways()[0].threads, 2);
  EXPECT_GT(bench.ways()[0].prepared, 0);
  EXPECT_FALSE(bench.ways()[0].explanation.empty());
  EXPECT_EQ(bench.ways()[1].method, "paint");
  EXPECT_EQ(bench.ways()[1].threads, 1);
  for (const auto& way : bench.ways()) EXPECT_GT(way.timing.median, 0) << way.method;
  EXPECT_EQ(bench.operations(), 2 * 3 * 9 * 25);
  EXPECT_FALSE(bench.run({.seconds = 1e-4}, [] { return false; }));
}

TEST(CpuBackend, KnowsItsEngines) {
  const auto engines = cpu_engines();
  ASSERT_FALSE(engines.empty());
  for (const std::string_view id : engines) EXPECT_FALSE(id.empty());
  const LayerSpec layer;
  const Tensor weight = Tensor::filled(weight_shape(layer), 1);
  EXPECT_THROW(cpu_backend(1, "magic")->prepare(layer, weight, {}), BackendError);
}

}  // namespace
}  // namespace tconv
