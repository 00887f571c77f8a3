#include "compute/timing.h"

#include <algorithm>
#include <chrono>

namespace tconv {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double clear_time = 1e-3;  // seconds: what is shorter is called several times between two looks at the clock
constexpr double short_enough = 0.25;  // seconds: what takes longer runs untimed only the first time
constexpr double most_calls = 1000;    // between two looks at the clock

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

}  // namespace

Timing TimedCall::timing() const {
  if (times_.empty()) return {};
  std::vector<double> sorted = times_;
  std::ranges::sort(sorted);
  const std::size_t middle = sorted.size() / 2;
  const double median = sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return {median, sorted.front(), static_cast<std::int64_t>(sorted.size())};
}

class TurnTaker {
 public:
  TurnTaker(std::span<TimedCall* const> calls, const TimingGoal& goal, const KeepGoing& keep_going)
      : goal_(goal), keep_going_(keep_going) {
    for (TimedCall* call : calls) shares_.push_back({call});
  }

  /// Always the call that has got the smallest part of its share: quick ones run many times between two slow ones.
  bool run() {
    for (;;) {
      const auto next = std::ranges::min_element(shares_, {}, [&](const Share& share) { return part(share); });
      if (next == shares_.end() || part(*next) >= 1) return true;
      const auto start = Clock::now();
      if (!take_time(*next)) return false;
      next->seconds += seconds_since(start);
    }
  }

 private:
  struct Share {
    TimedCall* call;
    double seconds = 0;
    std::int64_t times = 0;
  };

  double part(const Share& share) const {
    return std::min(share.seconds / goal_.seconds,
                    static_cast<double>(share.times) / static_cast<double>(goal_.least_times));
  }

  bool run_once(TimedCall& call) const { return (!keep_going_ || keep_going_()) && call.call_(); }

  bool take_time(Share& share) const {
    TimedCall& call = *share.call;
    const bool first = call.estimate_ == 0;
    if ((first || call.estimate_ < short_enough) && !run_once(call)) return false;
    const double fitting = first ? 1 : clear_time / call.estimate_;
    const auto calls = static_cast<std::int64_t>(std::clamp(fitting, 1.0, most_calls));
    const auto start = Clock::now();
    for (std::int64_t i = 0; i < calls; ++i) {
      if (!run_once(call)) return false;
    }
    const double seconds = seconds_since(start) / static_cast<double>(calls);
    call.estimate_ = std::max(seconds, 1e-9);
    if (first && seconds < clear_time) return true;  // too short to be a time; now it is known how short
    call.times_.push_back(seconds);
    ++share.times;
    return true;
  }

  const TimingGoal& goal_;
  const KeepGoing& keep_going_;
  std::vector<Share> shares_;
};

bool time_in_turn(std::span<TimedCall* const> calls, const TimingGoal& goal, const KeepGoing& keep_going) {
  return TurnTaker(calls, goal, keep_going).run();
}

bool time_in_turn(std::span<TimedCall> calls, const TimingGoal& goal, const KeepGoing& keep_going) {
  std::vector<TimedCall*> all;
  for (TimedCall& call : calls) all.push_back(&call);
  return time_in_turn(std::span<TimedCall* const>(all), goal, keep_going);
}

}  // namespace tconv
