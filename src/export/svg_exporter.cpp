// SVG: words stay words, cells stay rectangles, maps of very many cells are unsmoothed pictures.

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <stdexcept>

#include "export/exporter.h"
#include "files/base64.h"
#include "files/png_writer.h"

namespace tconv {
namespace {

/// Up to three digits behind the point, no trailing zeros, the same in every locale.
void put(std::string& out, double value) {
  std::array<char, 64> text{};
  const double rounded = std::round(value * 1000) / 1000;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), rounded == 0 ? 0 : rounded).ptr;
  out.append(text.data(), end);
}

/// UTF-8 of a character that XML has a place for; of others nothing.
void put_character(std::string& out, char32_t c) {
  if (c < 0x20 || c == 0xfffe || c == 0xffff) return;
  const auto add = [&](char32_t byte) { out += static_cast<char>(byte); };
  const auto rest = [&](int shift) { add(0x80 | ((c >> shift) & 0x3f)); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xc0 | (c >> 6));
    rest(0);
  } else if (c < 0x10000) {
    add(0xe0 | (c >> 12));
    rest(6);
    rest(0);
  } else {
    add(0xf0 | (c >> 18));
    rest(12);
    rest(6);
    rest(0);
  }
}

void put_text(std::string& out, std::string_view words) {
  for_each_code_point(words, [&](char32_t c) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        put_character(out, c);
    }
  });
}

std::string hex_of(Color color) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t channel : {color.r, color.g, color.b}) {
    text += digits[channel >> 4U];
    text += digits[channel & 15U];
  }
  return text;
}

constexpr std::array<const char*, font_count> font_class{"r", "s", "m", "n"};

class SvgWriter {
 public:
  explicit SvgWriter(const TextMetrics& metrics) : metrics_(metrics) {}

  std::string write(const Figure& figure, const ExportOptions& options) {
    for (const Shape2D& shape : figure.shapes) std::visit([this](const auto& what) { add(what); }, shape.what);
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
        "xmlns:xlink=\"http://www.w3.org/1999/xlink\" xml:space=\"preserve\" width=\"";
    const double unit = options.width_mm ? *options.width_mm / figure.size.w : 1;
    const char* unit_name = options.width_mm ? "mm" : "";
    put(out, figure.size.w * unit);
    out += std::string(unit_name) + "\" height=\"";
    put(out, figure.size.h * unit);
    out += std::string(unit_name) + "\" viewBox=\"0 0 ";
    put(out, figure.size.w);
    out += ' ';
    put(out, figure.size.h);
    out += "\">\n<title>";
    put_text(out, figure.title);
    out +=
        "</title>\n<style>text{font-kerning:none}"
        ".r,.s{font-family:Inter,'DejaVu Sans',sans-serif}.s{font-weight:600}"
        ".m,.n{font-family:'JetBrains Mono','DejaVu Sans Mono',monospace}.n{font-weight:500}</style>\n";
    if (!options.embedded.empty()) {
      out += "<metadata>";
      put_text(out, options.embedded);
      out += "</metadata>\n";
    }
    if (!hatches_.empty()) out += "<defs>\n" + hatch_patterns() + "</defs>\n";
    if (figure.background.a > 0) {
      out += "<rect width=\"100%\" height=\"100%\"";
      paint(out, "fill", figure.background);
      out += "/>\n";
    }
    return out + body_ + "</svg>\n";
  }

 private:
  static void attribute(std::string& out, const char* name, double value) {
    out += ' ';
    out += name;
    out += "=\"";
    put(out, value);
    out += '"';
  }

  static void paint(std::string& out, const char* name, Color color) {
    out += std::string(" ") + name + "=\"" + hex_of(color) + '"';
    if (color.a < 255) attribute(out, (std::string(name) + "-opacity").c_str(), color.a / 255.0);
  }

  static void place(std::string& out, const Rect& rect, double radius) {
    attribute(out, "x", rect.x);
    attribute(out, "y", rect.y);
    attribute(out, "width", rect.w);
    attribute(out, "height", rect.h);
    radius = std::min({radius, rect.w / 2, rect.h / 2});
    if (radius > 0) attribute(out, "rx", radius);
  }

