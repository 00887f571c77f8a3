#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "core/scatter_add.h"

namespace tconv {

/// Computes slow things one at a time, the newest asked for; what it was doing before is abandoned.
template <typename Key, typename Value>
class Worker {
 public:
  using Compute = std::function<std::optional<Value>(const Key&, const KeepGoing&)>;

  /// `compute` runs on a thread of its own, returning nothing only when told to stop; `wake` is called from there
  /// whenever a value is ready.
  Worker(Compute compute, std::function<void()> wake)
      : compute_(std::move(compute)),
        wake_(std::move(wake)),
        thread_([this](const std::stop_token& stop) { work(stop); }) {}
  ~Worker() {
    thread_.request_stop();
    changed_.notify_all();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void ask_for(const Key& key) {
    const std::lock_guard lock(mutex_);
    if (wanted_ == key || (ready_ && ready_->first == key)) return;
    wanted_ = key;
    taken_ = false;
    ready_.reset();
    changed_.notify_all();
  }
  /// Abandons what was asked for.
  void forget() {
    const std::lock_guard lock(mutex_);
    wanted_.reset();
    ready_.reset();
  }
  /// What has become ready since the last call.
  std::optional<std::pair<Key, Value>> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(ready_, std::nullopt);
  }
  /// Blocks until what was asked for is ready.
  void wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ready_.has_value() || !wanted_; });
  }

 private:
  void work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      Key key;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return wanted_ && !taken_; })) return;
        key = *wanted_;
        taken_ = true;
      }
      auto value = compute_(key, [&] {
        if (stop.stop_requested()) return false;
        const std::lock_guard lock(mutex_);
        return wanted_.has_value() && taken_;
      });
      if (!value) continue;
      {
        const std::lock_guard lock(mutex_);
        if (!taken_ || wanted_ != key) continue;  // something newer was asked for meanwhile
        ready_.emplace(std::move(key), *std::move(value));
        wanted_.reset();
        changed_.notify_all();
      }
      if (wake_) wake_();
    }
  }

  Compute compute_;
  std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Key> wanted_;  ///< what the thread shall do next, or is doing
  bool taken_ = false;
  std::optional<std::pair<Key, Value>> ready_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace tconv
