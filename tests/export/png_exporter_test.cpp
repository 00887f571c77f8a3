#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>

#include "export/exporter.h"
#include "figure_test_support.h"
#include "files/image.h"

namespace tconv {

Exporter png_exporter();

namespace {

using test::blank;
using test::metrics;

std::string exported_png(const Figure& figure, double scale = 1) {
  return png_exporter().write(figure, metrics(), ExportOptions{.scale = scale});
}

Tensor decoded(const std::string& png) { return parse_image(std::as_bytes(std::span(png)), "test.png"); }

Color image_pixel(const Tensor& image, std::int64_t x, std::int64_t y) {
  const Shape& shape = image.shape();
  const auto channel = [&](std::int64_t c) {
    const std::int64_t plane = std::min(c, shape[1] - 1);
    return static_cast<std::uint8_t>(std::lround(image[(plane * shape[2] + y) * shape[3] + x] * 255));
  };
  return {channel(0), channel(1), channel(2)};
}

TEST(PngExporter, DescribesItself) {
  EXPECT_EQ(png_exporter().id, "png");
  EXPECT_EQ(png_exporter().extension, ".png");
}

TEST(PngExporter, SizeIsPointsTimesScale) {
  const auto size = [](double w, double h, double scale) {
    const Shape shape = decoded(exported_png(blank(w, h), scale)).shape();
    return std::pair(shape[3], shape[2]);
  };
  EXPECT_EQ(size(30, 20, 1), std::pair(30L, 20L));
  EXPECT_EQ(size(30, 20, 2), std::pair(60L, 40L));
  EXPECT_EQ(size(100, 10, 1.1), std::pair(110L, 11L));
  EXPECT_EQ(size(30.2, 20, 1), std::pair(31L, 20L));
  EXPECT_EQ(size(0, 0, 1), std::pair(1L, 1L));
}

TEST(PngExporter, StrokesLieInsideTheirRectangle) {
  Figure figure = blank(40, 30);
  figure.add(RectShape{.rect = {10, 5, 20, 15}, .fill = rgb(0xff8000), .stroke = rgb(0x00ff00), .stroke_width = 2});
  for (const int scale : {1, 3}) {
    const Tensor image = decoded(exported_png(figure, scale));
    for (int y = 0; y < 30 * scale; ++y) {
      for (int x = 0; x < 40 * scale; ++x) {
        const Point p{(x + 0.5) / scale, (y + 0.5) / scale};
        const Color expected = !Rect{10, 5, 20, 15}.contains(p)   ? rgb(0x102030)
                               : !Rect{12, 7, 16, 11}.contains(p) ? rgb(0x00ff00)
                                                                  : rgb(0xff8000);
        ASSERT_EQ(image_pixel(image, x, y), expected) << x << " " << y << " at scale " << scale;
      }
    }
  }
}

TEST(PngExporter, RoundedAndThickRectangles) {
  Figure figure = blank(40, 30);
  figure.add(RectShape{.rect = {10, 5, 20, 20}, .fill = rgb(0xff8000), .radius = 6});
  figure.add(RectShape{.rect = {32, 5, 4, 4}, .stroke = rgb(0x00ff00), .stroke_width = 50});
  const Tensor image = decoded(exported_png(figure));
  EXPECT_EQ(image_pixel(image, 10, 5), rgb(0x102030)) << "the corner";
  EXPECT_EQ(image_pixel(image, 16, 5), rgb(0xff8000));
  EXPECT_EQ(image_pixel(image, 10, 15), rgb(0xff8000));
  EXPECT_EQ(image_pixel(image, 14, 9), rgb(0xff8000));
  EXPECT_EQ(image_pixel(image, 33, 6), rgb(0x00ff00)) << "a stroke thicker than its rectangle fills it";
  EXPECT_EQ(image_pixel(image, 31, 6), rgb(0x102030));
}

TEST(PngExporter, DashesAndHatchesStayInside) {
  Figure figure = blank(60, 40);
  figure.add(RectShape{.rect = {5, 5, 20, 20}, .stroke = rgb(0xffffff), .stroke_width = 1, .dashed = true});
  figure.add(RectShape{.rect = {30, 5, 20, 20}, .fill = rgb(0x000000), .stroke = rgb(0xffffff), .hatched = true});
  const Tensor image = decoded(exported_png(figure));
  int dashes = 0;
  int gaps = 0;
  int hatched = 0;
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 60; ++x) {
      const Point p{x + 0.5, y + 0.5};
      const Color color = image_pixel(image, x, y);
      if (Rect{5, 5, 20, 20}.contains(p)) {
        if (Rect{6, 6, 18, 18}.contains(p)) {
          EXPECT_EQ(color, rgb(0x102030));
        } else {
          dashes += color == rgb(0xffffff);
          gaps += color == rgb(0x102030);
        }
      } else if (Rect{30, 5, 20, 20}.contains(p)) {
        hatched += color.r > 25;  // thin lines, and faint ones
      } else {
        EXPECT_EQ(color, rgb(0x102030)) << x << " " << y;
      }
    }
  }
  EXPECT_GT(dashes, 25);
  EXPECT_GT(gaps, 15);
  EXPECT_GT(hatched, 40);
  EXPECT_LT(hatched, 200);
}

