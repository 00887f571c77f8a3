#include "figure/color_map.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "files/file_error.h"
#include "not_finite.h"

namespace tconv {
namespace {

using test::infinite;
using test::nan_value;

constexpr Color see_through{0, 0, 0, 0};

/// CIELAB L*, 0 … 100.
double lightness(Color color) {
  const auto linear = [](std::uint8_t channel) {
    const double v = static_cast<double>(channel) / 255;
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  const double y = 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b);
  return y > 216.0 / 24389 ? 116 * std::cbrt(y) - 16 : y * 24389 / 27;
}

int spread(Color c) { return std::max({c.r, c.g, c.b}) - std::min({c.r, c.g, c.b}); }

TEST(ColorMaps, AreListedByName) {
  std::vector<std::string> ids;
  for (const ColorMap& map : color_maps()) ids.push_back(map.id);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  for (const std::string_view id : {"viridis", "cividis", "magma", "grey", "blue_orange"}) {
    const ColorMap* map = find_color_map(id);
    ASSERT_NE(map, nullptr) << id;
    EXPECT_EQ(map->id, id);
  }
  EXPECT_EQ(find_color_map("rainbow"), nullptr);
  EXPECT_TRUE(find_color_map("blue_orange")->diverging);
  EXPECT_FALSE(find_color_map("viridis")->diverging);
}

TEST(ColorMaps, SequentialOnesGetSteadilyLighterOrDarker) {
  for (const ColorMap& map : color_maps()) {
    if (map.diverging) continue;
    const double direction = lightness(map.colors[255]) > lightness(map.colors[0]) ? 1 : -1;
    EXPECT_GT(std::fabs(lightness(map.colors[255]) - lightness(map.colors[0])), 60) << map.id;
    for (std::size_t i = 1; i < 256; ++i) {
      const double step = direction * (lightness(map.colors[i]) - lightness(map.colors[i - 1]));
      EXPECT_GT(step, 0) << map.id << " at entry " << i;
      EXPECT_LT(step, 1.5) << map.id << " shows an edge at entry " << i;
    }
  }
}

TEST(ColorMaps, DivergingOnesAreBalancedAroundANeutralMiddle) {
  for (const ColorMap& map : color_maps()) {
    if (!map.diverging) continue;
    const double direction = lightness(map.colors[127]) > lightness(map.colors[0]) ? 1 : -1;
    EXPECT_GT(std::fabs(lightness(map.colors[127]) - lightness(map.colors[0])), 30) << map.id;
    EXPECT_LE(spread(map.colors[127]), 8) << map.id;
    EXPECT_LE(spread(map.colors[128]), 8) << map.id;
    for (std::size_t i = 0; i < 128; ++i) {
      const double low = lightness(map.colors[i]);
      EXPECT_NEAR(low, lightness(map.colors[255 - i]), 1) << map.id << " at entry " << i;
      if (i == 0) continue;
      EXPECT_GT(direction * (low - lightness(map.colors[i - 1])), 0) << map.id << " at entry " << i;
      EXPECT_GT(direction * (lightness(map.colors[255 - i]) - lightness(map.colors[256 - i])), 0) << map.id << " " << i;
    }
  }
}

TEST(ColorMap, NearestEntry) {
  const ColorMap& grey = *find_color_map("grey");
  EXPECT_EQ(grey.at(0), rgb(0x000000));
  EXPECT_EQ(grey.at(1), rgb(0xffffff));
  EXPECT_EQ(grey.at(100.4 / 255).r, 100);
  EXPECT_EQ(grey.at(100.6 / 255).r, 101);
  EXPECT_EQ(grey.at(-7), rgb(0x000000));
  EXPECT_EQ(grey.at(1e300), rgb(0xffffff));
  EXPECT_EQ(grey.at(std::nan("")), nan_color);
}

std::string grey_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "7,8,9\n";
  return text;
}

std::string error_of(const std::string& text) {
  try {
    parse_color_map(text, "mine.csv");
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ParseColorMap, WhatTheFormatAllows) {
  const ColorMap plain = parse_color_map(grey_lines(256), "color_maps/plain.csv");
  EXPECT_EQ(plain.id, "plain");
  EXPECT_FALSE(plain.diverging);
  EXPECT_EQ(plain.colors[255], (Color{7, 8, 9}));
  EXPECT_TRUE(parse_color_map("# diverging\r\n" + grey_lines(255) + "0, 255 ,3", "x").diverging);
}

TEST(ParseColorMap, ErrorsNameTheFileTheLineAndTheRule) {
  const std::string rule = "; a colour map is 256 lines \"r,g,b\", each number 0 to 255";
  EXPECT_EQ(error_of("# sequential\n" + grey_lines(2) + "1,2\n"), "mine.csv: line 4: not a colour: '1,2'" + rule);
  EXPECT_EQ(error_of("0,0,256\n"), "mine.csv: line 1: not a colour: '0,0,256'" + rule);
  EXPECT_EQ(error_of("0,0,-1\n"), "mine.csv: line 1: not a colour: '0,0,-1'" + rule);
  EXPECT_EQ(error_of("1,2,3,4\n"), "mine.csv: line 1: not a colour: '1,2,3,4'" + rule);
  EXPECT_EQ(error_of("1,2,3\n\n"), "mine.csv: line 2: not a colour: ''" + rule);
  EXPECT_EQ(error_of("1,2,3\n# late\n"), "mine.csv: line 2: not a colour: '# late'" + rule);
  EXPECT_EQ(error_of(grey_lines(255)), "mine.csv: only 255 colours, need 256" + rule);
  EXPECT_EQ(error_of(grey_lines(257)), "mine.csv: line 257: more than 256 colours" + rule);
  EXPECT_EQ(error_of(""), "mine.csv: only 0 colours, need 256" + rule);
}

TEST(FiniteRange, IgnoresWhatIsNotFinite) {
  EXPECT_EQ(finite_range({}), (ValueRange{0, 0}));
  EXPECT_EQ(finite_range(std::vector<float>{nan_value, infinite, -infinite}), (ValueRange{0, 0}));
  EXPECT_EQ(finite_range(std::vector<float>{nan_value, 3, infinite, -2, -infinite}), (ValueRange{-2, 3}));
  for (std::size_t size = 1; size < 40; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      std::vector<float> values(size, 1.0F);
      values[at] = -5;
      EXPECT_EQ(finite_range(values).low, -5) << size << " " << at;
      values[at] = 5;
      EXPECT_EQ(finite_range(values).high, 5) << size << " " << at;
    }
  }
}

/// Rasters with the grey map over 0 … 255, so that a pixel's red is the value it shows.
std::shared_ptr<const Raster> grey_raster(const std::vector<float>& values, std::int64_t cols, const Rect& window,
                                          int width, int height) {
  const PlaneView plane{values, static_cast<std::int64_t>(values.size()) / cols, cols};
  return rasterize(plane, window, width, height, *find_color_map("grey"), {0, 255});
}

Color pixel_at(const Raster& raster, int x, int y) {
  const std::uint8_t* p = raster.rgba.data() + (static_cast<std::ptrdiff_t>(y) * raster.width + x) * 4;
  return {p[0], p[1], p[2], p[3]};
}

Color grey(int value) {
  const auto v = static_cast<std::uint8_t>(value);
  return {v, v, v};
}

std::vector<float> ramp(int count) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  return values;
}

