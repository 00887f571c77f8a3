#include "export/animation.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tconv {
namespace {

/// NaN becomes the lower end.
double within(double value, double low, double high) { return value > low ? std::min(value, high) : low; }

}  // namespace

std::vector<ShownFrame> shown_frames(std::int64_t count, const AnimationTiming& timing) {
  std::vector<ShownFrame> frames;
  const double moment = 1 / within(timing.frames_per_second, 0.1, 50);
  for (std::int64_t i = 0; i < count; ++i) frames.push_back({i, moment});
  if (frames.empty()) return frames;
  frames.back().seconds += within(timing.hold, 0, 60);
  if (timing.repeat == Repeat::ping_pong) {
    for (std::int64_t i = count - 2; i > 0; --i) frames.push_back({i, moment});
  }
  return frames;
}

std::vector<int> frame_ticks(const std::vector<ShownFrame>& frames, double unit, int least) {
  std::vector<int> ticks;
  ticks.reserve(frames.size());
  double seconds = 0;
  std::int64_t end = 0;
  for (const ShownFrame& frame : frames) {
    seconds += frame.seconds;
    const std::int64_t wanted = std::llround(seconds / unit) - end;
    const std::int64_t lasting = std::clamp<std::int64_t>(wanted, least, std::numeric_limits<int>::max());
    ticks.push_back(static_cast<int>(lasting));
    end += lasting;
  }
  return ticks;
}

}  // namespace tconv
