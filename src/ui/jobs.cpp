#include "ui/jobs.h"

#include <algorithm>
#include <atomic>
#include <new>

namespace tconv {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto between_reports = std::chrono::milliseconds(100);
constexpr double soonest_guess = 0.5;  // seconds of work before the time that is left can be told

}  // namespace

struct Jobs::Job {
  std::string label;
  Work work;
  std::atomic<bool> cancelled = false;
  std::atomic<double> part = 0;
  std::atomic<Clock::rep> started = 0;  // ticks; 0: not yet
  std::atomic<Clock::rep> reported = 0;
};

Jobs::Jobs(std::function<void()> wake)
    : wake_(std::move(wake)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

Jobs::~Jobs() {
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& job : queue_) job->cancelled = true;
    queue_.clear();
  }
  thread_.request_stop();
  changed_.notify_all();
}

void Jobs::start(std::string label, Work work) {
  auto job = std::make_shared<Job>();
  job->label = std::move(label);
  job->work = std::move(work);
  const std::scoped_lock lock(mutex_);
  queue_.push_back(std::move(job));
  changed_.notify_all();
}

void Jobs::cancel() {
  const std::scoped_lock lock(mutex_);
  if (queue_.empty()) return;
  queue_.front()->cancelled = true;
  ended_.push_back({"Cancelled: " + queue_.front()->label, false});
  queue_.pop_front();
}

std::optional<Jobs::Status> Jobs::status() const {
  const std::scoped_lock lock(mutex_);
  if (queue_.empty()) return std::nullopt;
  const Job& job = *queue_.front();
  Status status{.label = job.label, .part = job.part, .seconds_left = {}, .waiting = queue_.size() - 1};
  if (job.started != 0) {
    const Clock::time_point start{Clock::duration(job.started)};
    const double spent = std::chrono::duration<double>(Clock::now() - start).count();
    if (spent > soonest_guess && status.part > 0.01) status.seconds_left = spent / status.part * (1 - status.part);
  }
  return status;
}

std::deque<Jobs::Ended> Jobs::take_ended() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(ended_, {});
}

void Jobs::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::shared_ptr<Job> job;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !queue_.empty(); })) return;
      job = queue_.front();
    }
    job->started = Clock::now().time_since_epoch().count();
    const Progress progress(
        [this, job](double part) {
          job->part = part;
          const Clock::rep now = Clock::now().time_since_epoch().count();
          Clock::rep before = job->reported;
          if (Clock::duration(now - before) < between_reports) return;
          if (job->reported.compare_exchange_strong(before, now) && wake_) wake_();
        },
        [job] { return job->cancelled.load(); });
    Ended ended;
    try {
      ended.words = job->work(progress);
    } catch (const Cancelled&) {
    } catch (const std::bad_alloc&) {
      ended = {job->label + ": not enough memory", true};
    } catch (const std::exception& error) {
      ended = {error.what(), true};
    }
    {
      const std::scoped_lock lock(mutex_);
      // One that was cancelled has been told of, and is not the first any more.
      const auto mine = std::ranges::find(queue_, job);
      if (mine != queue_.end()) {
        queue_.erase(mine);
        ended_.push_back(std::move(ended));
      }
    }
    if (wake_) wake_();
  }
}

}  // namespace tconv