TEST(Rasterize, LargeCellsStaySharp) {
  for (const int k : {1, 2, 3, 7, 10}) {
    const auto raster = grey_raster(ramp(12), 4, {0, 0, 4, 3}, 4 * k, 3 * k);
    for (int y = 0; y < 3 * k; ++y) {
      for (int x = 0; x < 4 * k; ++x) EXPECT_EQ(pixel_at(*raster, x, y), grey(y / k * 4 + x / k)) << k;
    }
  }
}

TEST(Rasterize, SmallCellsAreAveraged) {
  for (const int k : {2, 3, 5, 8, 13}) {
    const int cols = 4 * k;
    std::vector<float> values(static_cast<std::size_t>(cols * 3 * k));
    for (int row = 0; row < 3 * k; ++row) {
      for (int col = 0; col < cols; ++col) {
        // Block averages of 20 · block, whatever the cells of a block are.
        const int wobble = k % 2 == 0 ? ((row + col) % 2 * 2 - 1) : (row % k + col % k - (k - 1));
        values[static_cast<std::size_t>(row * cols + col)] = static_cast<float>(20 * (row / k * 4 + col / k) + wobble);
      }
    }
    const auto raster = grey_raster(values, cols, {0, 0, static_cast<double>(cols), 3.0 * k}, 4, 3);
    for (int y = 0; y < 3; ++y) {
      for (int x = 0; x < 4; ++x) EXPECT_EQ(pixel_at(*raster, x, y), grey(20 * (y * 4 + x))) << k;
    }
  }
}

