#pragma once
// Small helpers that views place their shapes with.

#include <span>
#include <string>
#include <vector>

#include "figure/figure.h"

namespace tconv {

/// A piece of a line of words.
struct Span {
  std::string text;
  Color color;
  Font font = Font::regular;
};

/// Sets the pieces one after the other from `at` (baseline); returns the x where the line ends.
double add_spans(Figure& figure, const TextMetrics& text, Point at, double size, const std::vector<Span>& spans);

/// Sets `words` as wrapped lines from `at` (first baseline); returns the y below the last line.
double add_paragraph(Figure& figure, const TextMetrics& text, Point at, double width, const TextShape& style,
                     std::string_view words);

/// A grid of equal square cells with gaps, as large as fits into `room`, its top left corner at the room's.
struct GridLayout {
  Point origin;
  double cell = 0;  ///< side of a cell
  double gap = 0;   ///< between two cells
  std::int64_t rows = 0;
  std::int64_t cols = 0;

  Rect cell_rect(std::int64_t row, std::int64_t col) const {
    return {origin.x + static_cast<double>(col) * (cell + gap), origin.y + static_cast<double>(row) * (cell + gap),
            cell, cell};
  }
  double width() const { return static_cast<double>(cols) * (cell + gap) - gap; }
  double height() const { return static_cast<double>(rows) * (cell + gap) - gap; }
  Rect rect() const { return {origin.x, origin.y, width(), height()}; }
};

/// `gap_ratio`: gap as a part of a cell's side. Cells are whole points, so that lines stay crisp, unless that would
/// make them vanish; small ones touch.
GridLayout fit_grid(const Rect& room, std::int64_t rows, std::int64_t cols, double largest_cell,
                    double gap_ratio = 0.09);

/// One line of words in `room` points: in the largest size of the type scale from `size` down to 9 at which they fit,
/// cut with an ellipsis if none does.
struct FittedText {
  std::string text;
  double size;
};
FittedText fit_text(const TextMetrics& metrics, Font font, double size, std::string_view words, double room);

/// A number as short as it can be: up to `digits` significant digits, no trailing zeros, "−" as minus sign.
std::string number_text(double value, int digits = 4);

/// The size from the fixed scale of type sizes (see `type_sizes`) that is nearest to `wanted` and not above it; the
/// window rasterizes glyphs at these sizes, so that text stays crisp.
double snapped_type_size(double wanted);
std::span<const double> type_sizes();

}  // namespace tconv
