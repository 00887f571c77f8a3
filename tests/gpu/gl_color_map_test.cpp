// Colours by a shader, held against figure/color_scale.

#include "gpu/gl_color_map.h"

#include <algorithm>
#include <random>
#include <tuple>

#include "compute/backend.h"
#include "figure/color_scale.h"
#include "gpu/gl_map.h"
#include "gpu_support.h"

namespace tconv {
namespace {

constexpr std::int64_t map_rows = 37;
constexpr std::int64_t map_cols = 45;

std::vector<float> random_values(bool specials) {
  std::mt19937 bits(test::test_seed());
  std::vector<float> values(map_rows * map_cols);
  for (float& value : values) {
    value = static_cast<float>(static_cast<double>(bits()) / 1e9 - 1.5);
    if (!specials) continue;
    const auto kind = bits() % 100;
    if (kind == 0) value = NAN;
    if (kind == 1) value = INFINITY;
    if (kind == 2) value = -INFINITY;
  }
  return values;
}

class GlColorMapTest : public test::WithDevice {
 protected:
  static GlBuffer uploaded(const std::vector<float>& values) {
    return device().make_buffer(static_cast<std::int64_t>(values.size() * 4), values.data());
  }

  /// Pixels that differ from `rasterize` by more than a neighbouring entry of the table would: a map in four pieces.
  static std::ptrdiff_t differing(const std::vector<float>& values, const ColorScale& scale, const Rect& window,
                                  int width, int height) {
    const auto columns = cell_spans(window.x, window.w, width, static_cast<double>(map_cols));
    const auto lines = cell_spans(window.y, window.h, height, static_cast<double>(map_rows));
    std::vector<GlBuffer> buffers;
    std::vector<GlMapPiece> pieces;
    buffers.reserve(4);
    for (const auto& [top, bottom] : {std::pair<std::int64_t, std::int64_t>(0, 10), {10, map_rows}}) {
      for (const auto& [left, right] : {std::pair<std::int64_t, std::int64_t>(0, 21), {21, map_cols}}) {
        std::vector<float> part;
        for (std::int64_t y = top; y < bottom; ++y) {
          part.insert(part.end(), values.begin() + y * map_cols + left, values.begin() + y * map_cols + right);
        }
        buffers.push_back(uploaded(part));
        pieces.push_back({&buffers.back(), top, left, bottom - top, right - left});
      }
    }
    const GlBuffer means = map_means_on(device(), pieces, columns, lines);
    const GlTexture picture(device(), width, height);
    const auto several = [](const CellSpan& span) { return span.count > 1; };
    color_map_on(device(), means, scale, std::ranges::any_of(columns, several) || std::ranges::any_of(lines, several),
                 picture);
    const auto found = picture.pixels();
    const auto truth = rasterize({values, map_rows, map_cols}, window, width, height, scale);
    std::ptrdiff_t count = 0;
    for (std::size_t i = 0; i < found.size(); i += 4) {
      int difference = 0;
      for (std::size_t c = 0; c < 4; ++c)
        difference = std::max(difference, std::abs(found[i + c] - truth->rgba[i + c]));
      count += difference > 8 ? 1 : 0;
    }
    return count;
  }
};

TEST_F(GlColorMapTest, EveryKindOfScaleAgrees) {
  const ColorMap& map = color_maps().front();
  for (const bool specials : {false, true}) {
    const auto values = random_values(specials);
    for (const ScaleKind kind : {ScaleKind::linear, ScaleKind::log, ScaleKind::symlog}) {
      for (const bool clamped : {false, true}) {
        ColorSettings settings;
        settings.scale = kind;
        if (clamped) settings.clamp = {10, 90};
        const ColorScale scale(map, settings, {.parts = {values}});
        // Cells as pixels, cells larger than pixels, and means of whole cells and of parts of them.
        for (const auto& [window, width, height] : {std::tuple(Rect{0, 0, 45, 37}, 45, 37),
                                                    {Rect{3, 2, 12, 9}, 60, 45},
                                                    {Rect{0, 0, 45, 36}, 15, 12},
                                                    {Rect{1.3, 0.2, 40.9, 36.8}, 17, 23}}) {
          SCOPED_TRACE("specials " + std::to_string(specials) + ", kind " + std::to_string(static_cast<int>(kind)) +
                       ", clamped " + std::to_string(clamped) + ", width " + std::to_string(width));
          EXPECT_EQ(differing(values, scale, window, width, height), 0);
        }
      }
    }
  }
}

TEST_F(GlColorMapTest, LinearColoursAreTheSameWherePixelsAreCells) {
  const auto values = random_values(true);
  const ColorScale scale(color_maps().back(), {}, {.parts = {values}});
  const GlBuffer buffer = uploaded(values);
  const GlTexture picture(device(), map_cols, map_rows);
  color_map_on(device(), buffer, scale, false, picture);
  const auto found = picture.pixels();
  std::int64_t other = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Color color = scale.color(static_cast<double>(values[i]));
    if (found[i * 4] != color.r || found[i * 4 + 1] != color.g || found[i * 4 + 2] != color.b) ++other;
  }
  EXPECT_LE(other, 2);  // on the border between two entries
}

TEST_F(GlColorMapTest, ConstantNumbersTakeTheMiddle) {
  const std::vector<float> values(map_rows * map_cols, 2.5F);
  const ColorScale scale(color_maps().front(), {}, {.parts = {values}});
  EXPECT_EQ(differing(values, scale, {0, 0, 45, 37}, 45, 37), 0);
}

TEST_F(GlColorMapTest, VerySmallRangesHaveTheirColours) {
  auto values = random_values(false);
  for (float& value : values) value *= 1e-37F;  // 255 over the range is more than a float holds
  const ColorScale scale(color_maps().front(), {}, {.parts = {values}});
  EXPECT_EQ(differing(values, scale, {0, 0, 45, 37}, 45, 37), 0);
  std::vector<std::int64_t> bins;
  value_bins_on(device(), uploaded(values), map_rows * map_cols, scale.range().low, scale.range().high, bins);
  EXPECT_GT(std::ranges::count_if(bins, [](std::int64_t count) { return count > 0; }), map_rows * map_cols / 4);
}

TEST_F(GlColorMapTest, PicturesHaveALargestSize) {
  EXPECT_THROW(GlTexture(device(), device().limits().texture_side + 1, 1), BackendError);
  EXPECT_THROW(GlTexture(device(), 0, 1), BackendError);
}

TEST_F(GlColorMapTest, FindsTheRangeOfFiniteValues) {
  const auto values = random_values(true);
  const GlBuffer buffer = uploaded(values);
  const ColorScale scale(color_maps().front(), {}, {.parts = {values}});
  const GlValueRange range = value_range_on(device(), buffer, 0, map_rows * map_cols);
  EXPECT_EQ(range.low, scale.data_range().low);
  EXPECT_EQ(range.high, scale.data_range().high);
  EXPECT_EQ(range.nan, scale.counts().nan);
  EXPECT_EQ(range.plus_infinity, scale.counts().plus_infinity);
  EXPECT_EQ(range.minus_infinity, scale.counts().minus_infinity);
  EXPECT_TRUE(range.any_finite);
  const GlBuffer nothing = uploaded({NAN, INFINITY});
  EXPECT_FALSE(value_range_on(device(), nothing, 0, 2).any_finite);
  EXPECT_EQ(value_range_on(device(), uploaded({1, -0.5F, -3, 7}), 1, 2).low, -3);
}

TEST_F(GlColorMapTest, CountsFiniteValuesInEqualParts) {
  const auto values = random_values(true);
  const GlBuffer buffer = uploaded(values);
  std::vector<std::int64_t> bins;
  constexpr double low = -1.5;
  constexpr double high = 2.5;
  for (int twice = 0; twice < 2; ++twice) value_bins_on(device(), buffer, map_rows * map_cols, low, high, bins);
  ASSERT_EQ(bins.size(), std::size_t{value_bins});
  std::vector<std::int64_t> wanted(value_bins);
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const double bin = (static_cast<double>(value) - low) * value_bins / (high - low);
    wanted[static_cast<std::size_t>(std::clamp(bin, 0.0, value_bins - 1.0))] += 2;
  }
  // Values on the border of two parts may count with either.
  std::int64_t found = 0;
  std::int64_t sum = 0;
  std::int64_t apart = 0;
  for (std::size_t i = 0; i < bins.size(); ++i) {
    found += bins[i];
    sum += wanted[i];
    apart += std::abs(bins[i] - wanted[i]);
  }
  EXPECT_EQ(found, sum);
  EXPECT_LE(apart, 8);
  bins.clear();
  value_bins_on(device(), uploaded({2, 2, NAN}), 3, 2, 2, bins);
  EXPECT_EQ(bins.front(), 2);
}

}  // namespace
}  // namespace tconv
