#include "compute/result_store.h"

#include <algorithm>

#include "compute/limits.h"

namespace tconv {
namespace {

using std::int64_t;

/// Up to here a result is ready within a frame's time, so it is not worth a thread.
constexpr int64_t quick_multiplications = 4'000'000;

/// The parts that the step does not change are taken over from `before` when they belong to the same scenario.
std::optional<Results> compute(const Scenario& scenario, int64_t step, const Results* before,
                               const KeepGoing& keep_going) {
  Results results;
  results.scenario = scenario;
  if (before != nullptr && before->scenario == scenario && before->legal()) {
    results.input = before->input;
    results.weight = before->weight;
    results.bias = before->bias;
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

Results compute_results(const Scenario& scenario, int64_t step) { return *compute(scenario, step, nullptr, {}); }

ResultStore::ResultStore(std::function<void()> wake)
    : wake_(std::move(wake)), worker_([this](const std::stop_token& stop) { work(stop); }) {}

ResultStore::~ResultStore() {
  worker_.request_stop();
  changed_.notify_all();
}

const Results& ResultStore::at(const Scenario& scenario, int64_t step) {
  const Key key{scenario, step};
  {
    const std::lock_guard lock(mutex_);
    if (ready_) {
      shown_ = *std::move(ready_);
      shown_key_ = std::move(ready_key_);
      ready_.reset();
    }
  }
  if (shown_key_ == key) {
    shown_.pending = false;
    return shown_;
  }
  // An illegal layer is quick, too: nothing is computed for it. Sizes beyond the quick limit have to be legal to count.
  const bool quick = multiplications(scenario.layer) <= quick_multiplications || !validate(scenario).empty();
  if (quick) {
    {
      const std::lock_guard lock(mutex_);
      wanted_.reset();  // abandons what the worker is doing
    }
    shown_ = *compute(scenario, step, shown_key_ ? &shown_ : nullptr, {});
    shown_key_ = key;
    return shown_;
  }
  {
    const std::lock_guard lock(mutex_);
    if (wanted_ != key) {
      wanted_ = key;
      wanted_taken_ = false;
      changed_.notify_all();
    }
  }
  shown_.pending = true;
  return shown_;
}

const Results& ResultStore::wait_for(const Scenario& scenario, int64_t step) {
  const Results* results = &at(scenario, step);
  while (results->pending) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ready_.has_value(); });
    }
    results = &at(scenario, step);
  }
  return *results;
}

void ResultStore::work(const std::stop_token& stop) {
  Results last;
  bool have_last = false;
  while (!stop.stop_requested()) {
    Key key;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return wanted_ && !wanted_taken_; })) return;
      key = *wanted_;
      wanted_taken_ = true;
    }
    const auto keep_going = [&] {
      if (stop.stop_requested()) return false;
      const std::lock_guard lock(mutex_);
      return wanted_.has_value() && wanted_taken_;
    };
    auto results = compute(key.scenario, key.step, have_last ? &last : nullptr, keep_going);
    if (!results) continue;
    last = *results;
    have_last = true;
    {
      const std::lock_guard lock(mutex_);
      if (!wanted_taken_ || wanted_ != key) continue;  // something newer was asked for meanwhile
      ready_ = std::move(results);
      ready_key_ = std::move(key);
      wanted_.reset();
      changed_.notify_all();
    }
    if (wake_) wake_();
  }
}

}  // namespace tconv
