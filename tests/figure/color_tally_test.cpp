// Scales of numbers that are only counted, held against those of the numbers themselves.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "figure/color_scale.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// Whole numbers, so that parts can hold one value each; every few not finite.
std::vector<float> some_values(int smallest) {
  std::mt19937 bits(test::test_seed());
  std::vector<float> values(2000);
  for (float& value : values) {
    value = static_cast<float>(static_cast<int>(bits() % 60) + smallest);
    const auto kind = bits() % 50;
    if (kind == 0) value = std::numeric_limits<float>::quiet_NaN();
    if (kind == 1) value = infinity;
    if (kind == 2) value = -infinity;
  }
  return values;
}

ColorTally tally_of(const std::vector<float>& values) {
  ColorTally tally;
  std::map<double, std::int64_t> counts;
  for (const float value : values) {
    if (std::isnan(value)) {
      ++tally.nan;
    } else if (std::isinf(value)) {
      ++(value > 0 ? tally.plus_infinity : tally.minus_infinity);
    } else {
      ++counts[static_cast<double>(value)];
    }
  }
  for (const auto& [value, count] : counts) tally.parts.push_back({value, value, count});
  return tally;
}

TEST(ColorTally, GivesTheScaleOfTheNumbers) {
  for (const int smallest : {-20, 0, 1}) {
    const auto values = some_values(smallest);
    const ColorTally tally = tally_of(values);
    for (const ScaleKind kind : {ScaleKind::linear, ScaleKind::log, ScaleKind::symlog}) {
      for (const bool clamped : {false, true}) {
        SCOPED_TRACE("smallest " + std::to_string(smallest) + ", kind " + std::to_string(static_cast<int>(kind)) +
                     ", clamped " + std::to_string(clamped));
        ColorSettings settings;
        settings.scale = kind;
        if (clamped) settings.clamp = {5, 95};
        const ColorScale wanted(color_maps().front(), settings, {.parts = {values}});
        const ColorScale found(color_maps().front(), settings, {.tally = &tally});
        EXPECT_EQ(found.range(), wanted.range());
        EXPECT_EQ(found.data_range(), wanted.data_range());
        EXPECT_EQ(found.counts(), wanted.counts());
        EXPECT_EQ(found.kind(), wanted.kind());
        EXPECT_EQ(found.note(), wanted.note());
      }
    }
  }
}

TEST(ColorTally, WidePartsClampNothingThatMayBeMeant) {
  const ColorTally tally{.parts = {{0, 1, 10}, {2, 3, 80}, {4, 6, 10}}};
  ColorSettings settings;
  settings.clamp = {20, 80};
  const ColorScale scale(color_maps().front(), settings, {.tally = &tally});
  EXPECT_EQ(scale.range(), (ValueRange{2, 3}));
  EXPECT_EQ(scale.counts().under, 10);
  EXPECT_EQ(scale.counts().over, 10);
  const ColorTally nothing;
  EXPECT_EQ(ColorScale(color_maps().front(), settings, {.tally = &nothing}).range(), (ValueRange{0, 0}));
}

}  // namespace
}  // namespace tconv