TEST(Rasterize, CellsAcrossAPixelsBorderCountInParts) {
  // Three cells in two pixels: (a + b / 2) / 1.5 and (b / 2 + c) / 1.5.
  const auto across = grey_raster({30, 60, 120}, 3, {0, 0, 3, 1}, 2, 1);
  EXPECT_EQ(pixel_at(*across, 0, 0), grey(40));
  EXPECT_EQ(pixel_at(*across, 1, 0), grey(100));
  const auto down = grey_raster({30, 60, 120}, 1, {0, 0, 1, 3}, 1, 2);
  EXPECT_EQ(pixel_at(*down, 0, 0), grey(40));
  EXPECT_EQ(pixel_at(*down, 0, 1), grey(100));
}

TEST(Rasterize, OneAxisMayBeAveragedAndTheOtherSharp) {
  const auto raster = grey_raster(ramp(8), 4, {0, 0, 4, 2}, 2, 4);
  for (int y = 0; y < 4; ++y) {
    EXPECT_EQ(pixel_at(*raster, 0, y), grey(y / 2 * 4 + 1)) << "0.5 is rounded up";
    EXPECT_EQ(pixel_at(*raster, 1, y), grey(y / 2 * 4 + 3));
  }
}

TEST(Rasterize, OutsideThePlaneIsTransparent) {
  const auto sharp = grey_raster(ramp(4), 2, {-1, -1, 4, 4}, 8, 8);
  for (int y = 0; y < 8; ++y) {
    for (int x = 0; x < 8; ++x) {
      const bool inside = x >= 2 && x < 6 && y >= 2 && y < 6;
      EXPECT_EQ(pixel_at(*sharp, x, y), inside ? grey((y - 2) / 2 * 2 + (x - 2) / 2) : see_through) << x << " " << y;
    }
  }
  const auto averaged = grey_raster(std::vector<float>(16, 9), 4, {-4, -2, 12, 6}, 6, 3);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 6; ++x) {
      EXPECT_EQ(pixel_at(*averaged, x, y), x >= 2 && x < 4 && y >= 1 ? grey(9) : see_through) << x << " " << y;
    }
  }
  const auto part = grey_raster(std::vector<float>(9, 9), 3, {0, 0, 8, 8}, 2, 2);
  EXPECT_EQ(pixel_at(*part, 0, 0), grey(9)) << "the average of what is there";
  EXPECT_EQ(pixel_at(*part, 1, 0), see_through);
}

TEST(Rasterize, WindowsThatShowNothing) {
  for (const Rect& window : {Rect{50, 0, 2, 2}, Rect{-1e18, 0, 2, 2}, Rect{0, 1e300, 2, 2}, Rect{0, 0, 0, 2},
                             Rect{0, 0, 2, -1}, Rect{std::nan(""), 0, 2, 2}, Rect{0, 0, infinite, 2}}) {
    const auto raster = grey_raster(ramp(4), 2, window, 3, 3);
    EXPECT_EQ(raster->rgba, std::vector<std::uint8_t>(36, 0)) << window.x << " " << window.y;
  }
  EXPECT_EQ(pixel_at(*grey_raster({}, 1, {0, 0, 1, 1}, 1, 1), 0, 0), see_through);
  EXPECT_TRUE(grey_raster(ramp(4), 2, {0, 0, 2, 2}, 0, 5)->rgba.empty());
  EXPECT_TRUE(grey_raster(ramp(4), 2, {0, 0, 2, 2}, -1, 5)->rgba.empty());
}

