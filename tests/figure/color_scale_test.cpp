#include "figure/color_scale.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <random>

#include "not_finite.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

using test::infinite;
using test::nan_value;

const ColorMap& map_named(const char* id) { return *find_color_map(id); }

ColorScale scale_of(const std::vector<float>& values, const ColorSettings& settings = {}, const char* map = "viridis") {
  return {map_named(map), settings, {.parts = {values}}};
}

std::vector<std::string> texts(const ColorScale& scale, int most = 6) {
  std::vector<std::string> list;
  for (const ColorTick& tick : scale.ticks(most)) list.push_back(tick.text);
  return list;
}

using Texts = std::vector<std::string>;

/// CIELAB, D65.
std::array<double, 3> lab(Color color) {
  const auto linear = [](std::uint8_t channel) {
    const double v = static_cast<double>(channel) / 255;
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  const auto f = [](double t) { return t > 216.0 / 24389 ? std::cbrt(t) : (24389.0 / 27 * t + 16) / 116; };
  const double r = linear(color.r);
  const double g = linear(color.g);
  const double b = linear(color.b);
  const double x = f((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
  const double y = f(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
  const double z = f((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.08883);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double distance(Color a, Color b) {
  const auto p = lab(a);
  const auto q = lab(b);
  return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

TEST(ColorSpecials, StandOutFromEveryMapAndFromEachOther) {
  for (const ColorSpecial special : color_specials) {
    for (const ColorMap& map : color_maps()) {
      for (const Color color : map.colors) EXPECT_GT(distance(color, color_of(special)), 28) << map.id;
      EXPECT_GT(distance(map.colors.front(), color_of(special)), 40) << map.id << " " << name_of(special);
      EXPECT_GT(distance(map.colors.back(), color_of(special)), 40) << map.id << " " << name_of(special);
    }
    for (const ColorSpecial other : color_specials) {
      if (special == other) continue;
      EXPECT_GT(distance(color_of(special), color_of(other)), 60) << name_of(special) << " " << name_of(other);
    }
  }
}

TEST(ColorScale, LinearRunsFromTheSmallestToTheLargest) {
  const ColorScale scale = scale_of({2, 4, 6, 10});
  EXPECT_EQ(scale.range(), (ValueRange{2, 10}));
  EXPECT_EQ(scale.part(2), 0);
  EXPECT_EQ(scale.part(6), 0.5);
  EXPECT_EQ(scale.part(10), 1);
  EXPECT_EQ(scale.color(2), map_named("viridis").colors[0]);
  EXPECT_EQ(scale.color(10), map_named("viridis").colors[255]);
  EXPECT_EQ(scale.color(11), map_named("viridis").colors[255]) << "no end was set: nothing is over";
  EXPECT_FALSE(scale.counts().any());
  EXPECT_EQ(scale.note(), "");
  EXPECT_EQ(ColorScale(map_named("grey"), {}, {.parts = {}, .counts = true}).range(), (ValueRange{0, 0}));
  const std::vector<float> counts{1, 4};
  EXPECT_EQ(ColorScale(map_named("grey"), {}, {.parts = {counts}, .counts = true}).range(), (ValueRange{0, 4}));
  EXPECT_EQ(ColorScale(map_named("grey"), {}, {.parts = {counts}, .range = ValueRange{-9, 9}}).range(),
            (ValueRange{-9, 9}));
}

TEST(ColorScale, LogMakesEqualRatiosAlike) {
  const ColorScale scale = scale_of({1, 10, 100}, {.scale = ScaleKind::log});
  EXPECT_EQ(scale.kind(), ScaleKind::log);
  EXPECT_DOUBLE_EQ(scale.part(10), 0.5);
  EXPECT_NEAR(scale.value_at(0.25), std::sqrt(10), 1e-12);
  EXPECT_FALSE(scale.counts().any());
  const ColorScale with_zero = scale_of({0, -3, 1, 100, -0.0F}, {.scale = ScaleKind::log});
  EXPECT_EQ(with_zero.range(), (ValueRange{1, 100}));
  EXPECT_EQ(with_zero.counts(), (ColorCounts{.under = 3}));
  EXPECT_EQ(with_zero.color(0), color_of(ColorSpecial::under));
  EXPECT_EQ(with_zero.color(0.5), map_named("viridis").colors[0]) << "positive: on the scale's end";
  EXPECT_EQ(with_zero.note(), "");
}

TEST(ColorScale, LogOfNothingPositiveIsLinearAndSaysSo) {
  const ColorScale scale = scale_of({0, -3, -1}, {.scale = ScaleKind::log});
  EXPECT_EQ(scale.kind(), ScaleKind::linear);
  EXPECT_EQ(scale.range(), (ValueRange{-3, 0}));
  EXPECT_FALSE(scale.counts().any());
  EXPECT_EQ(scale.note(), "No value is above 0: linear instead of log.");
  EXPECT_NE(scale_of({nan_value}, {.scale = ScaleKind::log}).note(), "");
}

TEST(ColorScale, SymlogIsTheSameOnBothSides) {
  const ColorScale scale = scale_of({-2000, 2000, 3}, {.scale = ScaleKind::symlog});
  EXPECT_EQ(scale.threshold(), 1);
  EXPECT_EQ(scale.part(0), 0.5);
  for (const double value : {0.001, 0.5, 1.0, 30.0, 1999.0}) {
    EXPECT_NEAR(scale.part(value) - 0.5, 0.5 - scale.part(-value), 1e-12);
    EXPECT_NEAR(scale.value_at(scale.part(value)), value, 1e-9 * value);
    EXPECT_NEAR(scale.value_at(scale.part(-value)), -value, 1e-9 * value);
  }
  EXPECT_NEAR(scale.part(0.002) - 0.5, 2 * (scale.part(0.001) - 0.5), 1e-6) << "about linear near 0";
}

TEST(ColorScale, CentredAtZero) {
  const std::vector<float> data{-1, 3};
  EXPECT_EQ(scale_of(data, {}, "blue_orange").range(), (ValueRange{-3, 3}));
  EXPECT_EQ(scale_of(data, {}, "viridis").range(), (ValueRange{-1, 3}));
  EXPECT_EQ(scale_of({1, 3}, {}, "blue_orange").range(), (ValueRange{1, 3})) << "not signed";
  EXPECT_EQ(scale_of(data, {.centring = Centring::off}, "blue_orange").range(), (ValueRange{-1, 3}));
  EXPECT_EQ(scale_of(data, {.centring = Centring::on}, "viridis").range(), (ValueRange{-3, 3}));
  EXPECT_EQ(scale_of(data, {.centring = Centring::on}, "viridis").part(0), 0.5);
  EXPECT_EQ(scale_of({2, 2}, {.centring = Centring::on}).range(), (ValueRange{-2, 2}));
  EXPECT_EQ(scale_of({1, 3}, {.scale = ScaleKind::log, .centring = Centring::on}).note(),
            "A log scale has no 0 to be centred at.");
  EXPECT_EQ(scale_of(data, {.centring = Centring::on, .locked = ColorRange{0, 2}}).range(), (ValueRange{0, 2}));
}

TEST(ColorScale, ConstantDataTakesTheMiddle) {
  for (const ScaleKind kind : {ScaleKind::linear, ScaleKind::log, ScaleKind::symlog}) {
    for (const float value : {5.0F, 0.0F, -2.5F, 3e38F, 1e-45F}) {
      const std::vector<float> data(7, value);
      const ColorScale scale = scale_of(data, {.scale = kind});
      EXPECT_TRUE(scale.constant());
      if (value > 0) {
        EXPECT_EQ(scale.kind(), kind);
      }
      EXPECT_EQ(scale.color(static_cast<double>(value)), map_named("viridis").at(0.5)) << value;
      EXPECT_EQ(scale.part(static_cast<double>(value)), 0.5);
      EXPECT_EQ(scale.ticks(5).size(), 1U);
      const auto raster = rasterize({data, 1, 7}, {0, 0, 7, 1}, 2, 1, scale);
      EXPECT_EQ((Color{raster->rgba[0], raster->rgba[1], raster->rgba[2]}), map_named("viridis").at(0.5));
    }
  }
  const ColorScale locked = scale_of({1, 2, 3}, {.locked = ColorRange{2, 2}});
  EXPECT_EQ(locked.color(2), map_named("viridis").at(0.5));
  EXPECT_EQ(locked.counts(), (ColorCounts{.under = 1, .over = 1}));
  EXPECT_EQ(scale_of({}).part(1), 0.5);
  EXPECT_FALSE(scale_of({}).ticks(5).empty());
}

TEST(ColorScale, WhatIsNotFiniteHasColoursAndCounts) {
  const ColorScale scale = scale_of({nan_value, 1, infinite, 2, -infinite, infinite, nan_value, nan_value});
  EXPECT_EQ(scale.range(), (ValueRange{1, 2}));
  EXPECT_EQ(scale.counts(), (ColorCounts{.nan = 3, .plus_infinity = 2, .minus_infinity = 1}));
  EXPECT_EQ(scale.counts().of(ColorSpecial::plus_infinity), 2);
  EXPECT_EQ(scale.color(std::nan("")), nan_color);
  EXPECT_EQ(scale.color(HUGE_VAL), color_of(ColorSpecial::plus_infinity));
  EXPECT_EQ(scale.color(-HUGE_VAL), color_of(ColorSpecial::minus_infinity));
}

TEST(ColorScale, ALockSetsTheEndsWhateverTheDataSays) {
  const ColorSettings settings{.clamp = {5, 95}, .locked = ColorRange{1, 3}};
  const ColorScale scale = scale_of({0, 1, 2, 3, 3.5F, infinite}, settings, "blue_orange");
  EXPECT_EQ(scale.range(), (ValueRange{1, 3}));
  EXPECT_EQ(scale.counts(), (ColorCounts{.plus_infinity = 1, .under = 1, .over = 1}));
  EXPECT_EQ(scale.color(0.99), color_of(ColorSpecial::under));
  EXPECT_EQ(scale.color(1), map_named("blue_orange").colors[0]);
  EXPECT_EQ(scale.color(3), map_named("blue_orange").colors[255]);
  EXPECT_EQ(scale.color(3.01), color_of(ColorSpecial::over));
  // On a log scale a lock that reaches 0 begins at the same value for all data.
  const ColorSettings log{.scale = ScaleKind::log, .locked = ColorRange{0, 10}};
  EXPECT_EQ(scale_of({5, 7}, log).range(), scale_of({0.001F, 9}, log).range());
  EXPECT_EQ(scale_of({0.001F, 9}, log).counts(), (ColorCounts{.under = 1}));
}

TEST(ColorScale, APercentileClampSetsTheEnds) {
  std::vector<float> values;
  for (int i = 0; i <= 100; ++i) values.push_back(static_cast<float>((i * 37) % 101));
  values.push_back(nan_value);
  const ColorScale scale = scale_of(values, {.clamp = {2, 95}});
  EXPECT_EQ(scale.range(), (ValueRange{2, 95}));
  EXPECT_EQ(scale.counts(), (ColorCounts{.nan = 1, .under = 2, .over = 5}));
  const ColorScale without_data(map_named("viridis"), {.clamp = {2, 95}}, {.parts = {}, .range = ValueRange{0, 4}});
  EXPECT_EQ(without_data.range(), (ValueRange{0, 4}));
}

/// Numbers of many magnitudes and both signs, some of them not finite.
std::vector<float> random_values(std::mt19937& bits, std::size_t count) {
  std::vector<float> values(count);
  const int style = static_cast<int>(bits() % 4);
  for (float& value : values) {
    const double unit = static_cast<double>(bits()) / 4294967296.0;
    value = static_cast<float>(style == 0   ? std::floor(unit * 6)
                               : style == 1 ? unit - 0.5
                               : style == 2 ? std::pow(10, 60 * unit - 30) * (bits() % 2 == 0 ? 1 : -1)
                                            : unit * 1e-3 + 1000);
    if (bits() % 50 == 0) value = bits() % 2 == 0 ? nan_value : bits() % 2 == 0 ? infinite : -infinite;
  }
  return values;
}

TEST(ColorScale, RandomValuesAgainstThePlainWay) {
  const auto seed = test::test_seed();
  std::cout << "seed " << seed << " (TCONV_TEST_SEED)\n";
  std::mt19937 bits(seed);
  for (int turn = 0; turn < 60; ++turn) {
    const std::vector<float> values = random_values(bits, 1 + bits() % 400);
    std::vector<float> finite;
    ColorCounts counts;
    for (const float value : values) {
      if (std::isfinite(value)) finite.push_back(value);
      if (std::isnan(value)) ++counts.nan;
      if (value == infinite) ++counts.plus_infinity;
      if (value == -infinite) ++counts.minus_infinity;
    }
    if (finite.empty()) continue;
    std::ranges::sort(finite);
    ColorSettings settings{.scale = static_cast<ScaleKind>(bits() % 3),
                           .centring = static_cast<Centring>(bits() % 3),
                           .clamp = {static_cast<double>(bits() % 30), static_cast<double>(60 + bits() % 41)}};
    const auto at = [&](double percent) {
      return static_cast<double>(
          finite[static_cast<std::size_t>(std::llround(percent / 100 * static_cast<double>(finite.size() - 1)))]);
    };
    // In two parts, as views of several maps give them.
    const std::span<const float> all(values);
    const std::size_t cut = bits() % values.size();
    const std::vector<std::span<const float>> parts{all.subspan(0, cut), all.subspan(cut)};
    EXPECT_EQ(percentiles(parts, settings.clamp.low, settings.clamp.high),
              (ValueRange{at(settings.clamp.low), at(settings.clamp.high)}));
    if (bits() % 3 == 0) {
      const double a = at(static_cast<double>(bits() % 101));
      const double b = at(static_cast<double>(bits() % 101));
      settings.locked = ColorRange{std::min(a, b), std::max(a, b)};
    }
    const ColorScale scale(map_named("viridis"), settings, {.parts = parts});
    SCOPED_TRACE(testing::Message() << "turn " << turn << " range " << scale.range().low << " " << scale.range().high);
    const bool ends = settings.clamp.is_on() || settings.locked;
    std::vector<std::int32_t> entries(values.size());
    scale.entries(values.data(), values.size(), false, entries.data());
    const auto table = scale.table();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto value = static_cast<double>(values[i]);
      const Color color = scale.color(value);
      EXPECT_EQ(table[static_cast<std::size_t>(entries[i])], color) << value;
      if (!std::isfinite(value)) continue;
      const bool under = (ends && value < scale.range().low) || (scale.kind() == ScaleKind::log && value <= 0);
      const bool over = ends && value > scale.range().high;
      counts.under += under ? 1 : 0;
      counts.over += over ? 1 : 0;
      if (under || over) {
        EXPECT_EQ(color, color_of(under ? ColorSpecial::under : ColorSpecial::over)) << value;
      } else if (!scale.constant()) {
        EXPECT_LE(std::abs(static_cast<double>(entries[i]) - scale.part(value) * 255), 0.5001) << value;
      }
    }
    EXPECT_EQ(scale.counts(), counts);
    for (const int most : {2, 4, 7}) {
      const auto ticks = scale.ticks(most);
      ASSERT_FALSE(ticks.empty());
      EXPECT_LE(ticks.size(), static_cast<std::size_t>(most) + 1);
      for (std::size_t i = 0; i < ticks.size(); ++i) {
        EXPECT_GE(ticks[i].part, 0);
        EXPECT_LE(ticks[i].part, 1);
        if (i == 0) continue;
        EXPECT_GT(ticks[i].part, ticks[i - 1].part);
        EXPECT_NE(ticks[i].text, ticks[i - 1].text);
      }
    }
  }
}

TEST(ColorScale, PercentilesOfManyValuesAreExact) {
  std::mt19937 bits(7);
  std::vector<float> values(300'000);
  for (float& value : values) value = static_cast<float>(static_cast<std::int32_t>(bits())) * 1e-4F;
  std::vector<float> sorted = values;
  std::ranges::sort(sorted);
  const ValueRange found = percentiles({values}, 5, 95);
  EXPECT_EQ(found.low, static_cast<double>(sorted[15'000]));
  EXPECT_EQ(found.high, static_cast<double>(sorted[284'999]));
  EXPECT_EQ(percentiles({std::span<const float>()}, 5, 95), (ValueRange{0, 0}));
}

TEST(ColorScale, TicksAreRoundNumbers) {
  EXPECT_EQ(texts(scale_of({0, 4})), (Texts{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(texts(scale_of({0, 25})), (Texts{"0", "5", "10", "15", "20", "25"}));
  EXPECT_EQ(texts(scale_of({-0.37F, 1.92F}), 5), (Texts{"0", "0.5", "1", "1.5"}));
  EXPECT_EQ(texts(scale_of({-1, 1}, {}, "blue_orange"), 5), (Texts{"−1", "−0.5", "0", "0.5", "1"}));
  EXPECT_EQ(texts(scale_of({12'000, 34'000})), (Texts{"15000", "20000", "25000", "30000"}));
  EXPECT_EQ(texts(scale_of({1, 1000}, {.scale = ScaleKind::log})), (Texts{"1", "10", "100", "1000"}));
  EXPECT_EQ(texts(scale_of({1, 9}, {.scale = ScaleKind::log})), (Texts{"1", "2", "5"}));
  EXPECT_EQ(texts(scale_of({3, 4}, {.scale = ScaleKind::log}), 6), (Texts{"3", "3.2", "3.4", "3.6", "3.8", "4"}));
  EXPECT_EQ(texts(scale_of({1e-20F, 1e20F}, {.scale = ScaleKind::log}), 5),
            (Texts{"1e-20", "1e-10", "1", "1e+10", "1e+20"}));
  EXPECT_EQ(texts(scale_of({-100, 100}, {.scale = ScaleKind::symlog}), 5), (Texts{"−100", "−1", "0", "1", "100"}));
  EXPECT_EQ(texts(scale_of({7, 7})), (Texts{"7"}));
}

Color bar_pixel(const Raster& raster, int x) {
  const std::uint8_t* p = raster.rgba.data() + static_cast<std::ptrdiff_t>(x) * 4;
  return {p[0], p[1], p[2], p[3]};
}

TEST(RasterizeWithAScale, NothingThatIsNotFiniteVanishesInACrowd) {
  std::vector<float> values(400, 1);
  values[7] = nan_value;
  values[107] = infinite;
  values[207] = -infinite;
  values[306] = infinite;
  values[307] = -infinite;
  values[399] = 2;
  const ColorScale scale = scale_of(values);
  const auto raster = rasterize({values, 1, 400}, {0, 0, 400, 1}, 4, 1, scale);
  EXPECT_EQ(bar_pixel(*raster, 0), color_of(ColorSpecial::nan));
  EXPECT_EQ(bar_pixel(*raster, 1), color_of(ColorSpecial::plus_infinity));
  EXPECT_EQ(bar_pixel(*raster, 2), color_of(ColorSpecial::minus_infinity));
  EXPECT_EQ(bar_pixel(*raster, 3), color_of(ColorSpecial::nan)) << "∞ − ∞";
  const auto sharp = rasterize({values, 1, 400}, {0, 0, 400, 1}, 400, 1, scale);
  EXPECT_EQ(bar_pixel(*sharp, 6), map_named("viridis").colors[0]);
  EXPECT_EQ(bar_pixel(*sharp, 7), color_of(ColorSpecial::nan));
  EXPECT_EQ(bar_pixel(*sharp, 399), map_named("viridis").colors[255]);
}

TEST(RasterizeWithAScale, RoundingOfAveragesIsNotOver) {
  std::mt19937 bits(3);
  for (const float value : {0.1F, 1.0F / 3, 16777215.0F, -0.7F}) {
    const std::vector<float> values(97 * 89, value);
    const ColorSettings locked{.locked = ColorRange{static_cast<double>(value) - 1, static_cast<double>(value)}};
    const auto raster = rasterize({values, 89, 97}, {0, 0, 97, 89}, 7, 5, scale_of(values, locked));
    for (int x = 0; x < 35; ++x) EXPECT_EQ(bar_pixel(*raster, x), map_named("viridis").colors[255]) << value;
  }
  const std::vector<float> next{16777215.0F, 16777216.0F};
  const ColorSettings locked{.locked = ColorRange{0, 16777215}};
  const auto sharp = rasterize({next, 1, 2}, {0, 0, 2, 1}, 2, 1, scale_of(next, locked));
  EXPECT_EQ(bar_pixel(*sharp, 0), map_named("viridis").colors[255]);
  EXPECT_EQ(bar_pixel(*sharp, 1), color_of(ColorSpecial::over)) << "a cell of its own is exact";
}

TEST(RasterizeWithAScale, IsTheOldWayWhenLinear) {
  std::mt19937 bits(5);
  std::vector<float> values(64 * 48);
  for (float& value : values) value = static_cast<float>(bits() % 1000) / 7;
  const PlaneView plane{values, 48, 64};
  const Rect window{3.5, -2, 50, 60};
  const auto with_range = rasterize(plane, window, 31, 90, map_named("magma"), finite_range(values));
  const auto with_scale = rasterize(plane, window, 31, 90, scale_of(values, {}, "magma"));
  EXPECT_EQ(with_range->rgba, with_scale->rgba);
}

TEST(ColorTicks, OfCountsAreWhole) {
  const std::vector<float> counts{1, 2, 3};
  const ColorScale scale(map_named("viridis"), {}, {.parts = {counts}, .counts = true});
  for (int most = 2; most < 12; ++most) {
    for (const ColorTick& tick : scale.ticks(most)) EXPECT_EQ(tick.text.find('.'), std::string::npos) << tick.text;
  }
  EXPECT_EQ(scale.ticks(9).size(), 4U);
}

}  // namespace
}  // namespace tconv
