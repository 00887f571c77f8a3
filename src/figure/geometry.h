#pragma once
// Points, sizes, rectangles and colours. Unit: points, y downwards; one point is one pixel at scale 1.

#include <cstdint>

namespace tconv {

struct Point {
  double x = 0;
  double y = 0;

  bool operator==(const Point&) const = default;
};

struct Size {
  double w = 0;
  double h = 0;

  bool operator==(const Size&) const = default;
};

struct Rect {
  double x = 0;
  double y = 0;
  double w = 0;
  double h = 0;

  double right() const { return x + w; }
  double bottom() const { return y + h; }
  Point centre() const { return {x + w / 2, y + h / 2}; }
  bool contains(Point p) const { return p.x >= x && p.x < right() && p.y >= y && p.y < bottom(); }
  /// The rectangle with every side moved outwards by `by`.
  Rect grown(double by) const { return {x - by, y - by, w + 2 * by, h + 2 * by}; }

  bool operator==(const Rect&) const = default;
};

/// sRGB, not premultiplied.
struct Color {
  std::uint8_t r = 0;
  std::uint8_t g = 0;
  std::uint8_t b = 0;
  std::uint8_t a = 255;

  bool operator==(const Color&) const = default;
};

constexpr Color rgb(std::uint32_t hex) {
  return {static_cast<std::uint8_t>(hex >> 16), static_cast<std::uint8_t>(hex >> 8), static_cast<std::uint8_t>(hex)};
}

constexpr Color with_alpha(Color color, double alpha) {
  color.a = static_cast<std::uint8_t>(alpha * 255 + 0.5);
  return color;
}

/// `top` laid over the opaque `under` with weight `amount`, 0 … 1.
constexpr Color mix(Color under, Color top, double amount) {
  const auto channel = [amount](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(static_cast<double>(a) * (1 - amount) + static_cast<double>(b) * amount + 0.5);
  };
  return {channel(under.r, top.r), channel(under.g, top.g), channel(under.b, top.b)};
}

/// WCAG 2 contrast of two opaque colours, 1 … 21.
double contrast(Color a, Color b);

/// Black or white, whichever reads better on `ground`.
Color readable_on(Color ground);

}  // namespace tconv
