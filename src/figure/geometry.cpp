#include "figure/geometry.h"

#include <algorithm>
#include <cmath>

namespace tconv {
namespace {

// Relative luminance as WCAG 2.1 defines it.
double luminance(Color c) {
  const auto linear = [](std::uint8_t channel) {
    const double v = static_cast<double>(channel) / 255;
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

}  // namespace

double contrast(Color a, Color b) {
  const double la = luminance(a);
  const double lb = luminance(b);
  return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

Color readable_on(Color ground) {
  const Color white = rgb(0xffffff);
  const Color black = rgb(0x10141c);
  const double on_black = contrast(black, ground);
  const double on_white = contrast(white, ground);
  // Between light and dark only a full black is enough: 4.58 at the least, for the better of it and white.
  if (std::max(on_black, on_white) < 4.5) return rgb(0x000000);
  return on_white >= on_black ? white : black;
}

}  // namespace tconv
