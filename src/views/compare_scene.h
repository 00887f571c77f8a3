#pragma once
// What the cards of the Compare view share: which plane, which part of it, which colours.

#include <optional>
#include <vector>

#include "figure/color_scale.h"
#include "views/view.h"

namespace tconv {

/// The comparison that an interaction asks for: ViewChoice "compare/input", ViewOption "compare/shrink".
ComparisonChoice compared_choice(const Interaction& interaction);

struct CompareScene {
  const ViewInput& in;
  const Comparison& comparison;
  std::int64_t rows;  ///< of the outputs' plane; 1 of a 1D layer
  std::int64_t cols;
  std::int64_t slice;  ///< of the outputs: the middle one
  Rect window;         ///< the cells that the viewport shows: x, w in columns; y, h in rows
  Point focus;         ///< the middle of the cell under the cursor, or of the window: in columns and rows
  bool hovered;        ///< whether a cell lies under the cursor
  const ColorMap& map;
  /// Of numbers; empty for pictures, whose black and white are the comparison's whatever the document says.
  std::optional<ColorScale> scale;

  CompareScene(const ViewInput& input, const Comparison& of);

  /// What the outputs and their measure begin and end with.
  ValueRange range() const { return scale ? scale->range() : ValueRange{comparison.low, comparison.high}; }
  bool line() const { return comparison.layer.dims == 1; }
  /// The shown plane of a map of the outputs' channels: three for a colour image, else one.
  std::vector<PlaneView> planes(const Tensor& map_of) const;
  /// Likewise of the small input.
  std::vector<PlaneView> input_planes() const;
  /// Which of the computed channels is shown where it is not all three.
  std::int64_t channel() const;
  /// The row and column of the cell under the cursor, or of the window's middle.
  std::int64_t focus_row() const;
  std::int64_t focus_col() const;
};

}  // namespace tconv
