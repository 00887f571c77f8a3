#pragma once
// The sparse matrix of a layer as a picture: cells while they can be told apart, else the pattern as pixels.

#include "figure/layout.h"
#include "views/matrix_pattern.h"
#include "views/view.h"

namespace tconv {

/// Where the vectors beside a matrix lie: along its rows or its columns.
enum class Along { rows, columns };

/// Draws matrices and vectors of a layer; the results with the other ways must be there, and the matrix with them.
class MatrixMaps {
 public:
  MatrixMaps(const ViewInput& in, Figure& figure);

  /// The largest cells that fit, and the rectangle that the matrix then takes at the top left of `room`.
  Rect fitted(const Rect& room, MatrixSide side) const;
  /// Draws the matrix into `rect` (as `fitted` gave it), with the column of Cᵀ that this step adds and the rows and
  /// columns that the cursor is about in frames.
  void draw_matrix(const Rect& rect, MatrixSide side);
  /// Frames the row of Cᵀ that makes an output cell.
  void frame_row(const Rect& rect, const CellIndex& output);

  /// A vector beside a matrix in `rect`: one cell for each number, in a strip of the given thickness that starts at
  /// `at` across; `tagged`: the cells are those of the input (or output) itself and not of another vector like it.
  struct Strip {
    Along along;
    double at, thickness;
    std::span<const float> values;
    bool tagged = true;
  };
  void draw_input_strip(const Rect& rect, const Strip& strip);
  void draw_output_strip(const Rect& rect, const Strip& strip);
  /// Of the part of `rect` that a vector of inputs takes beside Cᵀ, when its cells are no higher than they need be.
  Rect input_column(const Rect& rect) const;

  // Per sample, flattened as the matrix has them.
  std::span<const float> x() const;
  std::span<const float> y() const;  ///< as far as it is painted
  std::int64_t inputs() const { return matrix_.rows(); }
  std::int64_t outputs() const { return matrix_.cols(); }

  /// "36 non-zeros (56 %)", or of a kernel with zeros in it "36 taps (56 %), 20 of them not 0".
  std::string entries_text() const;
  /// "Every input cell paints 9 output cells; an output cell has 1 to 4 products."
  std::string count_text() const;
  /// What the cursor is about, else what this step does, as a row or a column of Cᵀ.
  std::string cursor_text() const;

  /// ⟨C·u, x⟩ and ⟨u, Cᵀ·x⟩ for u = y, in float64.
  struct Adjoint {
    std::vector<float> cu;  ///< C·u
    double down, up;        ///< the two
    double scale;           ///< what their rounding is measured by: |C·u| |x|, which neither exceeds
  };
  Adjoint adjoint() const;

 private:
  bool drawn_as_cells(const Rect& rect, MatrixSide side) const;
  void draw_cells(const Rect& rect, MatrixSide side);
  void draw_bands(const Rect& rect, bool transposed);
  void draw_band(const Rect& rect, bool row, std::int64_t index, std::int64_t count, Color color);
  void draw_strip(const Rect& rect, const Strip& strip, bool inputs);
  void draw_strip_image(const Rect& place, const Strip& strip, bool inputs);

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const SparseMatrix& matrix_;
};

/// "difference 0", or with a remark on rounding, in the colour that says whether the two agree.
Span difference_span(const Theme& theme, const MatrixMaps::Adjoint& adjoint);

/// "The matrix of this layer would have 5,100,051 non-zeros …": when there is none.
std::string too_large_text(const LayerSpec& layer);

/// Cᵀ with x, the focused row as a sum and the adjoint identity: a card of the Linked view.
void add_matrix_panel(Figure& figure, const ViewInput& in, const Rect& room);

}  // namespace tconv
