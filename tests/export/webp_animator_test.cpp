#include <webp/demux.h>

#include "animator_test_support.h"

namespace tconv {
namespace {

struct DecodedWebp {
  int loops = -1;
  std::vector<std::vector<std::uint8_t>> frames;
  std::vector<int> ends;  // milliseconds
};

DecodedWebp webp_of(const Pictures& pictures, const AnimationTiming& timing) {
  const TempDir dir;
  animator_of("webp").write(source_of(pictures), timing, dir / "a.webp", {});
  const std::string bytes = file_bytes(dir / "a.webp");
  DecodedWebp decoded;
  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  WebPAnimDecoder* const decoder = WebPAnimDecoderNew(&data, nullptr);
  if (decoder == nullptr) {
    ADD_FAILURE() << "no WebP";
    return decoded;
  }
  WebPAnimInfo info;
  WebPAnimDecoderGetInfo(decoder, &info);
  decoded.loops = static_cast<int>(info.loop_count);
  std::uint8_t* pixels = nullptr;
  int end = 0;
  while (WebPAnimDecoderHasMoreFrames(decoder) != 0 && WebPAnimDecoderGetNext(decoder, &pixels, &end) != 0) {
    decoded.frames.emplace_back(pixels, pixels + std::size_t{info.canvas_width} * info.canvas_height * 4);
    decoded.ends.push_back(end);
  }
  WebPAnimDecoderDelete(decoder);
  return decoded;
}

TEST(WebpAnimator, PixelsAreExact) {
  const Pictures pictures = moving_square(6);
  const DecodedWebp webp = webp_of(pictures, {.frames_per_second = 3, .hold = 0.5, .repeat = Repeat::ping_pong});
  ASSERT_EQ(webp.frames.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_EQ(webp.frames[i], pictures[i < 6 ? i : 10 - i]->rgba) << i;
  }
  EXPECT_EQ(webp.ends, (std::vector<int>{333, 667, 1000, 1333, 1667, 2500, 2833, 3167, 3500, 3833}));
  EXPECT_EQ(webp.loops, 0);
  EXPECT_EQ(webp_of(pictures, {.repeat = Repeat::loop}).loops, 0);
  EXPECT_EQ(webp_of(pictures, {.repeat = Repeat::once}).loops, 1);
}

TEST(WebpAnimator, HalfTransparentPixelsAreExact) {
  Pictures pictures;
  for (int i = 0; i < 4; ++i) {
    const auto raster = plain_picture(30, 20, Color{0, 0, 0, 0});
    put(*raster, 2 + 3 * i, 5, 8, 8, Color{200, 100, 50, static_cast<std::uint8_t>(40 + 50 * i)});
    put(*raster, 20, 1, 5, 15, rgb(0x3366cc));
    pictures.push_back(raster);
  }
  const DecodedWebp webp = webp_of(pictures, {});
  ASSERT_EQ(webp.frames.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    for (std::size_t p = 0; p < webp.frames[i].size(); p += 4) {
      const std::uint8_t* const wanted = pictures[i]->rgba.data() + p;
      ASSERT_EQ(webp.frames[i][p + 3], wanted[3]) << i;
      if (wanted[3] > 0) {
        ASSERT_TRUE(std::equal(wanted, wanted + 3, webp.frames[i].data() + p)) << i;
      }
    }
  }
}

TEST(WebpAnimator, TooLargePicturesAreRefused) {
  const TempDir dir;
  try {
    animator_of("webp").write(source_of({plain_picture(16384, 1, rgb(0))}), {}, dir / "a.webp", {});
    ADD_FAILURE() << "written";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "a WebP has at most 16383 pixels a side; choose a smaller size");
  }
  EXPECT_EQ(dir.entries(), 0);
}

}  // namespace
}  // namespace tconv
