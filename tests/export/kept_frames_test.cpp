#include "export/kept_frames.h"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>

#include "animator_test_support.h"

namespace tconv {
namespace {

TEST(KeptFrames, GiveBackWhatTheyGot) {
  std::mt19937 random(11);
  for (const auto& [width, height] : {std::pair(1, 1), std::pair(64, 2), std::pair(65, 3), std::pair(200, 7)}) {
    KeptFrames kept;
    Pictures pictures;
    for (int i = 0; i < 12; ++i) {
      const auto raster = blank_raster(width, height);
      if (i > 0) raster->rgba = pictures.back()->rgba;
      const std::uint32_t colors = i % 3 == 0 ? 256 : 2;
      for (std::size_t byte = random() % 40; byte < raster->rgba.size(); byte += 1 + random() % 40) {
        raster->rgba[byte] = static_cast<std::uint8_t>(random() % colors);
      }
      pictures.push_back(raster);
      kept.add(raster);
    }
    kept.finish();
    ASSERT_EQ(kept.count(), 12);
    for (int i = 0; i < 12; ++i) {
      EXPECT_EQ(kept.picture(i)->rgba, pictures[static_cast<std::size_t>(i)]->rgba) << width << " " << i;
    }
  }
}

TEST(KeptFrames, TakeLittleRoom) {
  KeptFrames kept;
  for (const auto& picture : moving_square(10, 640, 400)) kept.add(picture);
  // The ground, the shaded stripe of ten pieces and each place of the square.
  EXPECT_LT(kept.piece_count(), 40U);
  EXPECT_LT(kept.run_lengths().size(), 900U);
}

TEST(KeptFrames, HaveOneSize) {
  KeptFrames kept;
  kept.add(blank_raster(5, 4));
  try {
    kept.add(blank_raster(4, 5));
    ADD_FAILURE() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(),
                 "the pictures of an animation must have one size: one has 4 × 5 pixels, the first 5 × 4");
  }
  EXPECT_THROW(KeptFrames().add(std::make_shared<Raster>()), std::runtime_error);
}

}  // namespace
}  // namespace tconv
