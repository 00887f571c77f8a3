#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <stdexcept>

#include "export/cairo_painter.h"
#include "export/exporter.h"
#include "files/png_writer.h"

namespace tconv {
namespace {

constexpr int band_pixels = 2'000'000;  // that are painted at once

// Turns cairo's pixels, premultiplied numbers with alpha highest, into bytes with straight alpha, in place.
// Without `alpha` three bytes a pixel.
std::span<const std::uint8_t> straight_bytes(std::uint8_t* pixels, std::size_t count, bool alpha) {
  const auto* in = reinterpret_cast<const std::uint32_t*>(pixels);
  std::uint8_t* out = pixels;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t pixel = in[i];
    const std::uint32_t a = pixel >> 24U;
    for (const unsigned shift : {16U, 8U, 0U}) {
      const std::uint32_t channel = (pixel >> shift) & 0xffU;
      *out++ = static_cast<std::uint8_t>(a == 255 || a == 0 ? channel : std::min(255U, (channel * 255 + a / 2) / a));
    }
    if (alpha) *out++ = static_cast<std::uint8_t>(a);
  }
  return {pixels, out};
}

std::string write_png(const Figure& figure, const TextMetrics& text, const ExportOptions& options) {
  if (!(options.scale > 0)) throw std::runtime_error("the scale of a picture must be greater than 0");
  const double w = pixels_along(figure.size.w, options.scale);
  const double h = pixels_along(figure.size.h, options.scale);
  if (!(w <= max_side) || !(h <= max_side) || w * h > max_pixels) {
    std::array<char, 200> line{};
    std::snprintf(line.data(), line.size(),
                  "a picture of %.0f × %.0f pixels is too large: at most 32767 a side and 400 megapixels; "
                  "choose a smaller scale",
                  w, h);
    throw std::runtime_error(line.data());
  }
  const auto width = static_cast<int>(w);
  const auto height = static_cast<int>(h);
  const bool alpha = figure.background.a != 255;
  PngOptions png;
  png.channels = alpha ? 4 : 3;
  png.dpi = options.dpi;
  png.text = options.embedded;
  std::string out;
  PngStream stream(width, height, png, [&](std::span<const std::byte> bytes) {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  });
  // Band by band: a picture for print would not fit into memory as a whole, and can be cancelled in between.
  const int band = std::min(height, std::max(16, band_pixels / width));
  for (int top = 0; top < height; top += band) {
    options.progress.at(static_cast<double>(top) / height);
    const int rows = std::min(band, height - top);
    const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, rows), &cairo_surface_destroy);
    check_cairo(cairo_surface_status(surface.get()), "the picture cannot be made");
    const std::unique_ptr<cairo_t, decltype(&cairo_destroy)> target(cairo_create(surface.get()), &cairo_destroy);
    cairo_translate(target.get(), 0, -top);
    cairo_scale(target.get(), options.scale, options.scale);
    paint(target.get(), figure, text);
    cairo_surface_flush(surface.get());
    // Four-byte pixels leave no padding at the ends of rows.
    stream.rows(straight_bytes(cairo_image_surface_get_data(surface.get()),
                               static_cast<std::size_t>(width) * static_cast<std::size_t>(rows), alpha));
  }
  stream.finish();
  return out;
}

}  // namespace

Exporter png_exporter() { return {"png", ".png", "PNG", "for slides and web pages: pixels", true, &write_png}; }

}  // namespace tconv