  void add(const RectShape& shape) {
    if (!(shape.rect.w > 0) || !(shape.rect.h > 0)) return;
    const double width = std::min({shape.stroke_width, shape.rect.w / 2, shape.rect.h / 2});
    const bool stroked = shape.stroke.a > 0 && width > 0;
    const bool hatched = shape.hatched && shape.stroke.a > 0;
    if (shape.fill.a == 0 && !stroked && !hatched) return;
    // The fill reaches to the outer edge, the stroke lies inside: one element where both are the same outline.
    if (shape.fill.a > 0 || hatched) {
      if (shape.fill.a > 0) rect(shape.rect, shape.radius, [&](std::string& out) { paint(out, "fill", shape.fill); });
      if (hatched) {
        const std::string id = hatch_id(shape.stroke);
        rect(shape.rect, shape.radius, [&](std::string& out) { out += " fill=\"url(#" + id + ")\""; });
      }
    }
    if (!stroked) return;
    rect(shape.rect.grown(-width / 2), std::max(0.0, shape.radius - width / 2), [&](std::string& out) {
      out += " fill=\"none\"";
      paint(out, "stroke", shape.stroke);
      if (width != 1) attribute(out, "stroke-width", width);
      if (shape.dashed) {
        out += " stroke-dasharray=\"";
        put(out, dash_on);
        out += ' ';
        put(out, dash_off);
        out += '"';
      }
    });
  }

  template <typename Look>
  void rect(const Rect& where, double radius, Look look) {
    body_ += "<rect";
    place(body_, where, radius);
    look(body_);
    body_ += "/>\n";
  }

  void add(const LineShape& shape) {
    if (shape.points.size() < 2 || shape.color.a == 0 || !(shape.width > 0)) return;
    const bool closed = shape.points.size() > 2 && shape.points.front() == shape.points.back();
    body_ += closed ? "<polygon points=\"" : "<polyline points=\"";
    for (std::size_t i = 0; i + (closed ? 1 : 0) < shape.points.size(); ++i) {
      if (i > 0) body_ += ' ';
      put(body_, shape.points[i].x);
      body_ += ',';
      put(body_, shape.points[i].y);
    }
    body_ += "\" fill=\"none\" stroke-linejoin=\"round\"";
    paint(body_, "stroke", shape.color);
    attribute(body_, "stroke-width", shape.width);
    body_ += "/>\n";
  }

  void add(const TextShape& shape) {
    if (shape.text.empty() || shape.color.a == 0 || !(shape.size > 0)) return;
    body_ += "<text class=\"";
    body_ += font_class[static_cast<std::size_t>(shape.font)];
    body_ += '"';
    // With another font the words still take the room that they were given.
    const double width = metrics_.width(shape.font, shape.size, shape.text);
    double x = shape.at.x;
    if (shape.align != Align::left) x -= shape.align == Align::centre ? width / 2 : width;
    attribute(body_, "x", x);
    attribute(body_, "y", shape.at.y);
    attribute(body_, "font-size", shape.size);
    attribute(body_, "textLength", width);
    paint(body_, "fill", shape.color);
    body_ += '>';
    put_text(body_, shape.text);
    body_ += "</text>\n";
  }

  void add(const ImageShape& shape) {
    if (!shape.raster || shape.raster->rgba.empty() || !(shape.rect.w > 0) || !(shape.rect.h > 0)) return;
    const Raster& raster = *shape.raster;
    body_ += "<image";
    place(body_, shape.rect, 0);
    body_ +=
        " preserveAspectRatio=\"none\" image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" "
        "xlink:href=\"data:image/png;base64,";
    append_base64(body_, png_bytes(raster.width, raster.height, raster.rgba, {.channels = 4, .dpi = {}}));
    body_ += "\"/>\n";
  }

  std::string hatch_id(Color color) {
    const std::string hex = hex_of(color) + std::to_string(color.a);
    const auto [entry, is_new] = hatches_.try_emplace(hex, "hatch" + std::to_string(hatches_.size()));
    if (is_new) hatch_colors_.emplace(entry->second, color);
    return entry->second;
  }

  /// The diagonals x + y = k · spacing of the whole picture, so that those of neighbours meet.
  std::string hatch_patterns() const {
    std::string out;
    for (const auto& [id, color] : hatch_colors_) {
      out += "<pattern id=\"" + id + "\" patternUnits=\"userSpaceOnUse\"";
      attribute(out, "width", hatch_step);
      attribute(out, "height", hatch_step);
      out += "><path d=\"M-1,1 L1,-1 M0,6 L6,0 M5,7 L7,5\" fill=\"none\"";
      paint(out, "stroke", with_alpha(color, hatch_opacity));
      attribute(out, "stroke-width", hatch_width);
      out += "/></pattern>\n";
    }
    return out;
  }

  const TextMetrics& metrics_;
  std::string body_;
  std::map<std::string, std::string> hatches_;  // colour → id
  std::map<std::string, Color> hatch_colors_;   // id → colour
};

static_assert(hatch_step == 6, "the hatch pattern's path is written for it");

std::string write_svg(const Figure& figure, const TextMetrics& text, const ExportOptions& options) {
  return SvgWriter(text).write(figure, options);
}

}  // namespace

Exporter svg_exporter() {
  return {"svg", ".svg", "SVG", "for web pages and drawing programs: vectors", false, &write_svg};
}

}  // namespace tconv
