#include "compute/result_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "compute/method.h"
#include "support/pace.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using std::int64_t;
using namespace std::chrono_literals;

/// Wakes are counted, and can be waited for.
class Wakes {
 public:
  std::function<void()> counter() {
    return [this] { ++count_; };
  }
  int count() const { return count_; }
  /// Whether the count reaches `wanted` soon; "soon" is long for machines under load.
  bool reaches(int wanted) const {
    for (int i = 0; i < 6000 && count_ < wanted; ++i) std::this_thread::sleep_for(10ms);
    return count_ >= wanted;
  }

 private:
  std::atomic<int> count_ = 0;
};

/// Above what is computed at once (4 million products), yet soon done.
Scenario slow_scenario(int64_t input = 420) {
  Scenario scenario;
  for (AxisSpec& axis : scenario.layer.spatial()) axis = {.input = input, .kernel = 5, .stride = 2};
  scenario.input.id = "counting";
  scenario.kernel.id = "ones";
  return scenario;
}

/// A minute's work, which no test waits for.
Scenario endless_scenario() {
  Scenario scenario = slow_scenario(2000);
  for (AxisSpec& axis : scenario.layer.spatial()) axis.kernel = 60;
  return scenario;
}

void expect_same(const Results& results, const Scenario& scenario, int64_t step) {
  const Results expected = compute_results(scenario, step);
  EXPECT_FALSE(results.pending);
  EXPECT_EQ(results.scenario, scenario);
  EXPECT_EQ(results.problems, expected.problems);
  EXPECT_EQ(results.input, expected.input);
  EXPECT_EQ(results.weight, expected.weight);
  EXPECT_EQ(results.bias, expected.bias);
  EXPECT_EQ(results.frame.step, expected.frame.step);
  EXPECT_EQ(results.frame.step_count, expected.frame.step_count);
  EXPECT_EQ(results.frame.stamp.has_value(), expected.frame.stamp.has_value());
  EXPECT_EQ(results.frame.output, expected.frame.output);
  EXPECT_EQ(results.frame.gain, expected.frame.gain);
}

TEST(ComputeResults, HoldTheArraysOrTheProblems) {
  const Results good = compute_results(example_scenario(), 4);
  EXPECT_TRUE(good.legal());
  EXPECT_EQ(good.frame.output, scatter_add(good.scenario.layer, good.input, good.weight));
  Scenario illegal = example_scenario();
  illegal.layer.axes[0].stride = 0;
  const Results bad = compute_results(illegal, 4);
  ASSERT_FALSE(bad.legal());
  EXPECT_EQ(bad.problems.front().field, "stride");
  EXPECT_TRUE(bad.input.empty());
  EXPECT_TRUE(bad.frame.output.empty());
}

