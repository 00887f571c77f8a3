#include "kernels/team.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace tconv {
namespace {

/// Every part once, never two at a time with one slot.
void expect_every_part_once(const Team& team, std::int64_t parts) {
  std::vector<std::atomic<int>> times(static_cast<std::size_t>(parts));
  std::vector<std::atomic<int>> in_use(static_cast<std::size_t>(team.threads()));
  std::atomic<bool> alone = true;
  EXPECT_TRUE(team.share(parts, {}, [&](std::int64_t part, int slot) {
    if (in_use.at(static_cast<std::size_t>(slot))++ != 0) alone = false;
    ++times[static_cast<std::size_t>(part)];
    --in_use[static_cast<std::size_t>(slot)];
  }));
  EXPECT_TRUE(alone);
  for (const auto& count : times) EXPECT_EQ(count, 1);
}

TEST(Team, DoesEveryPartOnce) {
  for (const int threads : {1, 2, 3}) {
    const Team team(threads);
    EXPECT_EQ(team.threads(), threads);
    for (const std::int64_t parts : {0, 1, 2, 7, 1000}) expect_every_part_once(team, parts);
  }
  EXPECT_GE(Team().threads(), 1);
}

TEST(Team, WorksWhenItsThreadsHaveSlept) {
  const Team team(2);
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    expect_every_part_once(team, 16);
  }
}

/// The workers keep off the caller's core, unless there is no other one.
TEST(Team, WorksWithOneCore) {
  cpu_set_t all;
  ASSERT_EQ(sched_getaffinity(0, sizeof all, &all), 0);
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (!CPU_ISSET(core, &all)) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
    const Team team(2);
    for (int i = 0; i < 3; ++i) expect_every_part_once(team, 50);
  }
  EXPECT_EQ(sched_setaffinity(0, sizeof all, &all), 0);
}

TEST(Team, StopsWhenToldTo) {
  for (const int threads : {1, 2}) {
    std::atomic<int> done = 0;
    std::atomic<int> asked = 0;
    EXPECT_FALSE(Team(threads).share(
        100, [&] { return ++asked < 10; }, [&](std::int64_t, int) { ++done; }));
    EXPECT_LT(done, 10);
  }
}

TEST(Team, PassesOnWhatWorkThrows) {
  const auto broken = [](std::int64_t part, int) {
    if (part == 5) throw std::runtime_error("five");
  };
  for (const int threads : {1, 2}) EXPECT_THROW(Team(threads).share(20, {}, broken), std::runtime_error);
}

}  // namespace
}  // namespace tconv
