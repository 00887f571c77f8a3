// Colours by a shader, held against figure/color_scale.

#include "gpu/gl_color_map.h"

#include <bit>
#include <random>

#include "compute/backend.h"
#include "figure/color_scale.h"
#include "gpu_support.h"

namespace tconv {
namespace {

constexpr std::int64_t rows = 37;
constexpr std::int64_t cols = 45;

GlColorScale numbers_of(const ColorScale& scale) {
  GlColorScale numbers;
  const auto table = scale.table();
  for (std::size_t i = 0; i < table.size(); ++i) numbers.table[i] = std::bit_cast<std::uint32_t>(table[i]);
  numbers.kind = static_cast<GlColorScale::Kind>(scale.kind());
  numbers.low = scale.range().low;
  numbers.high = scale.range().high;
  numbers.threshold = scale.threshold();
  if (scale.special(std::nextafter(scale.range().low, -INFINITY)) == ColorSpecial::under)
    numbers.under = scale.range().low;
  if (scale.special(std::nextafter(scale.range().high, INFINITY)) == ColorSpecial::over)
    numbers.over = scale.range().high;
  return numbers;
}

std::vector<float> random_values(bool specials) {
  std::mt19937 bits(test::test_seed());
  std::vector<float> values(rows * cols);
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

  /// Pixels that differ from `rasterize` by more than a neighbouring entry of the table would.
  static std::ptrdiff_t differing(const std::vector<float>& values, const ColorScale& scale, std::int64_t step) {
    const GlBuffer buffer = uploaded(values);
    const int width = static_cast<int>(cols / step);
    const int height = static_cast<int>(rows / step);
    const GlTexture picture(device(), width, height);
    color_map_on(device(), buffer, {0, rows, cols}, numbers_of(scale), {.step = step, .pixels = {width, height}},
                 picture);
    const auto found = picture.pixels();
    const Rect window{0, 0, static_cast<double>(width * step), static_cast<double>(height * step)};
    const auto truth = rasterize({values, rows, cols}, window, width, height, scale);
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
        for (const std::int64_t step : {1, 3, 4}) {
          SCOPED_TRACE("specials " + std::to_string(specials) + ", kind " + std::to_string(static_cast<int>(kind)) +
                       ", clamped " + std::to_string(clamped) + ", step " + std::to_string(step));
          EXPECT_EQ(differing(values, scale, step), 0);
        }
      }
    }
  }
}

TEST_F(GlColorMapTest, LinearColoursAreTheSameWherePixelsAreCells) {
  const auto values = random_values(true);
  const ColorScale scale(color_maps().back(), {}, {.parts = {values}});
  const GlBuffer buffer = uploaded(values);
  const GlTexture picture(device(), cols, rows);
  color_map_on(device(), buffer, {0, rows, cols}, numbers_of(scale), {.pixels = {cols, rows}}, picture);
  const auto found = picture.pixels();
  std::int64_t other = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Color color = scale.color(static_cast<double>(values[i]));
    if (found[i * 4] != color.r || found[i * 4 + 1] != color.g || found[i * 4 + 2] != color.b) ++other;
  }
  EXPECT_LE(other, 2);  // on the border between two entries
}

TEST_F(GlColorMapTest, ConstantNumbersTakeTheMiddle) {
  const std::vector<float> values(rows * cols, 2.5F);
  const ColorScale scale(color_maps().front(), {}, {.parts = {values}});
  EXPECT_EQ(differing(values, scale, 1), 0);
}

TEST_F(GlColorMapTest, ARegionLeavesTheRestAsItIs) {
  std::vector<float> values(6 * 8 + 5);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const GlBuffer buffer = uploaded(values);
  GlColorScale scale;
  for (std::uint32_t i = 0; i < 261; ++i) scale.table[i] = 0xff000000U | i;
  scale.high = 255;
  const GlTexture picture(device(), 5, 4);
  const GlPlane plane{5, 6, 8};
  color_map_on(device(), buffer, plane, scale, {.step = 8, .pixels = {5, 4}, .mean = false}, picture);
  // Two of three columns of pixels have cells: those that begin at 4 and 6.
  color_map_on(device(), buffer, plane, scale,
               {.cell = {4, 1}, .step = 2, .pixel = {1, 1}, .pixels = {3, 2}, .mean = false}, picture);
  const auto found = picture.pixels();
  const auto red = [&](std::size_t x, std::size_t y) { return static_cast<int>(found[(y * 5 + x) * 4]); };
  EXPECT_EQ(red(1, 1), 5 + 2 * 8 + 5);
  EXPECT_EQ(red(2, 1), 5 + 2 * 8 + 7);
  EXPECT_EQ(red(2, 2), 5 + 4 * 8 + 7);
  EXPECT_EQ(red(3, 1), 0);
  EXPECT_EQ(red(0, 3), 0);
}

TEST_F(GlColorMapTest, PicturesHaveALargestSize) {
  EXPECT_THROW(GlTexture(device(), device().limits().texture_side + 1, 1), BackendError);
  EXPECT_THROW(GlTexture(device(), 0, 1), BackendError);
}

TEST_F(GlColorMapTest, FindsTheRangeOfFiniteValues) {
  const auto values = random_values(true);
  const GlBuffer buffer = uploaded(values);
  const ColorScale scale(color_maps().front(), {}, {.parts = {values}});
  const GlValueRange range = value_range_on(device(), buffer, 0, rows * cols);
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

}  // namespace
}  // namespace tconv
