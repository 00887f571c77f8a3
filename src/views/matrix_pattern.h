#pragma once
// Where the entries of a layer's matrix are, and their pattern as pixels where cells would be too small to be drawn.

#include <vector>

#include "compute/matrix_summary.h"
#include "views/view.h"

namespace tconv {

/// Which product is drawn: y = Cᵀ·x (rows are output cells), or C·y (rows are input cells).
enum class MatrixSide { transposed, forward };

/// The cell that a row or a column of C belongs to.
CellIndex matrix_input(const LayerSpec& layer, std::int64_t batch, std::int64_t row);
CellIndex matrix_output(const LayerSpec& layer, std::int64_t batch, std::int64_t col);
/// The inverse, whatever the sample.
std::int64_t matrix_row(const LayerSpec& layer, CellIndex input);
std::int64_t matrix_column(const LayerSpec& layer, CellIndex output);

/// The multiplication at an entry of C; nothing where C has none.
Tag entry_tag(const LayerSpec& layer, std::int64_t batch, std::int64_t row, std::int64_t col);

/// C or its transpose in width × height pixels. A pixel with an entry in it is `weak` … `strong` by the largest weight
/// magnitude of those; one without is transparent.
struct PatternColors {
  Color weak, strong;
};
PatternColors pattern_colors(const Theme& theme);
std::shared_ptr<const Raster> pattern_raster(const MatrixPattern& c, MatrixSide side, int width, int height,
                                             const PatternColors& colors);

/// A vector as a line of `length` pixels (a column with `downwards`), each as strong as the largest magnitude in it.
std::shared_ptr<const Raster> strip_raster(std::span<const float> values, bool downwards, int length,
                                           const PatternColors& colors);

/// Draws the pattern into `rect`, with the entries that share a multiplication with the cursor marked. Where a point
/// holds several cells, its tag is the entry under it, or the first one that lies in the point.
void add_matrix_pattern(Figure& figure, const ViewInput& in, const Rect& rect, MatrixSide side);

/// Of the shown sample's multiplications that the cursor is about: entries of C (row, column). Empty when there are too
/// many to mark.
struct MatrixEntry {
  std::int64_t row, col;
};
std::vector<MatrixEntry> entries_under_cursor(const ViewInput& in);

/// Marks for cells too small for frames of their own, `place(i)` each; places that fall on one point are marked once.
void add_marks(Figure& figure, const std::vector<Rect>& places, Color color);

}  // namespace tconv
