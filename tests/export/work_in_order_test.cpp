#include "export/work_in_order.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace tconv {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

TEST(WorkInOrder, UsesInOrderWhatIsDoneInAnyOrder) {
  std::vector<int> results(60);
  std::vector<int> used;
  std::atomic<std::int64_t> begun = 0;
  const auto caller = std::this_thread::get_id();
  work_in_order(
      60,
      [&](std::int64_t i) {
        ++begun;
        EXPECT_NE(std::this_thread::get_id(), caller);
        std::this_thread::sleep_for(std::chrono::microseconds(i * 7919 % 13 * 50));
        results[static_cast<std::size_t>(i)] = static_cast<int>(i * i);
      },
      [&](std::int64_t i) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        EXPECT_LE(begun, i + most_ahead()) << "too much waits";
        used.push_back(results[static_cast<std::size_t>(i)]);
      },
      {});
  ASSERT_EQ(used.size(), 60U);
  for (int i = 0; i < 60; ++i) EXPECT_EQ(used[static_cast<std::size_t>(i)], i * i);
}

TEST(WorkInOrder, ReportsOnTheCallingThread) {
  std::vector<double> parts;
  const auto caller = std::this_thread::get_id();
  const Progress progress(
      [&](double part) {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        parts.push_back(part);
      },
      [&] {
        EXPECT_EQ(std::this_thread::get_id(), caller);
        return false;
      });
  work_in_order(
      4, [](std::int64_t) {}, [](std::int64_t) {}, progress);
  EXPECT_EQ(parts, (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
  work_in_order(
      0, [](std::int64_t) { FAIL(); }, [](std::int64_t) { FAIL(); }, {});
}

TEST(WorkInOrder, TheFirstFailureComesOut) {
  for (int repetition = 0; repetition < 20; ++repetition) {
    std::vector<std::int64_t> used;
    try {
      work_in_order(
          50,
          [](std::int64_t i) {
            if (i == 7) std::this_thread::sleep_for(milliseconds(2));
            if (i >= 7) throw std::runtime_error(std::to_string(i));
          },
          [&](std::int64_t i) { used.push_back(i); }, {});
      ADD_FAILURE() << "nothing thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "7");
    }
    EXPECT_EQ(used.size(), 7U);
  }
  EXPECT_THROW(
      work_in_order(
          50, [](std::int64_t) {}, [](std::int64_t i) { i == 3 ? throw std::logic_error("use") : void(); }, {}),
      std::logic_error);
}

TEST(WorkInOrder, StopsSoonWhenCancelled) {
  const auto start = steady_clock::now();
  const Progress progress({}, [&] { return steady_clock::now() - start > milliseconds(30); });
  std::atomic<int> begun = 0;
  EXPECT_THROW(work_in_order(
                   1000,
                   [&](std::int64_t) {
                     ++begun;
                     std::this_thread::sleep_for(milliseconds(20));
                   },
                   [](std::int64_t) {}, progress),
               Cancelled);
  EXPECT_LT(steady_clock::now() - start, milliseconds(30 + 20 + 100));
  EXPECT_LT(begun, 100);
}

}  // namespace
}  // namespace tconv
