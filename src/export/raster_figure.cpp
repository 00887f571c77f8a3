#include "export/raster_figure.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "export/cairo_painter.h"

namespace tconv {
namespace {

std::string whole(double pixels) {
  return pixels < 1e15 ? std::to_string(static_cast<std::int64_t>(pixels)) : std::string("1000000000000000 or more");
}

// Turns cairo's pixels, premultiplied numbers with alpha highest, into bytes with straight alpha, in place.
void make_straight(std::vector<std::uint8_t>& bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 4) {
    std::uint8_t* const p = bytes.data() + i;
    const std::uint32_t pixel = *reinterpret_cast<const std::uint32_t*>(p);
    const std::uint32_t a = pixel >> 24U;
    const auto straight = [&](unsigned shift) {
      const std::uint32_t channel = (pixel >> shift) & 0xffU;
      return static_cast<std::uint8_t>(a == 255 || a == 0 ? channel : std::min(255U, (channel * 255 + a / 2) / a));
    };
    p[0] = straight(16);
    p[1] = straight(8);
    p[2] = straight(0);
    p[3] = static_cast<std::uint8_t>(a);
  }
}

}  // namespace

std::shared_ptr<const Raster> raster_of(const Figure& figure, const TextMetrics& text, double pixels_per_point) {
  if (!(pixels_per_point > 0)) throw std::runtime_error("the scale of a picture must be greater than 0");
  const double w = pixels_along(figure.size.w, pixels_per_point);
  const double h = pixels_along(figure.size.h, pixels_per_point);
  if (!(w <= max_side) || !(h <= max_side) || w * h > max_pixels) {
    throw std::runtime_error("a picture of " + whole(w) + " × " + whole(h) +
                             " pixels is too large: at most 32767 a side and 400 megapixels; choose a smaller scale");
  }
  const std::shared_ptr<Raster> raster = blank_raster(static_cast<int>(w), static_cast<int>(h));
  {
    // cairo draws right into the raster: four-byte pixels leave no padding at the ends of rows.
    const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
        cairo_image_surface_create_for_data(raster->rgba.data(), CAIRO_FORMAT_ARGB32, raster->width, raster->height,
                                            raster->width * 4),
        &cairo_surface_destroy);
    check_cairo(cairo_surface_status(surface.get()), "the picture cannot be made");
    const std::unique_ptr<cairo_t, decltype(&cairo_destroy)> target(cairo_create(surface.get()), &cairo_destroy);
    cairo_scale(target.get(), pixels_per_point, pixels_per_point);
    paint(target.get(), figure, text);
    cairo_surface_flush(surface.get());
  }
  make_straight(raster->rgba);
  return raster;
}

}  // namespace tconv
