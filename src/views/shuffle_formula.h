#pragma once
// Where the number of one cell comes from, as a formula: in letters, with the cell's numbers put in, and the result.

#include "figure/layout.h"
#include "views/shuffle_scene.h"

namespace tconv {

/// A line as pieces between which it may break.
struct FormulaLine {
  std::vector<std::vector<Span>> pieces;

  std::string text() const;
};

/// out[…] = in[…] for the cell that the cursor is about; what comes out has the output's colour, what goes in the
/// input's, r the kernel's.
std::vector<FormulaLine> shuffle_formula(const Theme& theme, const ShuffleScene& scene);

/// The lines from `at` (first baseline) in at most `width`, in the largest type from 15 down that needs no breaks, else
/// broken; returns the y below.
double add_formula(Figure& figure, const ViewInput& in, Point at, double width, const std::vector<FormulaLine>& lines);

}  // namespace tconv
