#include <algorithm>
#include <map>

#include "animator_test_support.h"
#include "export/raster_figure.h"
#include "support/decoded_gif.h"
#include "views/view.h"

namespace tconv {
namespace {

DecodedGif gif_of(const Pictures& pictures, const AnimationTiming& timing = {}) {
  const TempDir dir;
  animator_of("gif").write(source_of(pictures), timing, dir / "a.gif", {});
  return decoded_gif(dir / "a.gif");
}

std::vector<int> ticks_of(const DecodedGif& gif) {
  std::vector<int> ticks;
  for (const auto& frame : gif.frames) ticks.push_back(frame.ticks);
  return ticks;
}

/// Pixels that are seen half or more are there.
std::vector<std::uint8_t> without_shades_of_alpha(const Raster& raster) {
  std::vector<std::uint8_t> rgba = raster.rgba;
  for (std::size_t i = 0; i < rgba.size(); i += 4) {
    if (rgba[i + 3] < 128) {
      std::fill_n(rgba.begin() + static_cast<std::ptrdiff_t>(i), 4, std::uint8_t{0});
    } else {
      rgba[i + 3] = 255;
    }
  }
  return rgba;
}

TEST(GifAnimator, FewColorsAreExact) {
  const Pictures pictures = moving_square(7);
  const DecodedGif gif = gif_of(pictures);
  ASSERT_EQ(gif.frames.size(), 7U);
  for (std::size_t i = 0; i < 7; ++i) EXPECT_EQ(gif.frames[i].shown->rgba, pictures[i]->rgba) << i;
}

TEST(GifAnimator, OnlyWhatChangedIsWritten) {
  const DecodedGif gif = gif_of(moving_square(4));
  EXPECT_EQ(gif.frames[0].width, 70);
  EXPECT_EQ(gif.frames[0].height, 41);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(gif.frames[i].left, 4 + 5 * (static_cast<int>(i) - 1));
    EXPECT_EQ(gif.frames[i].top, 6);
    EXPECT_EQ(gif.frames[i].width, 14);
    EXPECT_EQ(gif.frames[i].height, 9);
    EXPECT_EQ(gif.frames[i].disposal, 1) << "left as it is";
  }
}

TEST(GifAnimator, TimesAndRepetition) {
  const Pictures three = moving_square(3);
  const auto gif = [&](Repeat repeat) {
    return gif_of(three, {.frames_per_second = 8, .hold = 0.5, .repeat = repeat});
  };
  EXPECT_EQ(ticks_of(gif(Repeat::once)), (std::vector<int>{13, 12, 63}));
  EXPECT_EQ(gif(Repeat::once).loops, -1);
  EXPECT_EQ(gif(Repeat::loop).loops, 0);
  const DecodedGif there_and_back = gif(Repeat::ping_pong);
  EXPECT_EQ(there_and_back.loops, 0);
  EXPECT_EQ(ticks_of(there_and_back), (std::vector<int>{13, 12, 63, 12}));
  EXPECT_EQ(there_and_back.frames[3].shown->rgba, three[1]->rgba);
  EXPECT_EQ(ticks_of(gif_of(three, {.frames_per_second = 1000, .hold = 0})), (std::vector<int>{2, 2, 2}));
}

TEST(GifAnimator, EqualNeighboursAreOneFrame) {
  const Pictures two = moving_square(2);
  const DecodedGif gif = gif_of({two[0], two[0], two[1], two[1], two[0]}, {.frames_per_second = 10, .hold = 1});
  EXPECT_EQ(ticks_of(gif), (std::vector<int>{20, 20, 110}));
  // A frame lasts 655.35 s at the most.
  const Pictures same(12, two[0]);
  const std::vector<int> long_times = ticks_of(gif_of(same, {.frames_per_second = 0.1, .hold = 60}));
  EXPECT_EQ(long_times, (std::vector<int>{18000}));
}

TEST(GifAnimator, TransparentGroundsStaySo) {
  // Something comes, moves and goes over nothing; its edge is half there.
  Pictures pictures;
  for (int i = 0; i < 5; ++i) {
    const auto raster = plain_picture(40, 30, Color{9, 9, 9, 0});
    put(*raster, 2, 2, 5, 20, rgb(0x00ff00));
    if (i > 0) put(*raster, 3 + 6 * i, 8, 9, 9, Color{255, 0, 0, 127});
    if (i > 0) put(*raster, 4 + 6 * i, 9, 7, 7, Color{255, 0, 0, 128});
    pictures.push_back(raster);
  }
  for (const Repeat repeat : {Repeat::once, Repeat::loop, Repeat::ping_pong}) {
    const DecodedGif gif = gif_of(pictures, {.repeat = repeat});
    ASSERT_EQ(gif.frames.size(), repeat == Repeat::ping_pong ? 8U : 5U);
    for (std::size_t i = 0; i < gif.frames.size(); ++i) {
      EXPECT_EQ(gif.frames[i].shown->rgba, without_shades_of_alpha(*pictures[i < 5 ? i : 8 - i])) << i;
    }
    EXPECT_EQ(gif.frames[0].disposal, 1) << "nothing of the first goes";
    EXPECT_EQ(gif.frames[1].disposal, 2) << "the square has to go";
    // Before the next round nothing may be left.
    const auto& last = gif.frames.back();
    EXPECT_EQ(last.disposal, repeat == Repeat::once ? 1 : 2);
    if (repeat == Repeat::loop) {
      EXPECT_EQ(last.left, 2);
    }
  }
}

TEST(GifAnimator, TwoHundredFiftySixColorsOnPlainAreas) {
  // One more than there is room for: the two that are most alike may become one, no other.
  const auto raster = blank_raster(256, 20);
  for (int x = 0; x < 256; ++x) put(*raster, x, 0, 1, 20, Color{static_cast<std::uint8_t>(x), 0, 0, 255});
  const DecodedGif gif = gif_of({raster});
  const GifError error = gif_error(gif, {raster});
  EXPECT_LE(error.largest, 1);
  EXPECT_GE(error.exact, 255.0 / 256);
}

/// Paint's first steps in a layer of 4 × 4 cells.
std::shared_ptr<const Raster> paint(std::int64_t step, const Theme& theme) {
  thread_local const TextMetrics text;
  Document document;
  for (AxisSpec& axis : document.scenario.layer.spatial()) axis = {.input = 4, .kernel = 3, .stride = 2};
  Interaction interaction;
  interaction.step = step;
  Figure figure = picture(*find_view("paint"), {.document = document,
                                                .results = compute_results(document.scenario, step),
                                                .interaction = clamped(interaction, document.scenario),
                                                .size = {640, 480},
                                                .theme = theme,
                                                .text = text,
                                                .interactive = false});
  figure.size = {640, 480};
  return raster_of(figure, text, 1);
}

TEST(GifAnimator, ViewsLookAsOnTheScreen) {
  for (const Theme* theme : {&dark_theme(), &light_theme()}) {
    Pictures pictures;
    for (std::int64_t step = 0; step < 17; step += 2) pictures.push_back(paint(step, *theme));
    const DecodedGif gif = gif_of(pictures, {.repeat = Repeat::once});
    const GifError error = gif_error(gif, pictures);
    EXPECT_GE(error.exact, 0.97) << theme->id;
    EXPECT_LE(error.largest, 24) << theme->id;
    EXPECT_LE(error.mean, 0.1) << theme->id;

    // Plain areas are exact; a colour of one picture becomes the same in all of them.
    ASSERT_EQ(gif.frames.size(), pictures.size());
    std::map<std::uint32_t, std::uint32_t> becomes;
    const auto number = [](Color c) { return std::uint32_t{c.r} << 16U | std::uint32_t{c.g} << 8U | c.b; };
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      const Raster& truth = *pictures[i];
      const Raster& shown = *gif.frames[i].shown;
      for (int y = 1; y + 1 < truth.height; ++y) {
        for (int x = 1; x + 1 < truth.width; ++x) {
          const Color color = color_at(truth, x, y);
          const std::uint32_t found = number(color_at(shown, x, y));
          EXPECT_EQ(becomes.try_emplace(number(color), found).first->second, found) << "flickers";
          bool plain = true;
          for (int dy = -1; dy <= 1; ++dy) {
            for (int dx = -1; dx <= 1; ++dx) plain = plain && color_at(truth, x + dx, y + dy) == color;
          }
          if (plain && found != number(color)) {
            ADD_FAILURE() << theme->id << " picture " << i << " at " << x << ", " << y;
            return;
          }
        }
      }
    }
  }
}

TEST(GifAnimator, PicturesOfSeveralSizesAreRefused) {
  const TempDir dir;
  const FrameSource source = source_of({plain_picture(4, 4, rgb(0)), plain_picture(5, 4, rgb(0))});
  EXPECT_THROW(animator_of("gif").write(source, {}, dir / "a.gif", {}), std::runtime_error);
  EXPECT_THROW(animator_of("webp").write(source, {}, dir / "a.webp", {}), std::runtime_error);
  EXPECT_EQ(dir.entries(), 0);
}

}  // namespace
}  // namespace tconv
