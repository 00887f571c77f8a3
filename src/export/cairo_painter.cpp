#include "export/cairo_painter.h"

#include <cairo-ft.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "files/embedded.h"
#include "files/file_error.h"

namespace tconv {
namespace {

constexpr std::array<double, 2> dash{dash_on, dash_off};

// The built-in fonts as cairo knows them, opened on first use and kept: cairo holds on to fonts of its own accord.
class CairoFonts {
 public:
  static CairoFonts& all() {
    static CairoFonts& fonts = *new CairoFonts;  // never closed, so that it outlives whatever cairo still holds
    return fonts;
  }

  cairo_font_face_t* font(Font font) { return opened(static_cast<std::size_t>(font), font_file(font)); }
  cairo_font_face_t* fallback() { return opened(font_count, fallback_font_file()); }

 private:
  CairoFonts() { FT_Init_FreeType(&library_); }

  cairo_font_face_t* opened(std::size_t place, std::string_view name) {
    const std::scoped_lock lock(mutex_);
    if (faces_[place] != nullptr) return faces_[place];
    const auto bytes = embedded_file(name);
    FT_Face face = nullptr;
    if (!bytes || library_ == nullptr ||
        FT_New_Memory_Face(library_, reinterpret_cast<const FT_Byte*>(bytes->data()),
                           static_cast<FT_Long>(bytes->size()), 0, &face) != 0) {
      throw FileError(name, "the font cannot be opened", "build the program again");
    }
    faces_[place] = cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING);
    return faces_[place];
  }

  FT_Library library_ = nullptr;
  std::mutex mutex_;
  std::array<cairo_font_face_t*, font_count + 1> faces_{};
};

struct Painter {
  cairo_t* c;
  const TextMetrics& metrics;
  bool pixels;  // the target is made of them

  void use(Color color) const {
    cairo_set_source_rgba(c, color.r / 255.0, color.g / 255.0, color.b / 255.0, color.a / 255.0);
  }

  void add_path(const Rect& rect, double radius) const {
    radius = std::min({radius, rect.w / 2, rect.h / 2});
    if (radius <= 0) {
      cairo_rectangle(c, rect.x, rect.y, rect.w, rect.h);
      return;
    }
    const double quarter = std::acos(0.0);
    cairo_new_sub_path(c);
    cairo_arc(c, rect.right() - radius, rect.y + radius, radius, -quarter, 0);
    cairo_arc(c, rect.right() - radius, rect.bottom() - radius, radius, 0, quarter);
    cairo_arc(c, rect.x + radius, rect.bottom() - radius, radius, quarter, 2 * quarter);
    cairo_arc(c, rect.x + radius, rect.y + radius, radius, 2 * quarter, 3 * quarter);
    cairo_close_path(c);
  }

  void hatch(const RectShape& shape) const {
    const Rect& r = shape.rect;
    cairo_save(c);
    add_path(r, shape.radius);
    cairo_clip(c);
    // The diagonals x + y = k · spacing of the whole picture, so that those of neighbours meet.
    const double last = std::ceil((r.right() + r.bottom()) / hatch_step);
    for (double k = std::floor((r.x + r.y) / hatch_step); k <= last; ++k) {
      const double sum = k * hatch_step;
      cairo_move_to(c, sum - (r.y - 1), r.y - 1);
      cairo_line_to(c, sum - (r.bottom() + 1), r.bottom() + 1);
    }
    use(with_alpha(shape.stroke, hatch_opacity));
    cairo_set_line_width(c, hatch_width);
    cairo_stroke(c);
    cairo_restore(c);
  }