TEST(PngExporter, LaterShapesLieAboveAndTransparencyBlends) {
  Figure figure = blank(20, 10);
  figure.background = rgb(0x000000);
  figure.add(RectShape{.rect = {0, 0, 20, 10}, .fill = rgb(0xff0000)});
  figure.add(RectShape{.rect = {10, 0, 10, 10}, .fill = with_alpha(rgb(0x0000ff), 0.6)});
  const Tensor image = decoded(exported_png(figure));
  EXPECT_EQ(image_pixel(image, 5, 5), rgb(0xff0000));
  EXPECT_EQ(image_pixel(image, 15, 5), rgb(0x660099));
}

TEST(PngExporter, TransparentBackgroundsStaySo) {
  Figure figure = blank(20, 10);
  figure.background = with_alpha(rgb(0xff0000), 0.4);
  figure.add(RectShape{.rect = {10, 0, 10, 10}, .fill = rgb(0x00ff00)});
  const Tensor image = decoded(exported_png(figure));  // read over white
  EXPECT_EQ(image_pixel(image, 5, 5), rgb(0xff9999));
  EXPECT_EQ(image_pixel(image, 15, 5), rgb(0x00ff00));
  figure.background = with_alpha(rgb(0xff0000), 0);
  EXPECT_EQ(image_pixel(decoded(exported_png(figure)), 5, 5), rgb(0xffffff));
}

std::shared_ptr<const Raster> checks(int width, int height) {
  auto raster = std::make_shared<Raster>();
  raster->width = width;
  raster->height = height;
  for (int i = 0; i < width * height; ++i) {
    const auto v = static_cast<std::uint8_t>(i * 37 % 256);
    raster->rgba.insert(raster->rgba.end(), {v, static_cast<std::uint8_t>(255 - v), 7, 255});
  }
  return raster;
}

TEST(PngExporter, ImagesAreNotSmoothed) {
  Figure figure = blank(50, 30);
  const auto raster = checks(5, 3);
  figure.add(ImageShape{.rect = {5, 6, 35, 21}, .raster = raster});
  for (const int scale : {1, 2}) {
    const Tensor image = decoded(exported_png(figure, scale));
    for (int y = 0; y < 30 * scale; ++y) {
      for (int x = 0; x < 50 * scale; ++x) {
        const int col = x / scale - 5;
        const int row = y / scale - 6;
        Color expected = rgb(0x102030);
        if (col >= 0 && col < 35 && row >= 0 && row < 21) {
          const std::uint8_t* p = raster->rgba.data() + (row / 7 * 5 + col / 7) * 4;
          expected = {p[0], p[1], p[2]};
        }
        ASSERT_EQ(image_pixel(image, x, y), expected) << x << " " << y << " at scale " << scale;
      }
    }
  }
}

TEST(PngExporter, ALargeImageKeepsEachPixel) {
  Figure figure = blank(3000, 4);
  const auto raster = checks(1000, 2);
  figure.add(ImageShape{.rect = {0, 0, 3000, 4}, .raster = raster});
  const Tensor image = decoded(exported_png(figure));
  for (int x = 0; x < 3000; ++x) {
    const std::uint8_t* p = raster->rgba.data() + (1000 + x / 3) * 4;
    ASSERT_EQ(image_pixel(image, x, 3), (Color{p[0], p[1], p[2]})) << x;
  }
}

TEST(PngExporter, ImagesMayHaveHolesOrNoPixels) {
  Figure figure = blank(20, 10);
  auto raster = std::make_shared<Raster>();
  raster->width = 2;
  raster->height = 1;
  raster->rgba = {255, 0, 0, 255, 0, 255, 0, 0};
  figure.add(ImageShape{.rect = {0, 0, 20, 10}, .raster = raster});
  figure.add(ImageShape{.rect = {0, 0, 20, 10}, .raster = std::make_shared<Raster>()});
  figure.add(ImageShape{.rect = {0, 0, 20, 10}, .raster = nullptr});
  const Tensor image = decoded(exported_png(figure));
  EXPECT_EQ(image_pixel(image, 9, 5), rgb(0xff0000));
  EXPECT_EQ(image_pixel(image, 10, 5), rgb(0x102030));
}

