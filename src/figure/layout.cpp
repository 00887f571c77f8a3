#include "figure/layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace tconv {

double add_spans(Figure& figure, const TextMetrics& text, Point at, double size, const std::vector<Span>& spans) {
  for (const Span& span : spans) {
    figure.add(TextShape{.at = at, .text = span.text, .font = span.font, .size = size, .color = span.color});
    at.x += text.width(span.font, size, span.text);
  }
  return at.x;
}

double add_paragraph(Figure& figure, const TextMetrics& text, Point at, double width, const TextShape& style,
                     std::string_view words) {
  const double step = std::round(style.size * 1.5);
  for (const std::string& line : text.wrap(style.font, style.size, words, width)) {
    TextShape shape = style;
    shape.at = at;
    shape.text = line;
    figure.add(std::move(shape));
    at.y += step;
  }
  return at.y;
}

namespace {
constexpr double least_with_gap = 12;  // points from one cell to the next
}

GridLayout fit_grid(const Rect& room, std::int64_t rows, std::int64_t cols, double largest_cell, double gap_ratio) {
  const auto r = static_cast<double>(rows);
  const auto c = static_cast<double>(cols);
  double cell = std::min(room.w / (c + (c - 1) * gap_ratio), room.h / (r + (r - 1) * gap_ratio));
  cell = std::min(cell, largest_cell);
  if (cell >= 4) cell = std::floor(cell);
  double gap = cell * gap_ratio;
  if (cell >= 4) gap = std::max(1.0, std::floor(gap));
  // A gap that was rounded up takes its room from many small cells.
  const auto too_large = [&] { return c * (cell + gap) - gap > room.w || r * (cell + gap) - gap > room.h; };
  if (too_large()) cell = std::floor(std::min((room.w + gap) / c, (room.h + gap) / r)) - gap;
  if (cell + gap < least_with_gap) {
    // Many thin lines on pixels of another pitch would draw a pattern of their own.
    gap = 0;
    cell = std::min({room.w / c, room.h / r, largest_cell});
    if (cell >= 2) cell = std::floor(cell);
  }
  return {{room.x, room.y}, cell, gap, rows, cols};
}

std::string number_text(double value, int digits) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "−∞" : "∞";
  if (value == 0) return "0";
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, value);
  std::string text = buffer.data();
  const auto exponent = text.find("e+0");
  if (exponent != std::string::npos) text.replace(exponent, 3, "e");
  if (text[0] == '-') text.replace(0, 1, "−");
  return text;
}

namespace {

constexpr std::array sizes{9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 17.0, 20.0, 24.0, 30.0};

}  // namespace

std::span<const double> type_sizes() { return sizes; }

FittedText fit_text(const TextMetrics& metrics, Font font, double size, std::string_view words, double room) {
  const double widest = std::max(metrics.width(font, 1, words), 0.01);
  const double fitting = snapped_type_size(std::clamp(room / widest, sizes.front(), size));
  return {metrics.fitted(font, fitting, words, room), fitting};
}

double snapped_type_size(double wanted) {
  double best = sizes.front();
  for (const double size : sizes) {
    if (size <= wanted) best = size;
  }
  return best;
}

}  // namespace tconv
