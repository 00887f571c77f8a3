#include "export/raster_figure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>

#include "figure_test_support.h"

namespace tconv {
namespace {

using test::blank;
using test::metrics;

Color raster_pixel(const Raster& raster, int x, int y) {
  const std::uint8_t* p = raster.rgba.data() + (static_cast<std::size_t>(y) * raster.width + x) * 4;
  return {p[0], p[1], p[2], p[3]};
}

TEST(RasterFigure, PixelsAreThoseOfTheFigure) {
  Figure figure = blank(20.5, 10);
  figure.add(RectShape{.rect = {5, 2, 10, 5}, .fill = rgb(0xff8001)});
  const auto raster = raster_of(figure, metrics(), 2);
  ASSERT_EQ(raster->width, 41);
  ASSERT_EQ(raster->height, 20);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 41; ++x) {
      const bool inside = x >= 10 && x < 30 && y >= 4 && y < 14;
      ASSERT_EQ(raster_pixel(*raster, x, y), inside ? rgb(0xff8001) : rgb(0x102030)) << x << " " << y;
    }
  }
  EXPECT_EQ(raster_of(figure, metrics(), 2)->rgba, raster->rgba);
  EXPECT_NE(raster_of(figure, metrics(), 2)->id, raster->id);
}

TEST(RasterFigure, AlphaIsStraight) {
  Figure figure = blank(20, 10);
  figure.background = with_alpha(rgb(0xff0000), 0);
  figure.add(RectShape{.rect = {10, 0, 10, 10}, .fill = with_alpha(rgb(0x00ff80), 0.4)});
  const auto raster = raster_of(figure, metrics(), 1);
  EXPECT_EQ(raster_pixel(*raster, 3, 3).a, 0);
  const Color half = raster_pixel(*raster, 15, 5);
  EXPECT_EQ(half.a, 102);
  EXPECT_EQ(half.g, 255);
  EXPECT_NEAR(half.b, 128, 2);
  EXPECT_EQ(half.r, 0);
}

std::string raster_refusal(double w, double h, double scale) {
  try {
    raster_of(blank(w, h), metrics(), scale);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "drawn";
}

TEST(RasterFigure, TooLargeIsRefused) {
  EXPECT_EQ(raster_refusal(10, 16384, 2),
            "a picture of 20 × 32768 pixels is too large: at most 32767 a side and 400 megapixels; choose a smaller "
            "scale");
  EXPECT_NE(raster_refusal(1e300, 1e300, 1), "drawn");
  EXPECT_NE(raster_refusal(std::nan(""), 10, 1e300), "drawn");
  EXPECT_EQ(raster_refusal(10, 10, 0), "the scale of a picture must be greater than 0");
  EXPECT_EQ(raster_refusal(10, 10, std::nan("")), "the scale of a picture must be greater than 0");
  EXPECT_EQ(raster_refusal(0, 0, 1), "drawn");
}

}  // namespace
}  // namespace tconv
