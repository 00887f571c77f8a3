#include "figure/text_metrics.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_ADVANCES_H
#include FT_TRUETYPE_TABLES_H

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "files/embedded.h"
#include "files/file_error.h"

namespace tconv {
namespace {

constexpr std::string_view ellipsis = "…";
constexpr char32_t replacement = 0xfffd;  // for what no font has

// Sizes as parts of the em: times the type size, they are points.
struct Glyph {
  std::uint32_t index = 0;
  bool fallback = false;
  double advance = 0;
};

struct Face {
  FT_Face face = nullptr;
  double units = 1;

  double em(FT_Long font_units) const { return static_cast<double>(font_units) / units; }
};

Face open_face(FT_Library library, std::string_view name) {
  const auto bytes = embedded_file(name);
  if (!bytes) throw FileError(name, "the font is not in this program", "build it again");
  Face opened;
  if (FT_New_Memory_Face(library, reinterpret_cast<const FT_Byte*>(bytes->data()), static_cast<FT_Long>(bytes->size()),
                         0, &opened.face) != 0 ||
      opened.face->units_per_EM == 0) {
    throw FileError(name, "not an outline font that FreeType reads", "build with another copy of the font");
  }
  opened.units = opened.face->units_per_EM;
  return opened;
}

}  // namespace

std::string_view font_file(Font font) {
  static constexpr std::array<std::string_view, font_count> files{"fonts/Inter-Regular.otf", "fonts/Inter-SemiBold.otf",
                                                                  "fonts/JetBrainsMono-Regular.ttf",
                                                                  "fonts/JetBrainsMono-Medium.ttf"};
  return files[static_cast<std::size_t>(font)];
}

std::string_view fallback_font_file() { return "fonts/DejaVuSans.ttf"; }

struct TextMetrics::Faces {
  struct Cached {
    Face face;
    std::array<Glyph, 128> ascii{};
    std::unordered_map<char32_t, Glyph> others;
  };

  FT_Library library = nullptr;
  Face fallback;
  std::array<Cached, font_count> fonts;

  Faces() {
    if (FT_Init_FreeType(&library) != 0) throw FileError(font_file(Font::regular), "FreeType does not start");
    try {
      open_all();
    } catch (...) {
      FT_Done_FreeType(library);
      throw;
    }
  }
  ~Faces() { FT_Done_FreeType(library); }
  Faces(const Faces&) = delete;
  Faces& operator=(const Faces&) = delete;

  void open_all() {
    fallback = open_face(library, fallback_font_file());
    for (std::size_t i = 0; i < fonts.size(); ++i) {
      fonts[i].face = open_face(library, font_file(static_cast<Font>(i)));
      for (char32_t code = 0; code < 128; ++code) fonts[i].ascii[code] = look_up(fonts[i].face, code);
    }
  }

  std::optional<Glyph> glyph_in(const Face& face, char32_t code) const {
    const FT_UInt index = FT_Get_Char_Index(face.face, code);
    FT_Fixed advance = 0;
    if (index == 0 || FT_Get_Advance(face.face, index, FT_LOAD_NO_SCALE, &advance) != 0) return std::nullopt;
    return Glyph{index, face.face == fallback.face, face.em(advance)};
  }

  Glyph look_up(const Face& face, char32_t code) const {
    // Tabs and line ends are blank wherever a line is only one line.
    if (code < 0x20 || code == 0x7f) code = U' ';
    for (const char32_t wanted : {code, replacement}) {
      if (const auto own = glyph_in(face, wanted)) return *own;
      if (const auto lent = glyph_in(fallback, wanted)) return *lent;
    }
    return {};
  }

  Cached& font(Font which) { return fonts[static_cast<std::size_t>(which)]; }

  const Glyph& glyph(Cached& font, char32_t code) {
    if (code < font.ascii.size()) return font.ascii[code];
    const auto found = font.others.find(code);
    if (found != font.others.end()) return found->second;
    return font.others.emplace(code, look_up(font.face, code)).first->second;
  }

