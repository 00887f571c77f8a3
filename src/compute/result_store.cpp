#include "compute/result_store.h"

#include <algorithm>

#include "compute/limits.h"

namespace tconv {
namespace {

using std::int64_t;

/// Up to here a result is ready within a frame's time, so it is not worth a thread.
constexpr int64_t quick_multiplications = 4'000'000;
/// Likewise for the other ways, which take some of these each.
constexpr int64_t quick_windows = 300'000;
/// And for the output's spectra.
constexpr int64_t quick_cells = 60'000;

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

}  // namespace

Results compute_results(const Scenario& scenario, int64_t step, bool with_ways) {
  Results results = *compute(scenario, step, nullptr, {});
  if (with_ways && results.ready()) results.ways = ways_of(results, {});
  return results;
}

ResultStore::ResultStore(std::function<void()> wake)
    : results_(
          [last = Results(), have_last = false](const Key& key, const KeepGoing& keep_going) mutable {
            auto results = compute(key.scenario, key.step, have_last ? &last : nullptr, keep_going);
            if (results) {
              last = *results;
              have_last = true;
            }
            return results;
          },
          wake),
      ways_(
          [](const Scenario& scenario, const KeepGoing& keep_going) -> std::optional<std::shared_ptr<const Ways>> {
            auto ways = compute_ways(scenario, input_of(scenario), weight_of(scenario), bias_of(scenario), keep_going);
            if (!ways) return std::nullopt;
            return std::make_shared<const Ways>(*std::move(ways));
          },
          wake) {}

void ResultStore::update(const Key& key) {
  if (auto ready = results_.take()) {
    shown_ = std::move(ready->second);
    shown_key_ = std::move(ready->first);
  }
  shown_.pending = shown_key_ != key;
  if (!shown_.pending) return;
  // An illegal layer is quick, too: nothing is computed for it. Sizes beyond the quick limit have to be legal to count.
  const bool quick = multiplications(key.scenario.layer) <= quick_multiplications || !validate(key.scenario).empty();
  if (!quick) return results_.ask_for(key);
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
    const LayerSpec& layer = shown_.scenario.layer;
    if (window_multiplications(layer) <= quick_windows && output_shape(layer).elements() <= quick_cells) {
      ways_.forget();
      shown_.ways = ways_of(shown_, {});
    } else {
      ways_.ask_for(shown_.scenario);
    }
  }
}

const Results& ResultStore::at(const Scenario& scenario, int64_t step, bool need_ways) {
  update({scenario, step});
  update_ways();
  if (!need_ways) return shown_;
  // Illegal layers have no ways to wait for.
  if (shown_.ways || !shown_.legal() || !with_ways_.ways) {
    with_ways_ = shown_;
  } else {
    with_ways_.pending = true;
  }
  return with_ways_;
}

const Results& ResultStore::wait_for(const Scenario& scenario, int64_t step) {
  const Results* results = &at(scenario, step);
  while (results->pending || (results->ready() && !results->ways)) {
    if (results->pending) {
      results_.wait();
    } else {
      ways_.wait();
    }
    results = &at(scenario, step);
  }
  return *results;
}

}  // namespace tconv