TEST(ResultStore, QuickResultsAreThereAtOnce) {
  Wakes wakes;
  ResultStore store(wakes.counter());
  test::RandomLayers random;
  for (int i = 0; i < 30; ++i) {
    Scenario scenario;
    scenario.layer = random.layer(3000);
    if (window_multiplications(scenario.layer) > 300'000) continue;  // the other ways are left to the worker
    scenario.input.id = "random";
    SCOPED_TRACE(random.trace(scenario.layer));
    for (const int64_t step : {int64_t{0}, int64_t{3}, step_count(scenario), int64_t{1}}) {
      expect_same(store.at(scenario, step), scenario, step);
    }
  }
  EXPECT_EQ(wakes.count(), 0);
}

TEST(ResultStore, IllegalLayersAreQuick) {
  ResultStore store([] {});
  Scenario huge = slow_scenario();
  for (AxisSpec& axis : huge.layer.spatial()) axis.input = INT64_MAX;
  EXPECT_FALSE(store.at(huge, 0).pending);
  EXPECT_FALSE(store.at(huge, 0).legal());
  expect_same(store.at(example_scenario(), 2), example_scenario(), 2);
}

TEST(ResultStore, WhatDoesNotChangeIsShared) {
  ResultStore store([] {});
  const float* input = store.at(example_scenario(), 1).input.data();
  EXPECT_EQ(store.at(example_scenario(), 2).input.data(), input);
  const float* output = store.at(example_scenario(), 2).frame.output.data();
  EXPECT_EQ(store.at(example_scenario(), 2).frame.output.data(), output) << "asked again, computed once";
}

TEST(ResultStore, SlowResultsLeaveTheOldOneUntilTheyAreReady) {
  Wakes wakes;
  ResultStore store(wakes.counter());
  expect_same(store.at(example_scenario(), 4), example_scenario(), 4);
  const Scenario slow = slow_scenario();
  const Results& old = store.at(slow, step_count(slow));
  EXPECT_TRUE(old.pending);
  EXPECT_EQ(old.scenario, example_scenario());
  ASSERT_TRUE(wakes.reaches(1));
  expect_same(store.at(slow, step_count(slow)), slow, step_count(slow));
  EXPECT_LE(wakes.count(), 2) << "one for the result, one for the other ways";
}

TEST(ResultStore, TheFirstResultMayBeSlow) {
  ResultStore store([] {});
  const Scenario slow = slow_scenario();
  EXPECT_TRUE(store.at(slow, 7).pending);
  expect_same(store.wait_for(slow, 7), slow, 7);
}

TEST(ResultStore, AskingAgainDoesNotStartAgain) {
  Wakes wakes;
  ResultStore store(wakes.counter());
  const Scenario slow = slow_scenario();
  while (store.at(slow, 9).pending) std::this_thread::yield();
  expect_same(store.at(slow, 9), slow, 9);
  ASSERT_TRUE(wakes.reaches(1));  // the wake comes after the result
  store.wait_for(slow, 9);
  ASSERT_TRUE(wakes.reaches(2)) << "the other ways come later";
  for (int i = 0; i < 20; ++i) EXPECT_FALSE(store.at(slow, 9).pending);
  EXPECT_EQ(wakes.count(), 2);
}

TEST(ResultStore, TheOtherWaysFollowAndTheOldOnesStayUntilThen) {
  ResultStore store([] {});
  const Scenario slow = slow_scenario();
  ASSERT_TRUE(store.at(example_scenario(), 4, {.ways = true}).ways) << "a small layer has them at once";
  while (store.at(slow, 9).pending) std::this_thread::yield();
  const Results& old = store.at(slow, 9, {.ways = true});
  if (old.pending) {
    EXPECT_EQ(old.scenario, example_scenario());
  }
  const Results& now = store.wait_for(slow, 9);
  ASSERT_TRUE(now.ways);
  EXPECT_EQ(now.ways->differences.size(), plain_methods().size() - 1);
  EXPECT_FALSE(store.at(slow, 9, {.ways = true}).pending);
  EXPECT_EQ(store.at(slow, 9, {.ways = true}).scenario, slow);
}

const Needs of_card{.comparison = ComparisonChoice{.input = "test-card"}};

TEST(ResultStore, ASmallComparisonIsThereAtOnceAndOnlyWhenNeeded) {
  Wakes wakes;
  ResultStore store(wakes.counter());
  EXPECT_FALSE(store.at(example_scenario(), 4).comparison);
  const Results& results = store.at(example_scenario(), 4, of_card);
  ASSERT_TRUE(results.comparison);
  EXPECT_EQ(results.comparison->key, comparison_key(example_scenario(), *of_card.comparison));
  const Comparison* first = results.comparison.get();
  EXPECT_EQ(store.at(example_scenario(), 2, of_card).comparison.get(), first) << "no step changes it";
  EXPECT_FALSE(store.at(example_scenario(), 4).comparison);
  Scenario illegal = example_scenario();
  illegal.layer.axes[0].stride = 0;
  EXPECT_FALSE(store.at(illegal, 4, of_card).comparison);
  EXPECT_EQ(wakes.count(), 0);
}

TEST(ResultStore, ASlowComparisonFollowsAndTheOldOneStaysUntilThen) {
  Wakes wakes;
  ResultStore store(wakes.counter());
  const Needs own{.comparison = ComparisonChoice{.input = "own"}};
  Scenario slow = example_scenario();
  for (AxisSpec& axis : slow.layer.spatial()) axis = {.input = 200, .kernel = 5, .stride = 2};
  const std::shared_ptr<const Comparison> old = store.at(example_scenario(), 4, of_card).comparison;
  const Results* now = &store.at(slow, 9, own);
  if (now->comparison == old) {
    ASSERT_TRUE(wakes.reaches(1));
  }
  const auto wanted = comparison_key(slow, *own.comparison);
  for (int i = 0; i < 6000 && !(now->comparison && now->comparison->key == wanted); ++i) {
    EXPECT_TRUE(now->comparison) << "never without any";
    std::this_thread::sleep_for(10ms);
    now = &store.at(slow, 9, own);
  }
  EXPECT_EQ(now->comparison->key, wanted);
  EXPECT_EQ(now->comparison->upsamplers.size(), 5U);
}

TEST(ResultStore, PicturesWaitForTheComparison) {
  ResultStore store([] {});
  const Needs own{.comparison = ComparisonChoice{.input = "own"}};
  Scenario slow = example_scenario();
  for (AxisSpec& axis : slow.layer.spatial()) axis = {.input = 200, .kernel = 5, .stride = 2};
  store.at(example_scenario(), 4, own);
  const Results& results = store.wait_for(slow, 9, own);
  ASSERT_TRUE(results.comparison);
  EXPECT_EQ(results.comparison->key, comparison_key(slow, *own.comparison));
  EXPECT_TRUE(results.ways);
  const Results other = store.wait_for(slow, 9, of_card);
  EXPECT_EQ(other.comparison->key, comparison_key(slow, *of_card.comparison));
  EXPECT_TRUE(compute_results(slow, 9, own).comparison);
  EXPECT_FALSE(compute_results(slow, 9).comparison);
}

TEST(ResultStore, ANewerRequestAbandonsTheOlder) {
  Wakes wakes;
  ResultStore store(wakes.counter());
  const Scenario endless = endless_scenario();
  EXPECT_TRUE(store.at(endless, step_count(endless)).pending);
  std::this_thread::sleep_for(50ms);  // so that it is under way
  const Scenario slow = slow_scenario();
  EXPECT_TRUE(store.at(slow, 5).pending);
  ASSERT_TRUE(wakes.reaches(1));
  expect_same(store.at(slow, 5), slow, 5);
}

TEST(ResultStore, AQuickRequestAbandonsTheSlow) {
  Wakes wakes;
  ResultStore store(wakes.counter());
  const Scenario endless = endless_scenario();
  store.at(endless, step_count(endless));
  std::this_thread::sleep_for(30ms);
  expect_same(store.at(example_scenario(), 3), example_scenario(), 3);
  EXPECT_EQ(wakes.count(), 0);
}

TEST(ResultStore, ComesBackToWhatItShowed) {
  ResultStore store([] {});
  expect_same(store.at(example_scenario(), 4), example_scenario(), 4);
  EXPECT_TRUE(store.at(endless_scenario(), 1'000'000).pending);
  expect_same(store.at(example_scenario(), 4), example_scenario(), 4);
}

TEST(ResultStore, CanBeDestroyedAtAnyMoment) {
  for (int i = 0; i < 12; ++i) {
    ResultStore store([] {});
    if (i == 0) continue;  // before anything is asked
    const Scenario endless = endless_scenario();
    store.at(endless, step_count(endless));
    std::this_thread::sleep_for(i * 3ms);
  }
}

TEST(ResultStore, AStepOfAResultThatIsReadyIsThatStep) {
  ResultStore store([] {});
  const Scenario slow = slow_scenario();
  expect_same(store.wait_for(slow, 100), slow, 100);
  expect_same(store.wait_for(slow, 101), slow, 101);
  expect_same(store.wait_for(slow, 0), slow, 0);
}

TEST(ResultStore, TheOtherWaysAreNotComputedAgainForAnotherStep) {
  ResultStore store([] {});
  const Scenario slow = slow_scenario();
  const auto ways = store.wait_for(slow, 100).ways;
  ASSERT_TRUE(ways);
  while (store.at(slow, 101).pending) std::this_thread::yield();
  EXPECT_EQ(store.at(slow, 101).ways, ways);
  EXPECT_FALSE(store.at(slow, 101, {.ways = true}).pending) << "a view that needs them follows the timeline at once";
}

TEST(ResultStore, LargeMapsOfFewProductsAreLeftToTheWorker) {
  ResultStore store([] {});
  Scenario sparse = slow_scenario(40);
  for (AxisSpec& axis : sparse.layer.spatial()) axis = {.input = 40, .kernel = 1, .stride = 60};
  EXPECT_LT(multiplications(sparse.layer), 2000);
  EXPECT_TRUE(store.at(sparse, 9).pending) << "5.5 million output cells";
  EXPECT_FALSE(store.wait_for(sparse, 9).pending);
}

/// Lets the process have so many more bytes of address space for as long as this lives.
class LessMemory {
 public:
  explicit LessMemory(rlim_t more) {
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    getrlimit(RLIMIT_AS, &before_);
    rlimit less = before_;
    less.rlim_cur = std::min(before_.rlim_cur, pages * 4096 + more);
    setrlimit(RLIMIT_AS, &less);
  }
  ~LessMemory() { setrlimit(RLIMIT_AS, &before_); }
  LessMemory(const LessMemory&) = delete;
  LessMemory& operator=(const LessMemory&) = delete;

 private:
  rlimit before_{};
};

TEST(ResultStore, TheOtherWaysAreLeftOutWhereTheyDoNotFitIntoMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers reserve more address space than any limit";
#else
  ResultStore store([] {});
  Scenario large = slow_scenario();
  for (AxisSpec& axis : large.layer.spatial()) axis = {.input = 1500, .kernel = 2, .stride = 2};
  EXPECT_GT(ways_bytes(large.layer), int64_t{2} * memory_needed(large.layer));
  const LessMemory less(rlim_t{350} << 20);
  const Results& results = store.wait_for(large, step_count(large));
  ASSERT_TRUE(results.ready()) << "painting takes 120 MB";
  ASSERT_TRUE(results.ways);
  EXPECT_TRUE(results.ways->differences.empty());
  EXPECT_FALSE(results.ways->gradients);
#endif
}

TEST(Ways, HoldTheThreeInnerProductsOfTheBackwardPass) {
  test::RandomLayers random;
  for (int i = 0; i < 20; ++i) {
    Scenario scenario;
    scenario.layer = random.layer(3000);
    scenario.input.id = scenario.kernel.id = scenario.bias.id = scenario.grad_output.id = "random";
    SCOPED_TRACE(random.trace(scenario.layer));
    const Results results = compute_results(scenario, 0);
    const Ways& ways = *results.ways;
    const Ways::InnerProducts& products = ways.inner_products;
    EXPECT_EQ(products.x_dx, dot(results.input.values(), ways.gradients->input.values()));
    const double rounding = 1e-5 * products.largest_possible;
    EXPECT_NEAR(products.y_g, products.x_dx, rounding);
    EXPECT_NEAR(products.w_dw, products.x_dx, rounding);
    EXPECT_GE(products.largest_possible, std::abs(products.x_dx));
  }
}

TEST(Ways, MakeAMatrixOfSoManyRowsAndColumnsOnly) {
  LayerSpec layer;
  for (AxisSpec& axis : layer.spatial()) axis = {.input = 100, .kernel = 3, .stride = 2};
  EXPECT_TRUE(matrix_is_made(layer));
  for (AxisSpec& axis : layer.spatial()) axis.stride = 1000;
  EXPECT_FALSE(matrix_is_made(layer)) << "90,000 non-zeros in 10,000 × 10^10";
  layer.axes[1] = {.input = 4000, .kernel = 1};
  EXPECT_FALSE(matrix_is_made(layer));
}

TEST(ResultStore, ManyRequestsEndWithTheRightResult) {
  Wakes wakes;
  ResultStore store(wakes.counter());
  test::RandomLayers random;
  std::vector<Scenario> scenarios{example_scenario(), slow_scenario(400), slow_scenario(410), endless_scenario()};
  scenarios.push_back(example_scenario());
  scenarios.back().layer.axes[0].stride = 0;
  for (int round = 0; round < 12; round += test::every_nth) {
    for (int i = 0; i < 15; ++i) {
      const auto& scenario = scenarios[static_cast<std::size_t>(random.between(0, 4))];
      const Results& results = store.at(scenario, random.between(0, 3000));
      // Whatever is shown, it is whole: arrays that belong to their own scenario.
      if (results.legal()) {
        ASSERT_EQ(results.frame.output.shape(),
                  results.input.empty() ? Shape{0} : output_shape(results.scenario.layer));
      }
      if (random.between(0, 2) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(random.between(0, 25)));
    }
    const auto& last = scenarios[static_cast<std::size_t>(random.between(0, 2))];
    const int64_t step = random.between(0, 3000);
    expect_same(store.wait_for(last, step), last, step);
  }
}

}  // namespace
}  // namespace tconv
