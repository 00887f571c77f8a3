#pragma once
// How long short work takes on a machine that is never quite quiet: calls that are to be compared are timed in turn, so
// that its moods hit all alike, and medians are told.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/scatter_add.h"

namespace tconv {

struct Timing {
  double median = 0;             ///< seconds a call
  double least = 0;              ///< seconds a call
  std::int64_t repetitions = 0;  ///< how many times were taken, each of one call or, of very short ones, of several
};

/// Work that is timed.
class TimedCall {
 public:
  /// `call` returns false when it was cancelled.
  explicit TimedCall(std::function<bool()> call) : call_(std::move(call)) {}

  /// Over all times that were taken; zeros before.
  Timing timing() const;

 private:
  friend class TurnTaker;
  std::function<bool()> call_;
  double estimate_ = 0;        // seconds; 0: never called
  std::vector<double> times_;  // seconds a call
};

/// How long is enough.
struct TimingGoal {
  double seconds = 0.5;          ///< that each call gets, untimed runs and all
  std::int64_t least_times = 3;  ///< that are taken of each, however long it takes
};

/// Times every call until each has its share. Before a time is taken the call runs once untimed, as whatever ran before
/// took the caches and let the workers sleep; only what takes long is spared that. Times of earlier calls of this
/// function are kept. False when `keep_going`, which is asked between runs, or a call said no.
bool time_in_turn(std::span<TimedCall> calls, const TimingGoal& goal, const KeepGoing& keep_going = {});
bool time_in_turn(std::span<TimedCall* const> calls, const TimingGoal& goal, const KeepGoing& keep_going = {});

}  // namespace tconv
