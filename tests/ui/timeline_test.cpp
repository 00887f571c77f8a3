// The timeline: playing, stepping, scrubbing.

#include <gtest/gtest.h>

#include "driver.h"

namespace tconv::test {
namespace {

bool same_frame(const Frame& a, const Frame& b) {
  return a.step == b.step && a.step_count == b.step_count && a.output == b.output && a.gain == b.gain;
}

TEST(Timeline, PlaysFromTheStartAndEnds) {
  Driver hands;
  ASSERT_EQ(hands.interaction().step, 4);
  hands.click("timeline/play");
  EXPECT_TRUE(hands.session().player().playing());
  EXPECT_TRUE(hands.studio().animating());
  std::int64_t before = hands.interaction().step;
  EXPECT_LT(before, 2);
  double seconds = 0;
  for (; hands.session().player().playing() && seconds < 10; seconds += 0.05) {
    hands.wait(0.05);
    const std::int64_t now = hands.interaction().step;
    EXPECT_TRUE(now == before || now == before + 1) << before << " to " << now;
    before = now;
  }
  EXPECT_FALSE(hands.session().player().playing());
  EXPECT_EQ(hands.interaction().step, 4);
  EXPECT_NEAR(seconds, 4 * Player::seconds_per_step, 1.0);
  EXPECT_FALSE(hands.studio().animating()) << "an idle window draws nothing";
  EXPECT_EQ(hands.document(), Document{});
}

TEST(Timeline, SpacePausesAndGoesOn) {
  Driver hands;
  hands.key(key_space);
  hands.wait(1);
  const std::int64_t step = hands.interaction().step;
  EXPECT_GE(step, 1);
  EXPECT_LT(step, 4);
  hands.key(key_space);
  EXPECT_FALSE(hands.session().player().playing());
  hands.wait(2);
  EXPECT_EQ(hands.interaction().step, step);
  hands.key(key_space);
  hands.wait(4);
  EXPECT_EQ(hands.interaction().step, 4);
}

TEST(Timeline, KeysAndButtons) {
  Driver hands;
  hands.key(key_home);
  EXPECT_EQ(hands.interaction().step, 0);
  hands.key(key_left);
  EXPECT_EQ(hands.interaction().step, 0);
  hands.key(key_right);
  EXPECT_EQ(hands.interaction().step, 1);
  hands.key(key_end);
  EXPECT_EQ(hands.interaction().step, 4);
  hands.click("timeline/first");
  EXPECT_EQ(hands.interaction().step, 0);
  hands.click("timeline/next");
  hands.click("timeline/next");
  EXPECT_EQ(hands.interaction().step, 2);
  hands.click("timeline/previous");
  EXPECT_EQ(hands.interaction().step, 1);
  hands.click("timeline/last");
  EXPECT_EQ(hands.interaction().step, 4);
  EXPECT_EQ(hands.undo_steps(), 0);
}

TEST(Timeline, SteppingStopsPlaying) {
  for (const int each : {static_cast<int>(key_left), static_cast<int>(key_right), static_cast<int>(key_home)}) {
    Driver hands;
    hands.key(key_space);
    hands.wait(0.5);
    hands.key(each);
    EXPECT_FALSE(hands.session().player().playing());
  }
}

TEST(Timeline, ThereAndBackGivesEqualFrames) {
  Driver hands;
  hands.drag_slider("input", 3);
  hands.click("kernel/random");
  hands.key(key_escape);
  hands.key(key_home);
  std::vector<Frame> there{hands.session().results().frame};
  for (std::int64_t step = 1; step <= hands.session().step_count(); ++step) {
    hands.key(key_right);
    there.push_back(hands.session().results().frame);
    EXPECT_EQ(there.back().step, step);
  }
  ASSERT_EQ(there.size(), 10U);
  for (std::int64_t step = 9; step >= 0; --step) {
    EXPECT_TRUE(same_frame(hands.session().results().frame, there[static_cast<std::size_t>(step)])) << step;
    hands.key(key_left);
  }
}

TEST(Timeline, ScrubsByDragAndClick) {
  Driver hands;
  hands.drag_slider("input", 5);
  const Rect bar = hands.place("timeline/scrub");
  const auto at = [&](double part) { return Point{bar.x + bar.w * part, bar.centre().y}; };
  hands.click(at(0.4));
  EXPECT_EQ(hands.interaction().step, 10);
  hands.move(at(0.4));
  hands.press();
  for (const int step : {11, 14, 9, 2}) {
    hands.move(at(step / 25.0));
    EXPECT_EQ(hands.interaction().step, step);
    EXPECT_EQ(hands.session().results().frame.step, step);
  }
  hands.move(Point{bar.x - 400, bar.y + 200});  // a drag goes on outside
  EXPECT_EQ(hands.interaction().step, 0);
  hands.move(Point{bar.right() + 400, bar.y});
  EXPECT_EQ(hands.interaction().step, 25);
  hands.release();
  EXPECT_EQ(hands.undo_steps(), 1) << "the slider's; scrubbing is no edit";
}

TEST(Timeline, ScrubbingStopsPlaying) {
  Driver hands;
  hands.key(key_space);
  hands.click("timeline/scrub");
  EXPECT_FALSE(hands.session().player().playing());
  EXPECT_EQ(hands.interaction().step, 2);
}

TEST(Timeline, SpeedGoesRoundAndSetsThePace) {
  Driver hands;
  for (const double speed : {2.0, 4.0, 8.0, 0.25, 0.5, 1.0}) {
    hands.click("timeline/speed");
    EXPECT_EQ(hands.session().player().speed(), speed);
  }
  hands.key('+');
  EXPECT_EQ(hands.session().player().speed(), 2);
  hands.key('-');
  hands.key('-');
  EXPECT_EQ(hands.session().player().speed(), 0.5);
  for (int i = 0; i < 5; ++i) hands.key('-');
  EXPECT_EQ(hands.session().player().speed(), 0.25);
  const auto seconds_to_play = [&] {
    hands.key(key_space);
    double seconds = 0;
    for (; hands.session().player().playing() && seconds < 60; seconds += 0.05) hands.wait(0.05);
    return seconds;
  };
  const double slow = seconds_to_play();
  for (int i = 0; i < 5; ++i) hands.key('+');
  const double fast = seconds_to_play();
  EXPECT_EQ(hands.session().player().speed(), 8);
  EXPECT_NEAR(slow, 16 * Player::seconds_per_step, 1);
  EXPECT_LT(fast, 0.7);
}

TEST(Timeline, AnIllegalLayerHasNothingToPlay) {
  Driver hands;
  hands.type_into("number/output_padding", "2");
  ASSERT_FALSE(hands.session().results().legal());
  hands.click("timeline/scrub");
  hands.click("timeline/play");
  hands.wait(0.5);
  EXPECT_FALSE(hands.session().player().playing());
}

TEST(Timeline, OnlyViewsThatHaveOneShowIt) {
  Driver hands;
  for (const View& view : all_views()) {
    hands.click("view/" + std::string(view.id));
    EXPECT_EQ(hands.has("timeline/play"), (view.timeline != Timeline::none)) << view.id;
    EXPECT_EQ(hands.has("panel/inspector"), view.has_inspector) << view.id;
  }
}

}  // namespace
}  // namespace tconv::test
