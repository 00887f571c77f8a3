#include "export/animation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace tconv {
namespace {

std::vector<std::int64_t> order(std::int64_t count, Repeat repeat) {
  std::vector<std::int64_t> indices;
  for (const ShownFrame& frame : shown_frames(count, {.repeat = repeat})) indices.push_back(frame.index);
  return indices;
}

TEST(ShownFrames, GoForwardsAndWithPingPongBack) {
  using Order = std::vector<std::int64_t>;
  EXPECT_EQ(order(4, Repeat::once), (Order{0, 1, 2, 3}));
  EXPECT_EQ(order(4, Repeat::loop), (Order{0, 1, 2, 3}));
  EXPECT_EQ(order(4, Repeat::ping_pong), (Order{0, 1, 2, 3, 2, 1}));
  EXPECT_EQ(order(2, Repeat::ping_pong), (Order{0, 1}));
  EXPECT_EQ(order(1, Repeat::ping_pong), (Order{0}));
  EXPECT_EQ(order(0, Repeat::ping_pong), (Order{}));
}

TEST(ShownFrames, TheLastIsHeld) {
  for (const Repeat repeat : {Repeat::once, Repeat::loop, Repeat::ping_pong}) {
    for (const ShownFrame& frame : shown_frames(3, {.frames_per_second = 4, .hold = 1.5, .repeat = repeat})) {
      EXPECT_DOUBLE_EQ(frame.seconds, frame.index == 2 ? 1.75 : 0.25);
    }
  }
  EXPECT_DOUBLE_EQ(shown_frames(1, {}).front().seconds, 1.75);
}

TEST(ShownFrames, TimingsStayInTheirRanges) {
  const auto seconds = [](double rate, double hold) {
    return shown_frames(2, {.frames_per_second = rate, .hold = hold}).back().seconds;
  };
  EXPECT_DOUBLE_EQ(seconds(1000, -5), 0.02);
  EXPECT_DOUBLE_EQ(seconds(0, 1e300), 70);
  EXPECT_DOUBLE_EQ(seconds(std::nan(""), std::nan("")), 10);
}

TEST(FrameTicks, DoNotDrift) {
  for (const double rate : {0.1, 3.0, 7.0, 8.0, 24.0, 30.0, 45.0, 49.9, 50.0}) {
    const auto frames = shown_frames(500, {.frames_per_second = rate, .hold = 0});
    const std::vector<int> ticks = frame_ticks(frames, 0.01, 2);
    ASSERT_EQ(ticks.size(), 500U);
    int end = 0;
    for (std::size_t i = 0; i < ticks.size(); ++i) {
      end += ticks[i];
      EXPECT_GE(ticks[i], 2);
      EXPECT_NEAR(end, static_cast<double>(i + 1) * 100 / rate, 0.501) << rate << " frame " << i;
    }
  }
  EXPECT_EQ(frame_ticks(shown_frames(5, {.frames_per_second = 8, .hold = 0}), 0.01, 2),
            (std::vector<int>{13, 12, 13, 12, 13}));
}

TEST(FrameTicks, MakeUpForFramesThatWereTooShort) {
  EXPECT_EQ(frame_ticks({{0, 0.001}, {1, 0.001}, {2, 0.1}}, 0.01, 2), (std::vector<int>{2, 2, 6}));
  EXPECT_TRUE(frame_ticks({}, 0.01, 2).empty());
}

TEST(Animators, AreListed) {
  std::vector<std::string_view> ids;
  for (const Animator& animator : listed_animators()) {
    ids.push_back(animator.id);
    EXPECT_EQ(animator.extension, "." + std::string(animator.id));
    EXPECT_FALSE(animator.label.empty());
    if (animator.id != "mp4") {
      EXPECT_EQ(animator.missing(), "");
    }
  }
  EXPECT_EQ(ids, (std::vector<std::string_view>{"gif", "mp4", "png", "webp"}));
}

}  // namespace
}  // namespace tconv
