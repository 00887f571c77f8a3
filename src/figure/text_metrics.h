#pragma once
// How wide words are, from the fonts that are built in: the window, the exporters and the layout agree on it.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tconv {

/// Inter for words, JetBrains Mono for numbers and code; both fall back to DejaVu Sans for signs they lack.
enum class Font { regular, semibold, mono, mono_medium };
inline constexpr int font_count = 4;

/// The embedded file of a font ("fonts/Inter-Regular.otf") and of the one that lends it missing glyphs.
std::string_view font_file(Font font);
std::string_view fallback_font_file();

/// Calls `use(code_point)` for each character; a byte that is not UTF-8 gives U+FFFD.
template <typename Use>
void for_each_code_point(std::string_view text, Use use);

/// One glyph of a line of text.
struct PlacedGlyph {
  std::uint32_t index = 0;  ///< in the font's file, or in the fallback's
  bool fallback = false;
  double x = 0;  ///< of its origin from the start of the line, in points
};

/// For one thread at a time: it remembers the glyphs it has met. Whoever writes in the background has its own.
class TextMetrics {
 public:
  /// Opens the embedded fonts; about a millisecond. Throws FileError if they cannot be read.
  TextMetrics();
  ~TextMetrics();
  TextMetrics(const TextMetrics&) = delete;
  TextMetrics& operator=(const TextMetrics&) = delete;

  /// Sum of the unhinted advances, no kerning, in points. UTF-8; one line.
  double width(Font font, double size, std::string_view text) const;
  /// The glyphs that `width` adds up, so that exported words stand exactly where the layout put them.
  std::vector<PlacedGlyph> glyphs(Font font, double size, std::string_view text) const;
  /// Height of a line and of its part above the baseline, in points.
  double line_height(Font font, double size) const;
  double ascent(Font font, double size) const;
  /// From the lowest descender to the highest ascender, in points: what some rasterizers call a font's size.
  double box_height(Font font, double size) const;
  double fallback_box_height(double size) const;
  /// Height of a capital letter: for centring numbers in cells.
  double cap_height(Font font, double size) const;

  /// Breaks `text` at spaces (and at '\n') into lines no wider than `max_width`; a longer word gets a line of its own.
  /// Lines neither begin nor end with a space; "\n\n" leaves an empty line; no text, no lines.
  std::vector<std::string> wrap(Font font, double size, std::string_view text, double max_width) const;
  /// `text`, or as much of it as fits with an ellipsis; empty if not even that fits.
  std::string fitted(Font font, double size, std::string_view text, double max_width) const;

 private:
  struct Faces;
  std::unique_ptr<Faces> faces_;
};

template <typename Use>
void for_each_code_point(std::string_view text, Use use) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      use(static_cast<char32_t>(lead));
      ++i;
      continue;
    }
    std::size_t length = 1;
    char32_t code = lead;
    if (lead >= 0xf0 && lead < 0xf8) {
      length = 4;
      code = lead & 0x07U;
    } else if (lead >= 0xe0 && lead < 0xf0) {
      length = 3;
      code = lead & 0x0fU;
    } else if (lead >= 0xc0 && lead < 0xe0) {
      length = 2;
      code = lead & 0x1fU;
    } else {
      code = 0xfffd;
    }
    bool whole = i + length <= text.size();
    for (std::size_t k = 1; whole && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      whole = (next & 0xc0U) == 0x80U;
      code = (code << 6U) | (next & 0x3fU);
    }
    constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};  // below it, a longer form than needed
    whole = whole && code >= least[length] && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    if (!whole) {
      code = 0xfffd;
      length = 1;
    }
    use(code);
    i += length;
  }
}

}  // namespace tconv
