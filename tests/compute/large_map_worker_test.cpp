// The thread that makes large maps, and what it does with a device that works, fails, or is not there.

#include "compute/large_map_worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <thread>

namespace tconv {
namespace {

Scenario scenario() {
  Scenario scenario = example_scenario();
  for (AxisSpec& each : scenario.layer.spatial()) {
    each = {.input = 5, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1};
  }
  scenario.input = {.id = "random", .seed = 3, .values = {}};
  scenario.kernel = {.id = "random", .seed = 5, .values = {}};
  return scenario;
}

LargeMapKey key_of(std::int64_t side) { return large_map_key(scenario(), {.side = side}); }

struct FakeMap : DeviceMap {
  std::vector<float> cells;
  std::int64_t cols = 0;
};

/// What the test tells the device, and what it has seen of it.
struct Script {
  std::string start_fails;
  std::string compute_fails;
  float error = 0;  ///< of one cell
  std::int64_t wrong_row = 700;
  std::int64_t wrong_col = 11;
  double seconds = 0.5;  ///< that it says it took
  std::atomic<bool> held = false;
  std::atomic<int> begun = 0;
  std::atomic<int> computed = 0;
  std::atomic<int> stopped = 0;
  std::atomic<int> rested = 0;
  std::atomic<bool> other_thread = false;
};

/// Computes with the processor, but for one cell.
class FakeDevice : public LargeMapDevice {
 public:
  explicit FakeDevice(Script& script) : script_(script) {}

