#include "figure/text_metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace tconv {
namespace {

constexpr std::array fonts{Font::regular, Font::semibold, Font::mono, Font::mono_medium};

std::vector<char32_t> code_points(std::string_view text) {
  std::vector<char32_t> codes;
  for_each_code_point(text, [&](char32_t code) { codes.push_back(code); });
  return codes;
}

TEST(CodePoints, OfOneToFourBytes) {
  EXPECT_EQ(code_points("aé−𝄞"), (std::vector<char32_t>{U'a', U'é', U'−', U'𝄞'}));
  EXPECT_TRUE(code_points("").empty());
}

TEST(CodePoints, BytesThatAreNotUtf8) {
  const std::vector<char32_t> one{0xfffd};
  EXPECT_EQ(code_points("\x80"), one);
  EXPECT_EQ(code_points("\xff"), one);
  EXPECT_EQ(code_points("\xc3"), one) << "cut short";
  EXPECT_EQ(code_points("\xc3z"), (std::vector<char32_t>{0xfffd, U'z'}));
  EXPECT_EQ(code_points("\xc0\xaf").front(), 0xfffdU) << "longer than needed";
  EXPECT_EQ(code_points("\xed\xa0\x80").front(), 0xfffdU) << "half of a surrogate pair";
  EXPECT_EQ(code_points("\xf5\x80\x80\x80").front(), 0xfffdU) << "beyond U+10FFFF";
}

TEST(TextMetrics, WidthIsAdditiveAndProportionalToTheSize) {
  const TextMetrics text;
  for (const Font font : fonts) {
    const double whole = text.width(font, 13, "Kernel To− ⌊5⌋");
    EXPECT_GT(whole, 0);
    EXPECT_NEAR(whole, text.width(font, 13, "Kernel ") + text.width(font, 13, "To− ⌊5⌋"), 1e-9);
    EXPECT_NEAR(text.width(font, 26, "Kernel To− ⌊5⌋"), 2 * whole, 1e-9);
    EXPECT_EQ(text.width(font, 13, ""), 0);
  }
}

TEST(TextMetrics, MonospacedGlyphsAreEquallyWide) {
  const TextMetrics text;
  for (const Font font : {Font::mono, Font::mono_medium}) {
    const double digit = text.width(font, 10, "0");
    EXPECT_NEAR(digit, 6, 1e-9) << "600 of 1000 units";
    for (const std::string_view sign : {"1", "i", "W", ".", " ", "−", "×", "é"}) {
      EXPECT_NEAR(text.width(font, 10, sign), digit, 1e-9) << sign;
    }
  }
  EXPECT_LT(text.width(Font::regular, 10, "i"), text.width(Font::regular, 10, "W"));
  EXPECT_LT(text.width(Font::regular, 10, "Stride"), text.width(Font::semibold, 10, "Stride"));
}

TEST(TextMetrics, SignsThatAFontLacksComeFromTheFallback) {
  const TextMetrics text;
  for (const std::string_view sign : {"ᵀ", "⌊", "⌉", "∈", "∇", "⊗", "⟨", "⟩", "ℝ", "ᵢ", "ⱼ"}) {
    for (const Font font : fonts) {
      EXPECT_GT(text.width(font, 13, sign), 0) << sign;
      const auto glyphs = text.glyphs(font, 13, sign);
      ASSERT_EQ(glyphs.size(), 1U) << sign;
      EXPECT_NE(glyphs[0].index, 0U) << sign << " would show as an empty box";
    }
  }
  EXPECT_TRUE(text.glyphs(Font::regular, 13, "ℝ")[0].fallback);
  EXPECT_FALSE(text.glyphs(Font::regular, 13, "R")[0].fallback);
  const auto unknown = text.glyphs(Font::mono, 13, "\U000e1234");
  ASSERT_EQ(unknown.size(), 1U);
  EXPECT_EQ(unknown[0].index, text.glyphs(Font::mono, 13, "\ufffd")[0].index);
}

TEST(TextMetrics, GlyphsStandWhereTheWidthsPutThem) {
  const TextMetrics text;
  const std::string line = "Output = ⌊3,5⌋";
  const auto glyphs = text.glyphs(Font::regular, 15, line);
  ASSERT_EQ(glyphs.size(), code_points(line).size());
  for (std::size_t i = 0; i < 9; ++i) EXPECT_EQ(glyphs[i].x, text.width(Font::regular, 15, line.substr(0, i)));
  EXPECT_EQ(glyphs.back().x, text.width(Font::regular, 15, "Output = ⌊3,5"));
  EXPECT_EQ(text.glyphs(Font::regular, 15, "\t")[0].index, text.glyphs(Font::regular, 15, " ")[0].index);
}

TEST(TextMetrics, HeightsAreInOrder) {
  const TextMetrics text;
  for (const Font font : fonts) {
    EXPECT_GT(text.cap_height(font, 10), 6);
    EXPECT_LT(text.cap_height(font, 10), text.ascent(font, 10));
    EXPECT_LT(text.ascent(font, 10), text.line_height(font, 10));
    EXPECT_LT(text.line_height(font, 10), 15);
    EXPECT_NEAR(text.line_height(font, 20), 2 * text.line_height(font, 10), 1e-9);
  }
}

constexpr std::string_view prose =
    "A transposed convolution stamps the kernel, scaled by each input value, onto the output; where stamps "
    "overlap they add up.  Two spaces, and a−sign.\nA second paragraph: ∇x = ⟨Cᵀ, y⟩.";

TEST(TextMetrics, WrappedLinesNeverExceedTheWidth) {
  const TextMetrics text;
  for (const Font font : fonts) {
    for (double width = 90; width < 500; width += 7.3) {
      const auto lines = text.wrap(font, 13, prose, width);
      std::string words;
      for (const std::string& line : lines) {
        EXPECT_LE(text.width(font, 13, line), width) << line;
        EXPECT_FALSE(line.starts_with(' ') || line.ends_with(' ')) << '"' << line << '"';
        words += line;
      }
      std::string expected(prose);
      std::erase(words, ' ');
      std::erase_if(expected, [](char c) { return c == ' ' || c == '\n'; });
      EXPECT_EQ(words, expected);
    }
  }
}

TEST(TextMetrics, WrapFillsEachLine) {
  const TextMetrics text;
  const auto lines = text.wrap(Font::regular, 13, prose.substr(0, 100), 150);
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
    const std::string next = lines[i + 1].substr(0, lines[i + 1].find(' '));
    EXPECT_GT(text.width(Font::regular, 13, lines[i] + " " + next), 150) << lines[i];
  }
  const double exact = text.width(Font::regular, 13, prose.substr(0, 40));
  EXPECT_EQ(text.wrap(Font::regular, 13, prose.substr(0, 40), exact).size(), 1U);
}