TEST(PngExporter, LinesAreAsWideAsTheySay) {
  Figure figure = blank(40, 20);
  figure.add(LineShape{.points = {{5, 10}, {35, 10}}, .color = rgb(0xffffff), .width = 4});
  figure.add(LineShape{.points = {{5, 3}}, .color = rgb(0xffffff), .width = 4});
  const Tensor image = decoded(exported_png(figure));
  for (int y = 0; y < 20; ++y)
    EXPECT_EQ(image_pixel(image, 20, y), y >= 8 && y < 12 ? rgb(0xffffff) : rgb(0x102030)) << y;
  EXPECT_EQ(image_pixel(image, 4, 10), rgb(0x102030));
  EXPECT_EQ(image_pixel(image, 34, 10), rgb(0xffffff));
}

/// The first and last column that words change, or {-1, -1}.
std::pair<int, int> extent(const TextShape& shape) {
  Figure figure = blank(200, 30);
  figure.add(shape);
  const Tensor image = decoded(exported_png(figure));
  std::pair<int, int> found{-1, -1};
  for (int x = 0; x < 200; ++x) {
    for (int y = 0; y < 30; ++y) {
      if (image_pixel(image, x, y) == rgb(0x102030)) continue;
      if (found.first < 0) found.first = x;
      found.second = x;
    }
  }
  return found;
}

TEST(PngExporter, WordsAreAsWideAsTheMetricsSay) {
  for (const Font font : {Font::regular, Font::semibold, Font::mono, Font::mono_medium}) {
    TextShape shape{.at = {100, 20}, .text = "HxK∇ⱼH", .font = font, .size = 15, .color = rgb(0xffffff)};
    const double width = metrics().width(font, 15, shape.text);
    const auto left = extent(shape);
    EXPECT_NEAR(left.first, 100, 2.5);
    EXPECT_NEAR(left.second, 100 + width, 3.5);
    shape.align = Align::centre;
    const auto centre = extent(shape);
    EXPECT_NEAR(centre.first, left.first - width / 2, 1.5);
    EXPECT_NEAR(centre.second, left.second - width / 2, 1.5);
    shape.align = Align::right;
    const auto right = extent(shape);
    EXPECT_NEAR(right.second, left.second - width, 1.5);
  }
}

TEST(PngExporter, OddWordsDoNoHarm) {
  EXPECT_EQ(extent({.at = {100, 20}, .text = "", .color = rgb(0xffffff)}), std::pair(-1, -1));
  EXPECT_EQ(extent({.at = {100, 20}, .text = " \t\n", .color = rgb(0xffffff)}), std::pair(-1, -1));
  EXPECT_EQ(extent({.at = {100, 20}, .text = "x", .size = 0, .color = rgb(0xffffff)}), std::pair(-1, -1));
  EXPECT_NE(extent({.at = {100, 20}, .text = "\xff\xc3", .color = rgb(0xffffff)}), std::pair(-1, -1));
}

TEST(PngExporter, EqualFiguresGiveEqualBytes) {
  const auto write = [] {
    Figure figure = blank(120, 60);
    figure.add(RectShape{
        .rect = {3, 3, 50, 40}, .fill = rgb(0x445566), .stroke = rgb(0xffffff), .stroke_width = 1.5, .radius = 5});
    figure.add(TextShape{.at = {60, 30}, .text = "Stride ⌊2⌋", .color = rgb(0xffffff)});
    figure.add(ImageShape{.rect = {60, 40, 20, 12}, .raster = checks(5, 3)});
    return exported_png(figure, 1.5);
  };
  const std::string first = write();
  EXPECT_EQ(write(), first);
  EXPECT_EQ(write(), first);
}

std::string png_refusal(double w, double h, double scale) {
  try {
    exported_png(blank(w, h), scale);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "written";
}

TEST(PngExporter, PicturesThatAreTooLargeAreRefused) {
  const std::string rule = " pixels is too large: at most 32767 a side and 400 megapixels; choose a smaller scale";
  EXPECT_EQ(png_refusal(32768, 1, 1), "a picture of 32768 × 1" + rule);
  EXPECT_EQ(png_refusal(10, 16384, 2), "a picture of 20 × 32768" + rule);
  EXPECT_EQ(png_refusal(20001, 20000, 1), "a picture of 20001 × 20000" + rule);
  EXPECT_NE(png_refusal(1e300, 1e300, 1), "written");
  EXPECT_EQ(png_refusal(10, 10, 0), "the scale of a picture must be greater than 0");
  EXPECT_EQ(png_refusal(10, 10, std::nan("")), "the scale of a picture must be greater than 0");
  EXPECT_EQ(png_refusal(32767, 1, 1), "written");
}

}  // namespace
}  // namespace tconv
