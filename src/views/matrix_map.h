#pragma once
// The sparse matrix of a layer as a picture: cells while they can be told apart, else the pattern as pixels.

#include "core/transpose_matrix.h"
#include "views/view.h"

namespace tconv {

/// Which product is drawn: y = Cᵀ·x (rows are output cells), or C·y (rows are input cells).
enum class MatrixSide { transposed, forward };

/// Draws matrices and vectors of a layer; the results with the other ways must be there.
class MatrixMaps {
 public:
  MatrixMaps(const ViewInput& in, Figure& figure);

  /// The largest cells that fit, and the rectangle that the matrix then takes at the top left of `room`.
  Rect fitted(const Rect& room, MatrixSide side) const;
  /// Draws the matrix into `rect` (as `fitted` gave it).
  void draw_matrix(const Rect& rect, MatrixSide side);
  /// A vector along the rows or columns of `rect`: one cell for each, in a strip of the given thickness whose left or
  /// top edge is at `at`.
  void draw_input_strip(const Rect& rect, bool along_rows, double at, double thickness, std::span<const float> values,
                        bool tagged);
  void draw_output_strip(const Rect& rect, bool along_rows, double at, double thickness, std::span<const float> values,
                         bool tagged);

  // Per sample, flattened as the matrix has them.
  std::span<const float> x() const;
  std::span<const float> y() const;
  std::int64_t inputs() const { return matrix_.rows(); }
  std::int64_t outputs() const { return matrix_.cols(); }

  /// "Cᵀ 16 × 4 · 36 non-zeros of 64 (56 %)".
  std::string shape_text() const;
  /// "9 per input cell, 1 to 4 per output cell".
  std::string count_text() const;
  /// "⟨C u, x⟩ = 35 = ⟨u, Cᵀ x⟩, difference 0" with u = y.
  std::string adjoint_text() const;

 private:
  CellIndex input_cell(std::int64_t row) const;
  CellIndex output_cell(std::int64_t col) const;
  void draw_cells(const Rect& rect, MatrixSide side);
  void draw_pattern(const Rect& rect, MatrixSide side);
  void draw_band(const Rect& rect, bool row, std::int64_t index, std::int64_t count, Color color);
  void draw_strip(const Rect& rect, bool along_rows, double at, double thickness, std::span<const float> values,
                  bool inputs, bool tagged);

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const SparseMatrix& matrix_;
};

/// Cᵀ with x, the focused row as a sum and the adjoint identity: a card of the Linked view.
void add_matrix_panel(Figure& figure, const ViewInput& in, const Rect& room);

}  // namespace tconv