  void operator()(const RectShape& shape) const {
    if (!(shape.rect.w > 0) || !(shape.rect.h > 0)) return;
    if (shape.fill.a > 0) {
      add_path(shape.rect, shape.radius);
      use(shape.fill);
      cairo_fill(c);
    }
    if (shape.stroke.a == 0) return;
    if (shape.hatched) hatch(shape);
    const double width = std::min({shape.stroke_width, shape.rect.w / 2, shape.rect.h / 2});
    if (!(width > 0)) return;
    use(shape.stroke);
    if (shape.dashed) {
      add_path(shape.rect.grown(-width / 2), std::max(0.0, shape.radius - width / 2));
      cairo_set_line_width(c, width);
      cairo_set_dash(c, dash.data(), static_cast<int>(dash.size()), 0);
      cairo_stroke(c);
      cairo_set_dash(c, nullptr, 0, 0);
      return;
    }
    // The ring between two outlines: on whole points its edges are sharp.
    add_path(shape.rect, shape.radius);
    add_path(shape.rect.grown(-width), std::max(0.0, shape.radius - width));
    cairo_set_fill_rule(c, CAIRO_FILL_RULE_EVEN_ODD);
    cairo_fill(c);
    cairo_set_fill_rule(c, CAIRO_FILL_RULE_WINDING);
  }

  void operator()(const LineShape& shape) const {
    if (shape.points.size() < 2 || shape.color.a == 0 || !(shape.width > 0)) return;
    for (const Point& point : shape.points) cairo_line_to(c, point.x, point.y);
    if (shape.points.size() > 2 && shape.points.front() == shape.points.back()) cairo_close_path(c);
    use(shape.color);
    cairo_set_line_width(c, shape.width);
    cairo_stroke(c);
  }

  void operator()(const TextShape& shape) const {
    if (shape.text.empty() || shape.color.a == 0 || !(shape.size > 0)) return;
    double x = shape.at.x;
    if (shape.align != Align::left) {
      const double width = metrics.width(shape.font, shape.size, shape.text);
      x -= shape.align == Align::centre ? width / 2 : width;
    }
    double y = shape.at.y;
    if (pixels) {
      double across = 0;
      cairo_user_to_device(c, &across, &y);
      y = std::round(y);
      cairo_device_to_user(c, &across, &y);
    }
    use(shape.color);
    const auto placed = metrics.glyphs(shape.font, shape.size, shape.text);
    // Runs of one font each: what the font lacks comes from the fallback.
    std::vector<cairo_glyph_t> run;
    for (std::size_t begin = 0; begin < placed.size();) {
      const bool fallback = placed[begin].fallback;
      std::size_t end = begin;
      run.clear();
      for (; end < placed.size() && placed[end].fallback == fallback; ++end) {
        run.push_back({placed[end].index, x + placed[end].x, y});
      }
      show(fallback ? CairoFonts::all().fallback() : CairoFonts::all().font(shape.font), shape.size, run);
      begin = end;
    }
  }

  void show(cairo_font_face_t* face, double size, const std::vector<cairo_glyph_t>& run) const {
    cairo_set_font_face(c, face);
    cairo_set_font_size(c, size);
    const auto count = static_cast<int>(run.size());
    if (pixels) {
      // cairo's glyph images stand on whole pixels, which makes the gaps between small letters uneven; outlines do not.
      cairo_glyph_path(c, run.data(), count);
      cairo_fill(c);
    } else {
      cairo_show_glyphs(c, run.data(), count);
    }
  }

  /// Readers of pages smooth pictures that they enlarge less than four times, whatever the page says: a small one has
  /// each pixel sixteen times.
  static std::shared_ptr<const Raster> enlarged(std::shared_ptr<const Raster> raster) {
    constexpr int times = 4;
    constexpr std::int64_t most_pixels = 300'000;
    if (std::int64_t{raster->width} * raster->height > most_pixels) return raster;
    const auto large = blank_raster(raster->width * times, raster->height * times);
    const auto width = static_cast<std::size_t>(raster->width);
    for (std::size_t y = 0; y < static_cast<std::size_t>(large->height); ++y) {
      const std::uint8_t* in = raster->rgba.data() + y / times * width * 4;
      std::uint8_t* out = large->rgba.data() + y * width * times * 4;
      for (std::size_t x = 0; x < width * times; ++x) std::copy_n(in + x / times * 4, 4, out + x * 4);
    }
    return large;
  }