  double em_width(Font which, std::string_view text) {
    Cached& cached = font(which);
    double sum = 0;
    for_each_code_point(text, [&](char32_t code) { sum += glyph(cached, code).advance; });
    return sum;
  }
};

TextMetrics::TextMetrics() : faces_(std::make_unique<Faces>()) {}
TextMetrics::~TextMetrics() = default;

double TextMetrics::width(Font font, double size, std::string_view text) const {
  return faces_->em_width(font, text) * size;
}

std::vector<PlacedGlyph> TextMetrics::glyphs(Font font, double size, std::string_view text) const {
  std::vector<PlacedGlyph> out;
  out.reserve(text.size());
  Faces::Cached& cached = faces_->font(font);
  double sum = 0;
  for_each_code_point(text, [&](char32_t code) {
    const Glyph& glyph = faces_->glyph(cached, code);
    out.push_back({glyph.index, glyph.fallback, sum * size});
    sum += glyph.advance;
  });
  return out;
}

double TextMetrics::line_height(Font font, double size) const {
  const Face& face = faces_->font(font).face;
  return face.em(face.face->height) * size;
}

double TextMetrics::ascent(Font font, double size) const {
  const Face& face = faces_->font(font).face;
  return face.em(face.face->ascender) * size;
}

double TextMetrics::box_height(Font font, double size) const {
  const Face& face = faces_->font(font).face;
  return face.em(face.face->ascender - face.face->descender) * size;
}

double TextMetrics::fallback_box_height(double size) const {
  const Face& face = faces_->fallback;
  return face.em(face.face->ascender - face.face->descender) * size;
}

double TextMetrics::cap_height(Font font, double size) const {
  const Face& face = faces_->font(font).face;
  const auto* os2 = static_cast<const TT_OS2*>(FT_Get_Sfnt_Table(face.face, FT_SFNT_OS2));
  if (os2 != nullptr && os2->version >= 2 && os2->sCapHeight > 0) return face.em(os2->sCapHeight) * size;
  return 0.7 * size;  // what most faces have
}

std::vector<std::string> TextMetrics::wrap(Font font, double size, std::string_view text, double max_width) const {
  std::vector<std::string> lines;
  Faces::Cached& cached = faces_->font(font);
  const double space = faces_->glyph(cached, U' ').advance;
  while (!text.empty()) {
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    const std::string_view paragraph = text.substr(0, line_end);
    text.remove_prefix(std::min(line_end + 1, text.size()));

    std::size_t begin = 0;  // of the line that is being filled
    std::size_t end = 0;    // of the last word that fits into it; begin == end while it has none
    double sum = 0;         // from begin to the place looked at, added up in the order in which `width` does
    const std::size_t lines_before = lines.size();
    const auto finish_line = [&] {
      if (end > begin) lines.emplace_back(paragraph.substr(begin, end - begin));
    };
    for (std::size_t at = 0; at < paragraph.size();) {
      if (paragraph[at] == ' ') {
        if (end == begin) {
          begin = end = at + 1;
        } else {
          sum += space;
        }
        ++at;
        continue;
      }
      const std::size_t word_end = std::min(paragraph.find(' ', at), paragraph.size());
      const std::string_view word = paragraph.substr(at, word_end - at);
      double longer = sum;
      for_each_code_point(word, [&](char32_t code) { longer += faces_->glyph(cached, code).advance; });
      if (end > begin && longer * size > max_width) {
        finish_line();
        begin = end = at;
        sum = 0;
        continue;  // the same word again, now first in its line
      }
      sum = longer;
      end = at = word_end;
    }
    finish_line();
    if (lines.size() == lines_before) lines.emplace_back();
  }
  return lines;
}

std::string TextMetrics::fitted(Font font, double size, std::string_view text, double max_width) const {
  if (width(font, size, text) <= max_width) return std::string(text);
  const double mark = faces_->em_width(font, ellipsis);
  if (mark * size > max_width) return {};
  Faces::Cached& cached = faces_->font(font);
  std::size_t end = 0;
  double sum = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0U) == 0x80U) ++next;
    for_each_code_point(text.substr(at, next - at), [&](char32_t code) { sum += faces_->glyph(cached, code).advance; });
    if ((sum + mark) * size > max_width) break;
    at = next;
    if (text[at - 1] != ' ') end = at;  // no ellipsis after a space
  }
  return std::string(text.substr(0, end)) + std::string(ellipsis);
}

}  // namespace tconv
