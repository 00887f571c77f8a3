#include "export/work_in_order.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace tconv {
namespace {

// More than a few would only hold more pictures in memory at a time.
std::int64_t thread_count() { return std::clamp<std::int64_t>(std::thread::hardware_concurrency(), 1, 8); }

class Workers {
 public:
  Workers(std::int64_t count, const std::function<void(std::int64_t)>& work) : count_(count), work_(work) {
    for (std::int64_t i = std::min(count, thread_count()); i > 0; --i) {
      threads_.emplace_back([this] { run(); });
    }
  }
  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Blocks until the work on `i` is done; throws what it threw.
  void wait_for(std::int64_t i, const Progress& progress) {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, std::chrono::milliseconds(10), [&] { return done_.contains(i); })) {
      lock.unlock();
      progress.check();
      lock.lock();
    }
    const std::exception_ptr failure = done_.extract(i).mapped();
    if (failure) std::rethrow_exception(failure);
  }

  void used(std::int64_t i) {
    {
      const std::lock_guard lock(mutex_);
      used_ = i + 1;
    }
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return stopped_ || next_ == count_ || next_ < used_ + most_ahead(); });
      if (stopped_ || next_ == count_) return;
      const std::int64_t i = next_++;
      lock.unlock();
      std::exception_ptr failure;
      try {
        work_(i);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      done_.emplace(i, failure);
      changed_.notify_all();
    }
  }

  const std::int64_t count_;
  const std::function<void(std::int64_t)>& work_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t next_ = 0;
  std::int64_t used_ = 0;
  bool stopped_ = false;
  std::map<std::int64_t, std::exception_ptr> done_;  // and not yet used
  std::vector<std::jthread> threads_;                // last, so that they end before what they use
};

}  // namespace

std::int64_t most_ahead() { return 2 * thread_count(); }

void work_in_order(std::int64_t count, const std::function<void(std::int64_t)>& work,
                   const std::function<void(std::int64_t)>& use, const Progress& progress) {
  progress.at(0);
  Workers workers(count, work);
  for (std::int64_t i = 0; i < count; ++i) {
    workers.wait_for(i, progress);
    use(i);
    workers.used(i);
    progress.at(static_cast<double>(i + 1) / static_cast<double>(count));
  }
}

}  // namespace tconv