  void operator()(const ImageShape& shape) const {
    if (!shape.raster || shape.raster->rgba.empty() || !(shape.rect.w > 0) || !(shape.rect.h > 0)) return;
    const std::shared_ptr<const Raster> shown = pixels ? shape.raster : enlarged(shape.raster);
    const Raster& raster = *shown;
    const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, raster.width, raster.height), &cairo_surface_destroy);
    check_cairo(cairo_surface_status(surface.get()), "a map's pixels cannot be drawn");
    copy_pixels(raster, surface.get());
    cairo_save(c);
    cairo_translate(c, shape.rect.x, shape.rect.y);
    cairo_scale(c, shape.rect.w / raster.width, shape.rect.h / raster.height);
    cairo_set_source_surface(c, surface.get(), 0, 0);
    cairo_pattern_set_filter(cairo_get_source(c), CAIRO_FILTER_NEAREST);
    // Beyond the border its pixels go on: a blend with nothing would show as a seam where a pixel straddles it.
    cairo_pattern_set_extend(cairo_get_source(c), CAIRO_EXTEND_PAD);
    cairo_rectangle(c, 0, 0, raster.width, raster.height);
    cairo_fill(c);
    cairo_restore(c);
  }

  // cairo's pixels are one number each, alpha highest, and premultiplied.
  static void copy_pixels(const Raster& raster, cairo_surface_t* surface) {
    cairo_surface_flush(surface);
    const auto stride = static_cast<std::size_t>(cairo_image_surface_get_stride(surface)) / sizeof(std::uint32_t);
    auto* out = reinterpret_cast<std::uint32_t*>(cairo_image_surface_get_data(surface));
    const std::uint8_t* in = raster.rgba.data();
    const auto width = static_cast<std::size_t>(raster.width);
    for (int y = 0; y < raster.height; ++y, out += stride) {
      for (std::size_t x = 0; x < width; ++x, in += 4) {
        const std::uint32_t alpha = in[3];
        const auto part = [alpha](std::uint32_t channel) { return (channel * alpha + 127) / 255; };
        out[x] = alpha << 24U | part(in[0]) << 16U | part(in[1]) << 8U | part(in[2]);
      }
    }
    cairo_surface_mark_dirty(surface);
  }
};

/// From top to bottom, not less than what is drawn; in points.
struct VerticalExtent {
  double top, bottom;

  explicit VerticalExtent(const RectShape& shape) : top(shape.rect.y), bottom(shape.rect.bottom()) {}
  explicit VerticalExtent(const ImageShape& shape) : top(shape.rect.y), bottom(shape.rect.bottom()) {}
  explicit VerticalExtent(const TextShape& shape)
      : top(shape.at.y - 2 * shape.size), bottom(shape.at.y + 2 * shape.size) {}
  explicit VerticalExtent(const LineShape& shape) {
    top = std::numeric_limits<double>::infinity();
    bottom = -top;
    for (const Point& point : shape.points) {
      top = std::min(top, point.y - shape.width);
      bottom = std::max(bottom, point.y + shape.width);
    }
  }
};

}  // namespace

void check_cairo(cairo_status_t status, const char* what) {
  if (status != CAIRO_STATUS_SUCCESS) {
    throw std::runtime_error(std::string(what) + ": " + cairo_status_to_string(status));
  }
}

void paint(cairo_t* target, const Figure& figure, const TextMetrics& text) {
  const Painter painter{target, text, cairo_surface_get_type(cairo_get_target(target)) == CAIRO_SURFACE_TYPE_IMAGE};
  cairo_save(target);
  cairo_new_path(target);
  cairo_set_line_join(target, CAIRO_LINE_JOIN_ROUND);
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_set_font_options(target, options);
  cairo_font_options_destroy(options);

  painter.use(figure.background);
  cairo_paint(target);
  // A picture may be painted band by band: what lies above or below one is left out.
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
  cairo_clip_extents(target, &left, &top, &right, &bottom);
  const auto paint_visible = [&](const auto& shape) {
    const VerticalExtent extent(shape);
    if (extent.bottom > top - 1 && extent.top < bottom + 1) painter(shape);
  };
  for (const Shape2D& shape : figure.shapes) std::visit(paint_visible, shape.what);
  cairo_restore(target);
  check_cairo(cairo_status(target), "the figure cannot be drawn");
}

}  // namespace tconv
