#pragma once
// Long work beside the window: one piece after the other on a thread of its own, with progress and cancel.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "files/progress.h"

namespace tconv {

class Jobs {
 public:
  /// Returns the line to say when it is done; throws an exception with one line when it could not be done.
  using Work = std::function<std::string(const Progress&)>;

  /// `wake` is called from the worker when something has changed that people should see.
  explicit Jobs(std::function<void()> wake);
  /// Cancels what is left, and waits until it has stopped.
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  /// After those that wait already. `label`: "step.gif".
  void start(std::string label, Work work);
  /// Stops the one that runs. It is gone at once for whoever asks; its thread ends as soon as it notices.
  void cancel();

  struct Status {
    std::string label;
    double part = 0;                       ///< done, 0 … 1
    std::optional<double> seconds_left{};  ///< once that can be told
    std::size_t waiting = 0;               ///< others after it
  };
  /// Of the one that runs; nothing when there is none.
  std::optional<Status> status() const;

  struct Ended {
    std::string words;
    bool is_error = false;
  };
  /// What has ended since the last call, in order.
  std::deque<Ended> take_ended();

 private:
  struct Job;
  void run(const std::stop_token& stop);

  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::shared_ptr<Job>> queue_;  // the first one runs, or is about to
  std::deque<Ended> ended_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace tconv
