#include "core/test_pictures.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace tconv {
namespace {

using std::int64_t;
using Rgb = std::array<double, 3>;

constexpr double two_pi = 2 * std::numbers::pi;

Rgb grey(double value) { return {value, value, value}; }

Rgb mixed(const Rgb& a, const Rgb& b, double part) {
  Rgb result{};
  for (std::size_t i = 0; i < 3; ++i) result[i] = a[i] + (b[i] - a[i]) * part;
  return result;
}

Rgb scaled(const Rgb& color, double by) { return {color[0] * by, color[1] * by, color[2] * by}; }

bool within(double value, double low, double high) { return value >= low && value < high; }

double wave(double turns) { return std::sin(two_pi * turns); }

Rgb card(double x, double y, double depth) {
  constexpr double patch = 0.23;  // side of the corners' squares
  if (x < patch && y < patch) return grey(0.12);
  if (x >= 1 - patch && y < patch) {
    const double q = (x - (1 - patch)) / patch;
    return grey(0.5 + 0.42 * wave(3 * q + 4 * q * q));  // up to 48 periods over the card's width
  }
  if (x < patch && y >= 1 - patch) {
    const auto square = [](double place) { return static_cast<int>(place / patch * 6); };
    return grey((square(x) + square(1 - y)) % 2 == 0 ? 0.12 : 0.92);
  }
  if (x >= 1 - patch && y >= 1 - patch) {
    constexpr std::array<Rgb, 3> lights{Rgb{0.95, 0.88, 0.80}, Rgb{0.85, 0.93, 0.88}, Rgb{0.88, 0.88, 0.97}};
    const auto bar = static_cast<std::size_t>((x - (1 - patch)) / patch * 5);
    return bar % 2 == 1 ? grey(0.13) : lights[std::min<std::size_t>(2, bar / 2)];
  }
  if (std::abs(x - 0.5) < 0.018 || std::abs(y - 0.5) < 0.018) return grey(0.95);
  const double radius = std::hypot(x - 0.5, y - 0.5);
  if (radius < 0.335) return scaled({1, 0.985, 0.955}, 0.5 + 0.42 * std::cos(two_pi * (radius / 0.084 - depth)));
  const double ground = 0.28 + 0.26 * x + 0.26 * (1 - y);
  return {ground * 0.97, ground, ground * 1.05};
}

/// −1 … 1, smooth, changing over a distance of 1.
double noise(double x, double y) {
  const auto corner = [](double cx, double cy) {
    auto bits = static_cast<std::uint32_t>(static_cast<int>(cx)) * 0x9e3779b1U +
                static_cast<std::uint32_t>(static_cast<int>(cy)) * 0x85ebca77U;
    bits = (bits ^ (bits >> 15U)) * 0x2c1b3c6dU;
    bits = (bits ^ (bits >> 12U)) * 0x297a2d39U;
    bits ^= bits >> 15U;
    return static_cast<double>(bits) / 2147483648.0 - 1;
  };
  const double cx = std::floor(x);
  const double cy = std::floor(y);
  const auto smooth = [](double part) { return part * part * (3 - 2 * part); };
  const double sx = smooth(x - cx);
  const double sy = smooth(y - cy);
  const double top = corner(cx, cy) + (corner(cx + 1, cy) - corner(cx, cy)) * sx;
  const double bottom = corner(cx, cy + 1) + (corner(cx + 1, cy + 1) - corner(cx, cy + 1)) * sx;
  return top + (bottom - top) * sy;
}

Rgb sky(double x, double y, double depth) {
  Rgb color = mixed({0.30, 0.52, 0.82}, {0.86, 0.90, 0.92}, std::clamp(y / 0.58, 0.0, 1.0));
  const double cloud = noise(x * 5 + depth, y * 11) + 0.5 * noise(x * 11 + 2 * depth, y * 23);
  color = mixed(color, {0.97, 0.97, 0.96}, std::clamp(cloud - 0.1, 0.0, 0.7) * std::clamp(1.2 - 2.2 * y, 0.0, 1.0));
  const double sun = std::hypot(x - (0.76 - 0.4 * depth), y - 0.19);
  if (sun < 0.072) return {1.0, 0.96, 0.78};
  return mixed(color, {1.0, 0.95, 0.80}, 0.55 * std::exp(-(sun - 0.072) / 0.06));
}

bool is_tree(double x, double y, double& shade) {
  const double crown = std::hypot((x - 0.63) * 1.1, y - 0.53) + 0.018 * noise(x * 30, y * 30);
  if (crown < 0.105) {
    shade = 1 + 0.45 * noise(x * 58, y * 58) + 0.5 * (0.53 - y) / 0.1 * 0.5;
    return true;
  }
  const double top = y - 0.50;  // a conifer in three storeys
  if (within(top, 0, 0.24)) {
    const double storey = std::fmod(top, 0.08) + 0.4 * top;
    if (std::abs(x - 0.87) < 0.42 * storey) {
      shade = 0.8 + 0.3 * noise(x * 70, y * 50);
      return true;
    }
  }
  return false;
}

/// The house, if the place lies on it.
std::optional<Rgb> house(double x, double y) {
  if (within(x, 0.385, 0.42) && within(y, 0.43, 0.53)) return Rgb{0.45, 0.26, 0.22};  // the chimney
  const double slope = std::abs(x - 0.32);
  if (within(y, 0.44, 0.575) && slope < (y - 0.44) * 1.0 + 0.01) {
    const bool joint = std::fmod(y - 0.44, 0.0225) < 0.006;
    return joint ? Rgb{0.42, 0.15, 0.12} : Rgb{0.68, 0.28, 0.21};
  }
  if (!within(x, 0.215, 0.425) || !within(y, 0.575, 0.76)) return std::nullopt;
  if (within(x, 0.245, 0.305) && within(y, 0.61, 0.68)) {
    const bool bar = std::abs(x - 0.275) < 0.005 || std::abs(y - 0.645) < 0.005;
    return bar ? Rgb{0.95, 0.94, 0.90} : Rgb{0.16, 0.20, 0.28};
  }
  if (within(x, 0.345, 0.39) && y >= 0.64) return Rgb{0.36, 0.20, 0.12};
  return scaled({0.90, 0.85, 0.74}, 1 + 0.02 * noise(x * 80, y * 80));
}

Rgb landscape(double x, double y, double depth) {
  if (x >= 0.46 && within(y, 0.84, 0.955)) {
    const bool picket = std::fmod(x - 0.46, 0.045) < 0.018;
    if (picket || within(y, 0.865, 0.882) || within(y, 0.915, 0.932)) return {0.93, 0.92, 0.88};
  }
  if (const auto wall = house(x, y)) return *wall;
  double shade = 1;
  if (is_tree(x, y, shade)) return scaled({0.20, 0.40, 0.17}, shade);
  if (within(y, 0.60, 0.80) && (std::abs(x - 0.63) < 0.012 || (std::abs(x - 0.87) < 0.010 && y >= 0.72))) {
    return {0.30, 0.21, 0.15};
  }
  const double near = 0.715 + 0.035 * wave(0.9 * x + 0.55) + 0.012 * wave(2.7 * x);
  if (y >= near) {
    const double grass = 0.20 * noise(x * 64, y * 90) + 0.12 * noise(x * 21, y * 33);
    return scaled({0.40, 0.56, 0.24}, 0.82 + grass + 0.35 * (y - near));
  }
  const double far = 0.53 + 0.05 * wave(1.3 * x + 0.12) + 0.02 * wave(3.1 * x + 0.4);
  if (y >= far) return scaled({0.45, 0.56, 0.62}, 0.92 + 0.06 * noise(x * 26, y * 40) + 0.3 * (y - far));
  return sky(x, y, depth);
}

/// How many places of a cell are looked at, along an axis of so many cells.
int64_t places_per_cell(int64_t cells, int dims) {
  if (cells > 2048) return 1;
  return std::clamp<int64_t>((512 + cells - 1) / cells, 2, dims == 3 ? 3 : 8);
}

double luma(const Rgb& color) { return 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2]; }

}  // namespace

