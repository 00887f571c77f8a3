#include "compute/result_store.h"

#include <algorithm>
#include <new>

#include "compute/limits.h"

namespace tconv {
namespace {

using std::int64_t;

/// Up to here a result is ready within a frame's time, so it is not worth a thread: multiplications, and cells of the
/// output, which may be many more where the stride is long.
constexpr int64_t quick_work = 4'000'000;
/// Likewise for the upsamplers that are compared.
constexpr int64_t quick_comparison = 4'000'000;
/// Likewise for the other ways, which take some of these each.
/// And for the output's spectra.
constexpr int64_t quick_cells = 60'000;
constexpr int64_t quick_ways_work = 300'000;

bool is_quick(const Scenario& scenario) {
  // An illegal layer is quick, too: nothing is computed for it. Only sizes of a legal one can be counted on.
  if (!validate(scenario).empty()) return true;
  return multiplications(scenario.layer) <= quick_work && output_shape(scenario.layer).elements() <= quick_work;
}

/// Windows over the output and, where most of it is cropped, stamps of the input.
bool ways_are_quick(const LayerSpec& layer) {
  return std::max(window_multiplications(layer), multiplications(layer)) <= quick_ways_work &&
         output_shape(layer).elements() <= quick_cells;
}

/// The parts that the step does not change are taken over from `before` when they belong to the same scenario.
std::optional<Results> compute(const Scenario& scenario, int64_t step, const Results* before,
                               const KeepGoing& keep_going) {
  Results results;
  results.scenario = scenario;
  if (before != nullptr && before->scenario == scenario && before->legal()) {
    results.input = before->input;
    results.weight = before->weight;
    results.bias = before->bias;
    results.ways = before->ways;
  } else {
    results.problems = validate(scenario, current_limits());
    if (!results.legal()) return results;
    results.input = input_of(scenario);
    results.weight = weight_of(scenario);
    results.bias = bias_of(scenario);
  }
  auto frame = frame_at(scenario, results.input, results.weight, results.bias, step, keep_going);
  if (!frame) return std::nullopt;
  results.frame = *std::move(frame);
  return results;
}

}  // namespace

int64_t multiplications(const LayerSpec& layer) {
  __int128 product = static_cast<__int128>(layer.batch) * layer.in_channels;
  constexpr __int128 cap = static_cast<__int128>(1) << 62;
  const auto times = [&](int64_t factor) { product = std::min(cap, std::min(cap, product) * factor); };
  times(layer.out_channels / std::max<int64_t>(1, layer.groups));
  for (const AxisSpec& axis : layer.spatial()) {
    times(axis.input);
    times(axis.kernel);
  }
  return static_cast<int64_t>(product);
}

namespace {

std::shared_ptr<const Ways> ways_of(const Results& results, const KeepGoing& keep_going) {
  auto ways = compute_ways(results.scenario, results.input, results.weight, results.bias, keep_going);
  return ways ? std::make_shared<const Ways>(*std::move(ways)) : nullptr;
}

/// Memory that was free when it was asked for may be gone: then there are no results, which is no reason to stop.
std::optional<Results> compute_within_memory(const Scenario& scenario, int64_t step, const Results* before,
                                             const KeepGoing& keep_going) try {
  return compute(scenario, step, before, keep_going);
} catch (const std::bad_alloc&) {
  Results none;
  none.scenario = scenario;
  none.problems = {{"output", -1, "needs memory that is free", "too little of it", std::nullopt}};
  return none;
}

std::optional<std::shared_ptr<const Comparison>> compared(const ComparisonKey& key, const KeepGoing& keep_going) try {
  auto comparison = compare(key, keep_going);
  if (!comparison) return std::nullopt;
  return std::make_shared<const Comparison>(*std::move(comparison));
} catch (const std::bad_alloc&) {
  Comparison none;
  none.key = key;
  none.refused = "There is too little memory to compare this.";
  return std::make_shared<const Comparison>(std::move(none));
}

}  // namespace

Results compute_results(const Scenario& scenario, int64_t step, const Needs& needs) {
  return *compute_results(scenario, step, needs, {});
}

std::optional<Results> compute_results(const Scenario& scenario, int64_t step, const Needs& needs,
                                       const KeepGoing& keep_going) {
  std::optional<Results> results = compute(scenario, step, nullptr, keep_going);
  if (!results || !results->ready()) return results;
  if (needs.ways && !(results->ways = ways_of(*results, keep_going))) return std::nullopt;
  if (needs.comparison) {
    auto comparison = compared(comparison_key(scenario, *needs.comparison), keep_going);
    if (!comparison) return std::nullopt;
    results->comparison = *std::move(comparison);
  }
  if (needs.large_map) {
    const LargeMapKey key = large_map_key(scenario, needs.large_map->choice);
    results->large_map = large_map(key, look_of(key, needs.large_map->view), keep_going);
    if (!results->large_map) return std::nullopt;
  }
  return results;
}

std::optional<Results> results_at(const Results& results, int64_t step, const KeepGoing& keep_going) {
  auto other = compute(results.scenario, step, &results, keep_going);
  if (other) {
    other->comparison = results.comparison;
    other->large_map = results.large_map;
  }
  return other;
}

ResultStore::ResultStore(std::function<void()> wake, LargeMapDeviceSource device)
    : results_(
          [last = Results(), have_last = false](const Key& key, const KeepGoing& keep_going) mutable {
            auto results = compute_within_memory(key.scenario, key.step, have_last ? &last : nullptr, keep_going);
            if (results) {
              last = *results;
              have_last = true;
            }
            return results;
          },
          wake),
      ways_(
          [](const Scenario& scenario, const KeepGoing& keep_going) -> std::optional<std::shared_ptr<const Ways>> {
            try {
              auto ways =
                  compute_ways(scenario, input_of(scenario), weight_of(scenario), bias_of(scenario), keep_going);
              if (!ways) return std::nullopt;
              return std::make_shared<const Ways>(*std::move(ways));
            } catch (const std::bad_alloc&) {
              return std::make_shared<const Ways>();
            }
          },
          wake),
      comparisons_(compared, wake),
      large_maps_(wake, std::move(device)) {}

void ResultStore::update(const Key& key) {
  if (auto ready = results_.take()) {
    // Another step of the same scenario: the other ways do not depend on it.
    if (ready->second.scenario == shown_.scenario) ready->second.ways = std::move(shown_.ways);
    shown_ = std::move(ready->second);
    shown_key_ = std::move(ready->first);
  }
  shown_.pending = shown_key_ != key;
  if (!shown_.pending) return;
  if (!is_quick(key.scenario)) return results_.ask_for(key);
  results_.forget();
  shown_ = *compute(key.scenario, key.step, shown_key_ ? &shown_ : nullptr, {});
  shown_key_ = key;
}

void ResultStore::update_ways() {
  if (auto ready = ways_.take()) {
    if (ready->first == shown_.scenario) shown_.ways = std::move(ready->second);
  }
  if (shown_.pending || !shown_.ready()) return;
  if (!shown_.ways) {
    if (ways_are_quick(shown_.scenario.layer)) {
      ways_.forget();
      shown_.ways = ways_of(shown_, {});
    } else {
      ways_.ask_for(shown_.scenario);
    }
  }
}

void ResultStore::update_comparison(const Needs& needs) {
  if (auto ready = comparisons_.take()) {
    if (ready->first == wanted_comparison_) comparison_ = std::move(ready->second);
  }
  if (!needs.comparison || !shown_.legal()) {
    comparisons_.forget();
    shown_.comparison = nullptr;
    return;
  }
  shown_.comparison = comparison_;
  if (shown_.pending || !shown_.ready()) return;
  ComparisonKey key = comparison_key(shown_.scenario, *needs.comparison);
  if (!comparison_ || comparison_->key != key) {
    if (key.work <= quick_comparison) {
      comparisons_.forget();
      comparison_ = *compared(key, {});
    } else {
      comparisons_.ask_for(key);
    }
  }
  wanted_comparison_ = std::move(key);
  shown_.comparison = comparison_;
}

void ResultStore::update_large_map(const Needs& needs) {
  if (!needs.large_map || !shown_.legal()) {
    large_maps_.forget();
    shown_.large_map = nullptr;
    return;
  }
  if (shown_.pending) {
    shown_.large_map = large_maps_.state();
    shown_.large_map_is_old = true;
    return;
  }
  const LargeMapKey key = large_map_key(shown_.scenario, needs.large_map->choice);
  large_maps_.ask_for(key, needs.large_map->choice.way, look_of(key, needs.large_map->view));
  shown_.large_map = large_maps_.state();
  shown_.large_map_is_old = shown_.large_map && shown_.large_map->key != key;
}

const Results& ResultStore::at(const Scenario& scenario, int64_t step, const Needs& needs) {
  update({scenario, step});
  update_ways();
  update_comparison(needs);
  update_large_map(needs);
  if (!needs.ways) return shown_;
  // Illegal layers have no ways to wait for.
  if (shown_.ways || !shown_.legal() || !with_ways_.ways) {
    with_ways_ = shown_;
  } else {
    with_ways_.pending = true;
  }
  return with_ways_;
}

const Results& ResultStore::wait_for(const Scenario& scenario, int64_t step, const Needs& needs) {
  const auto waits_for_comparison = [&] {
    return needs.comparison && shown_.legal() && (!comparison_ || comparison_->key != wanted_comparison_);
  };
  const auto waits_for_large_map = [&] { return needs.large_map && shown_.legal() && !large_maps_.settled(); };
  const Results* results = &at(scenario, step, needs);
  while (results->pending || (results->ready() && !results->ways) || waits_for_comparison() || waits_for_large_map()) {
    if (shown_.pending) {
      results_.wait();
    } else if (shown_.ready() && !shown_.ways) {
      ways_.wait();
    } else if (waits_for_comparison()) {
      comparisons_.wait();
    } else {
      large_maps_.wait();
    }
    results = &at(scenario, step, needs);
  }
  return *results;
}

}  // namespace tconv
