#include "export/gif_palette.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tconv {
namespace {

int largest_difference(Color a, Color b) {
  return std::max({std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b)});
}

Color shown(const GifPalette& palette, std::size_t use) { return palette.colors[palette.index_of_use[use]]; }

TEST(GifPalette, IsExactWhileColorsAreFew) {
  std::vector<ColorUse> uses;
  for (std::uint32_t i = 0; i < 255; ++i) uses.push_back({.rgb = i * 0x010101 + 0x000100 * (i % 2), .count = 1});
  std::ranges::sort(uses, {}, &ColorUse::rgb);
  const GifPalette palette = gif_palette(uses, 255, {});
  EXPECT_EQ(palette.colors.size(), 255U);
  for (std::size_t i = 0; i < uses.size(); ++i) EXPECT_EQ(shown(palette, i), rgb(uses[i].rgb));
  EXPECT_TRUE(gif_palette({}, 255, {}).colors.empty());
}

TEST(GifPalette, KeepsPlainColorsAndIsNowhereFarOff) {
  // Ten grounds with words in ten colours on each: the shades between.
  std::mt19937 random(5);
  std::vector<Color> plain;
  for (int i = 0; i < 20; ++i) plain.push_back(rgb(static_cast<std::uint32_t>(random() & 0xffffffU)));
  std::vector<ColorUse> uses;
  for (std::size_t ground = 0; ground < 10; ++ground) {
    for (std::size_t word = 10; word < 12; ++word) {
      for (int i = 1; i < 100; ++i) {
        const Color shade = mix(plain[ground], plain[word], i / 100.0);
        uses.push_back({std::uint32_t{shade.r} << 16U | std::uint32_t{shade.g} << 8U | shade.b, 1 + random() % 50});
      }
    }
  }
  for (const Color c : plain) uses.push_back({std::uint32_t{c.r} << 16U | std::uint32_t{c.g} << 8U | c.b, 900, 900});
  std::ranges::stable_sort(uses, {}, &ColorUse::rgb);
  const auto same = std::ranges::unique(uses, {}, &ColorUse::rgb);
  uses.erase(same.begin(), same.end());
  ASSERT_GT(uses.size(), 1000U);
  const GifPalette palette = gif_palette(uses, 255, {});
  EXPECT_EQ(palette.colors.size(), 255U);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    EXPECT_LE(largest_difference(shown(palette, i), rgb(uses[i].rgb)), uses[i].flat > 0 ? 0 : 20);
  }
  const GifPalette again = gif_palette(uses, 255, {});
  EXPECT_EQ(again.colors, palette.colors);
  EXPECT_EQ(again.index_of_use, palette.index_of_use);
}

TEST(GifPalette, ManyColorsTakeNoLongerThanTheyShould) {
  // A photograph's worth: nothing can be exact, all must be near.
  std::vector<ColorUse> uses;
  for (std::uint32_t color = 0; color < 0x1000000; color += 311) uses.push_back({.rgb = color, .count = 1});
  const GifPalette palette = gif_palette(uses, 255, {});
  EXPECT_EQ(palette.colors.size(), 255U);
  int largest = 0;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    largest = std::max(largest, largest_difference(shown(palette, i), rgb(uses[i].rgb)));
  }
  EXPECT_LE(largest, 64);
  const Progress cancelled({}, [] { return true; });
  EXPECT_THROW(gif_palette(uses, 255, cancelled), Cancelled);
}

}  // namespace
}  // namespace tconv