TEST(TextMetrics, WrapOfOddText) {
  const TextMetrics text;
  using Lines = std::vector<std::string>;
  const auto wrapped = [&](std::string_view words, double width) { return text.wrap(Font::mono, 10, words, width); };
  EXPECT_EQ(wrapped("", 60), Lines{});
  EXPECT_EQ(wrapped("a\nb", 60), (Lines{"a", "b"}));
  EXPECT_EQ(wrapped("a\n\nb\n", 60), (Lines{"a", "", "b"}));
  EXPECT_EQ(wrapped("  a  b  ", 60), (Lines{"a  b"}));
  EXPECT_EQ(wrapped("   ", 60), (Lines{""}));
  EXPECT_EQ(wrapped("a incomprehensible b", 60), (Lines{"a", "incomprehensible", "b"}));
  EXPECT_EQ(wrapped("a b", 0), (Lines{"a", "b"}));
  EXPECT_EQ(wrapped("aa\u00a0bb cc", 36), (Lines{"aa\u00a0bb", "cc"})) << "a no-break space does not break";
}

TEST(TextMetrics, FittedTextEndsWithAnEllipsis) {
  const TextMetrics text;
  const std::string line = "Output size ⌊formula⌋";
  for (const Font font : fonts) {
    const double whole = text.width(font, 13, line);
    EXPECT_EQ(text.fitted(font, 13, line, whole), line);
    for (double width = text.width(font, 13, "…"); width < whole; width += 3.7) {
      const std::string fitted = text.fitted(font, 13, line, width);
      EXPECT_TRUE(fitted.ends_with("…")) << fitted;
      EXPECT_TRUE(line.starts_with(fitted.substr(0, fitted.size() - std::string_view("…").size()))) << fitted;
      EXPECT_FALSE(fitted.ends_with(" …")) << fitted;
      EXPECT_LE(text.width(font, 13, fitted), width) << fitted;
    }
  }
  EXPECT_EQ(text.fitted(Font::mono, 10, "abcdef", 24), "abc…");
  EXPECT_EQ(text.fitted(Font::mono, 10, "abcdef", 1), "");
}

}  // namespace
}  // namespace tconv