std::optional<TestPicture> test_picture_of(std::string_view pattern_id) {
  if (pattern_id == "test-card") return TestPicture::card;
  if (pattern_id == "landscape") return TestPicture::landscape;
  return std::nullopt;
}

std::array<double, 3> test_picture_color(TestPicture picture, double right, double down, double depth) {
  Rgb color = picture == TestPicture::card ? card(right, down, depth) : landscape(right, down, depth);
  for (double& part : color) part = std::clamp(part, 0.0, 1.0);
  return color;
}

Tensor make_test_picture(TestPicture picture, const Shape& shape) {
  const int dims = shape.rank() - 2;
  const int64_t cols = shape[shape.rank() - 1];
  const int64_t rows = dims >= 2 ? shape[shape.rank() - 2] : 1;
  const int64_t slices = dims >= 3 ? shape[2] : 1;
  const int64_t across = places_per_cell(cols, dims);
  const int64_t along = dims >= 2 ? places_per_cell(rows, dims) : 1;
  const auto place = [](int64_t cell, int64_t part, int64_t parts, int64_t cells) {
    return (static_cast<double>(cell) + (static_cast<double>(part) + 0.5) / static_cast<double>(parts)) /
           static_cast<double>(cells);
  };
  const auto cell_color = [&](int64_t slice, int64_t row, int64_t col) {
    const double depth = dims >= 3 ? place(slice, 0, 1, slices) : 0;
    Rgb sum{};
    for (int64_t v = 0; v < along; ++v) {
      for (int64_t u = 0; u < across; ++u) {
        const double x = place(col, u, across, cols);
        const double y = dims >= 2 ? place(row, v, along, rows) : picture == TestPicture::card ? x : 0.63;
        const Rgb one = test_picture_color(picture, x, y, depth);
        for (std::size_t i = 0; i < 3; ++i) sum[i] += one[i];
      }
    }
    return scaled(sum, 1 / static_cast<double>(across * along));
  };

  const int64_t plane = slices * rows * cols;
  const bool colours = shape[1] == 3;
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  if (values.empty()) return {shape, std::move(values)};
  for (int64_t cell = 0; cell < plane; ++cell) {
    const Rgb color = cell_color(cell / (rows * cols), cell / cols % rows, cell % cols);
    for (int64_t c = 0; c < std::min<int64_t>(3, shape[1]); ++c) {
      values[static_cast<std::size_t>(c * plane + cell)] =
          static_cast<float>(colours ? color[static_cast<std::size_t>(c)] : luma(color));
    }
  }
  // Every other sample or channel is the same.
  const int64_t made = plane * (colours ? 3 : 1);
  for (auto at = static_cast<int64_t>(colours ? 3 : 1) * plane; at < shape.elements(); at += made) {
    std::copy_n(values.begin(), made, values.begin() + at);
  }
  return {shape, std::move(values)};
}

}  // namespace tconv