  void start() override {
    thread_ = std::this_thread::get_id();
    if (!script_.start_fails.empty()) throw BackendError(script_.start_fails);
  }
  void stop() override {
    here();
    ++script_.stopped;
  }
  void rest() override {
    here();
    ++script_.rested;
  }
  double copy_bandwidth() override {
    here();
    return 1e9;
  }
  std::optional<MapOnDevice> compute(const LargeMapBlocks& blocks, const KeepGoing& keep_going) override {
    here();
    ++script_.begun;
    while (script_.held) {
      if (!keep_going()) return std::nullopt;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (!script_.compute_fails.empty()) throw BackendError(script_.compute_fails);
    const auto all = large_map(blocks_key(blocks), {.window = {0, 0, blocks.rows(), blocks.cols()}, .step = 1}, {});
    auto map = std::make_shared<FakeMap>();
    map->cols = blocks.cols();
    map->cells.resize(static_cast<std::size_t>(blocks.rows() * blocks.cols()));
    for (const auto& [number, tile] : all->tiles) {
      const std::int64_t top = number / blocks.grid_cols() * blocks.block_rows();
      const std::int64_t left = number % blocks.grid_cols() * blocks.block_cols();
      for (std::int64_t row = 0; row < tile->rows; ++row) {
        std::copy_n(tile->values.data() + row * tile->cols, tile->cols,
                    map->cells.data() + (top + row) * map->cols + left);
      }
    }
    map->cells[static_cast<std::size_t>(script_.wrong_row * map->cols + script_.wrong_col)] += script_.error;
    MapOnDevice made;
    made.overview = *all->overview;
    made.statistics = *all->statistics;
    made.map = map;
    made.seconds = script_.seconds;
    ++script_.computed;
    return made;
  }
  std::vector<float> read(const DeviceMap& map, std::int64_t first_row, std::int64_t rows) override {
    here();
    const auto& mine = dynamic_cast<const FakeMap&>(map);
    const auto begin = mine.cells.begin() + first_row * mine.cols;
    return {begin, begin + rows * mine.cols};
  }

 private:
  void here() {
    if (thread_ != std::this_thread::get_id()) script_.other_thread = true;
  }
  static LargeMapKey blocks_key(const LargeMapBlocks& blocks) {
    Scenario own = scenario();
    own.layer = blocks.layer();
    return large_map_key(own, {.side = 0});
  }

  Script& script_;
  std::thread::id thread_;
};

LargeMapDeviceSource source_of(Script& script, bool usual = false) {
  return {.usual = usual, .open = [&script] { return std::make_unique<FakeDevice>(script); }};
}

std::shared_ptr<const LargeMapState> made(LargeMapWorker& worker, const LargeMapKey& key, LargeMapWay way,
                                          const LargeMapLook& look = {}) {
  worker.ask_for(key, way, look);
  worker.wait();
  return worker.state();
}

TEST(LargeMapWorker, GivesTheNewestMapAndWhatIsLookedAt) {
  LargeMapWorker worker([] {});
  EXPECT_EQ(worker.state(), nullptr);
  const LargeMapKey large = key_of(3000);
  const LargeMapKey small = key_of(1500);
  worker.ask_for(large, LargeMapWay::cpu, {});
  worker.ask_for(small, LargeMapWay::cpu, {});
  worker.wait();
  ASSERT_NE(worker.state(), nullptr);
  EXPECT_EQ(worker.state()->key, small);
  EXPECT_TRUE(worker.state()->complete());
  const LargeMapLook look{.window = {.row = 10, .col = 20, .rows = 300, .cols = 400}, .step = 1};
  EXPECT_FALSE(shows(*worker.state(), look));
  EXPECT_TRUE(shows(*made(worker, small, LargeMapWay::cpu, look), look));
  EXPECT_TRUE(shows(*made(worker, large, LargeMapWay::cpu, look), look));
  EXPECT_EQ(worker.state()->key, large);
  worker.forget();
  EXPECT_EQ(worker.state(), nullptr);
}

TEST(LargeMapWorker, ADeviceThatComputesGivesTheWholeMap) {
  Script script;
  {
    LargeMapWorker worker([] {}, source_of(script));
    const auto state = made(worker, key_of(1501), LargeMapWay::gpu);
    ASSERT_NE(state, nullptr);
    EXPECT_EQ(state->way, LargeMapWay::gpu);
    ASSERT_NE(state->device, nullptr);
    EXPECT_TRUE(state->complete());
    EXPECT_EQ(state->statistics->cells(), state->blocks->rows() * state->blocks->cols());
    EXPECT_EQ(state->seconds, 0);
    EXPECT_FALSE(state->difference);
    EXPECT_TRUE(shows(*state, {.window = {0, 0, 10, 10}, .step = 1}));
    // The processor's map comes with its own numbers, and the device's stays for the way back.
    const auto other = made(worker, key_of(1501), LargeMapWay::cpu);
    EXPECT_EQ(other->way, LargeMapWay::cpu);
    EXPECT_EQ(other->device, nullptr);
    EXPECT_GT(other->seconds, 0);
    EXPECT_EQ(made(worker, key_of(1501), LargeMapWay::gpu)->way, LargeMapWay::gpu);
    EXPECT_EQ(script.computed, 1);
  }
  EXPECT_EQ(script.stopped, 1);
  EXPECT_FALSE(script.other_thread);
}

TEST(LargeMapWorker, BothAreComparedCellByCell) {
  Script script;
  LargeMapWorker worker([] {}, source_of(script));
  const LargeMapKey key = key_of(1501);
  made(worker, key, LargeMapWay::cpu);  // a map that is there already is compared all the same
  auto state = made(worker, key, LargeMapWay::both);
  ASSERT_TRUE(state->difference);
  EXPECT_EQ(state->difference->largest, 0);
  EXPECT_EQ(state->difference->cells, state->blocks->rows() * state->blocks->cols());
  EXPECT_EQ(state->statistics->cells(), state->difference->cells);
  script.error = 0.5F;
  state = made(worker, key_of(1601), LargeMapWay::both);
  EXPECT_EQ(state->way, LargeMapWay::both);
  EXPECT_NEAR(state->difference->largest, 0.5, 1e-5);
  EXPECT_EQ(state->difference->row, script.wrong_row);
  EXPECT_EQ(state->difference->col, script.wrong_col);
  script.error = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isinf(made(worker, key_of(1701), LargeMapWay::both)->difference->largest));
}

/// Waits for what another thread does.
void wait_for(const std::function<bool()>& condition) {
  while (!condition()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

TEST(LargeMapWorker, WhileASlowDeviceComputesACoarseMapIsShown) {
  for (const LargeMapWay way : {LargeMapWay::gpu, LargeMapWay::both}) {
    Script script;
    script.held = true;
    LargeMapWorker worker([] {}, source_of(script));
    worker.ask_for(key_of(1501), way, {});
    wait_for([&] { return worker.state() != nullptr; });
    auto state = worker.state();
    EXPECT_TRUE(state->awaits_device);
    EXPECT_EQ(state->way, way);
    EXPECT_EQ(state->device, nullptr);
    EXPECT_EQ(state->done, 0);
    EXPECT_FALSE(state->overview->values.empty());
    EXPECT_EQ(script.computed, 0);
    EXPECT_FALSE(worker.settled());
    script.seconds = 0.001;
    script.held = false;
    worker.wait();
    state = worker.state();
    EXPECT_FALSE(state->awaits_device);
    ASSERT_NE(state->device, nullptr);
    EXPECT_TRUE(state->complete());
    // One that takes less than a frame is waited for: nothing coarse between its maps.
    script.held = true;
    worker.ask_for(key_of(1601), way, {});
    wait_for([&] { return script.begun == 2; });
    EXPECT_EQ(worker.state()->key, key_of(1501));
    // A newer choice interrupts it.
    worker.ask_for(key_of(1701), way, {});
    wait_for([&] { return script.begun == 3; });
    script.held = false;
    worker.wait();
    EXPECT_EQ(worker.state()->key, key_of(1701));
    EXPECT_EQ(script.computed, 2);
  }
}

TEST(LargeMapWorker, WhatIsAskedForAgainIsMade) {
  LargeMapWorker worker([] {});
  const LargeMapKey large = key_of(6000);
  for (int i = 0; i < 20; ++i) {
    worker.ask_for(large, LargeMapWay::cpu, {});
    std::this_thread::sleep_for(std::chrono::microseconds(500 * i));
    worker.ask_for(key_of(700 + i), LargeMapWay::cpu, {});
    worker.ask_for(large, LargeMapWay::cpu, {});
  }
  worker.wait();
  ASSERT_NE(worker.state(), nullptr);
  EXPECT_EQ(worker.state()->key, large);
  EXPECT_TRUE(worker.state()->complete());
}

TEST(LargeMapWorker, WhatIsForgottenIsFreed) {
  Script script;
  LargeMapWorker worker([] {}, source_of(script));
  std::weak_ptr<const LargeMapBlocks> blocks = made(worker, key_of(900), LargeMapWay::gpu)->blocks;
  worker.forget();
  wait_for([&] { return blocks.expired() && script.rested > 0; });
  EXPECT_EQ(made(worker, key_of(900), LargeMapWay::gpu)->way, LargeMapWay::gpu);
}

TEST(LargeMapWorker, AComparisonThatWasInterruptedBeginsAnew) {
  Script script;
  LargeMapWorker worker([] {}, source_of(script));
  const LargeMapKey key = key_of(6000);
  worker.ask_for(key, LargeMapWay::both, {});
  wait_for([&] { return worker.state() && worker.state()->done > 0; });
  made(worker, key, LargeMapWay::cpu);
  const auto state = made(worker, key, LargeMapWay::both);
  ASSERT_TRUE(state->difference);
  EXPECT_EQ(state->difference->cells, state->blocks->rows() * state->blocks->cols());
}

TEST(LargeMapWorker, WhatFailsIsLeftToTheProcessor) {
  Script script;
  script.compute_fails = "the GPU has 5 MiB of memory left";
  LargeMapWorker worker([] {}, source_of(script));
  for (const LargeMapWay way : {LargeMapWay::gpu, LargeMapWay::both}) {
    const auto state = made(worker, key_of(1400 + 20 * static_cast<int>(way)), way);
    EXPECT_EQ(state->way, LargeMapWay::cpu);
    EXPECT_EQ(state->trouble, script.compute_fails);
    EXPECT_EQ(state->device, nullptr);
    EXPECT_TRUE(state->complete());
    EXPECT_GT(state->seconds, 0);
  }
  // A smaller map may fit.
  script.compute_fails.clear();
  const auto state = made(worker, key_of(1200), LargeMapWay::gpu);
  EXPECT_EQ(state->way, LargeMapWay::gpu);
  EXPECT_EQ(state->trouble, "");
  // The window could not draw it.
  worker.give_up_device("the GPU was reset");
  worker.wait();
  EXPECT_EQ(worker.state()->way, LargeMapWay::cpu);
  EXPECT_EQ(worker.state()->trouble, "the GPU was reset");
  EXPECT_TRUE(worker.state()->complete());
  EXPECT_EQ(made(worker, key_of(1300), LargeMapWay::gpu)->trouble, "the GPU was reset");
  EXPECT_EQ(made(worker, key_of(1300), LargeMapWay::cpu)->trouble, "");
}

TEST(LargeMapWorker, WithoutADeviceTheProcessorComputes) {
  LargeMapWorker none([] {});
  auto state = made(none, key_of(1300), LargeMapWay::gpu);
  EXPECT_EQ(state->way, LargeMapWay::cpu);
  EXPECT_NE(state->trouble, "");
  EXPECT_TRUE(state->complete());
  EXPECT_EQ(made(none, key_of(1300), LargeMapWay::automatic)->trouble, "");

  Script script;
  script.start_fails = "the shader x does not compile";
  LargeMapWorker broken([] {}, source_of(script, true));
  state = made(broken, key_of(1300), LargeMapWay::automatic);
  EXPECT_EQ(state->way, LargeMapWay::cpu);
  EXPECT_EQ(state->trouble, script.start_fails);
  EXPECT_TRUE(state->complete());

  LargeMapWorker closed([] {}, {.usual = true, .open = []() -> std::unique_ptr<LargeMapDevice> {
                                  throw BackendError("no second context");
                                }});
  state = made(closed, key_of(1300), LargeMapWay::both);
  EXPECT_EQ(state->way, LargeMapWay::cpu);
  EXPECT_EQ(state->trouble, "no second context");
}

TEST(LargeMapWorker, TheUsualWayIsTheDevices) {
  Script script;
  LargeMapWorker worker([] {}, source_of(script, true));
  EXPECT_EQ(made(worker, key_of(1300), LargeMapWay::automatic)->way, LargeMapWay::gpu);
  Script unused;
  LargeMapWorker other([] {}, source_of(unused));
  EXPECT_EQ(made(other, key_of(1300), LargeMapWay::automatic)->way, LargeMapWay::cpu);
  EXPECT_EQ(unused.computed, 0);
}

TEST(LargeMapWorker, MapsThatAreRefusedAreSaidToBe) {
  Script script;
  LargeMapWorker worker([] {}, source_of(script, true));
  Scenario line = scenario();
  line.layer.dims = 1;
  const auto state = made(worker, large_map_key(line, {}), LargeMapWay::automatic);
  ASSERT_NE(state, nullptr);
  EXPECT_FALSE(state->refused.empty());
  EXPECT_EQ(script.computed, 0);
}

}  // namespace
}  // namespace tconv