TEST(Rasterize, ConstantDataTakesTheMiddle) {
  const std::vector<float> values{5, 5, nan_value, infinite};
  const ColorMap& map = *find_color_map("blue_orange");
  const auto raster = rasterize({values, 2, 2}, {0, 0, 2, 2}, 2, 2, map, {5, 5});
  EXPECT_EQ(pixel_at(*raster, 0, 0), map.at(0.5));
  EXPECT_EQ(pixel_at(*raster, 0, 1), nan_color);
  EXPECT_EQ(pixel_at(*raster, 1, 1), map.at(0.5));
}

TEST(Rasterize, ValuesThatAreNotFinite) {
  const std::vector<float> values{nan_value, infinite, -infinite, 300, -300, 7};
  const auto sharp = grey_raster(values, 6, {0, 0, 6, 1}, 6, 1);
  EXPECT_EQ(pixel_at(*sharp, 0, 0), nan_color);
  EXPECT_EQ(pixel_at(*sharp, 1, 0), grey(255));
  EXPECT_EQ(pixel_at(*sharp, 2, 0), grey(0));
  EXPECT_EQ(pixel_at(*sharp, 3, 0), grey(255));
  EXPECT_EQ(pixel_at(*sharp, 4, 0), grey(0));
  EXPECT_EQ(pixel_at(*sharp, 5, 0), grey(7));
  std::vector<float> one(100, 4);
  one[22] = nan_value;
  const auto averaged = grey_raster(one, 10, {0, 0, 10, 10}, 3, 3);
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 3; ++x) EXPECT_EQ(pixel_at(*averaged, x, y), x == 0 && y == 0 ? nan_color : grey(4));
  }
  const float huge = std::numeric_limits<float>::max();
  const std::vector<float> extremes(64, huge);
  const auto far = rasterize({extremes, 8, 8}, {0, 0, 8, 8}, 1, 1, *find_color_map("grey"), {-huge, 3.0 * huge});
  EXPECT_EQ(pixel_at(*far, 0, 0), grey(128)) << "neither the sum nor the range leaves its type";
}

TEST(Rasterize, AWindowOntoALargePlaneShowsTheRightCells) {
  constexpr std::int64_t side = 1000;
  std::vector<float> values(side * side);
  for (std::int64_t i = 0; i < side * side; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i % 251);
  const auto raster = grey_raster(values, side, {990.25, 417.5, 8, 8}, 32, 32);
  EXPECT_EQ(pixel_at(*raster, 0, 0), grey((417 * side + 990) % 251));
  EXPECT_EQ(pixel_at(*raster, 3, 2), grey((418 * side + 991) % 251));
  EXPECT_EQ(pixel_at(*raster, 31, 31), grey((425 * side + 998) % 251));
}

TEST(Rasterize, IdsDiffer) {
  std::set<std::uint64_t> ids;
  for (int i = 0; i < 10; ++i) ids.insert(grey_raster(ramp(4), 2, {0, 0, 2, 2}, 1, 1)->id);
  EXPECT_EQ(ids.size(), 10U);
}

TEST(RasterizeRgb, ChannelsFromThreePlanes) {
  const std::vector<float> r{0, 1, 0.5F, nan_value};
  const std::vector<float> g{0, 0.2F, -1, 0};
  const std::vector<float> b{1, 2, 0, 0};
  const auto raster = rasterize_rgb({{{r, 2, 2}, {g, 2, 2}, {b, 2, 2}}}, {0, 0, 2, 3}, 2, 3, {0, 1});
  EXPECT_EQ(pixel_at(*raster, 0, 0), rgb(0x0000ff));
  EXPECT_EQ(pixel_at(*raster, 1, 0), rgb(0xff33ff));
  EXPECT_EQ(pixel_at(*raster, 0, 1), rgb(0x800000));
  EXPECT_EQ(pixel_at(*raster, 1, 1), nan_color);
  EXPECT_EQ(pixel_at(*raster, 0, 2), see_through);
  const auto averaged = rasterize_rgb({{{b, 2, 2}, {b, 2, 2}, {g, 2, 2}}}, {0, 0, 2, 1}, 1, 1, {0, 1});
  EXPECT_EQ(pixel_at(*averaged, 0, 0), rgb(0xffff1a)) << "averaged first, then clamped";
}

}  // namespace
}  // namespace tconv
