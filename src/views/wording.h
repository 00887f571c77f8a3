#pragma once
// Words and shapes that several views share.

#include <string>
#include <vector>

#include "figure/layout.h"
#include "views/view.h"

namespace tconv {

/// "(1, 0)": the spatial part of an index, as many numbers as the layer has axes.
std::string place_text(const LayerSpec& layer, const std::array<std::int64_t, 3>& at);

/// What a page leaves free at its sides.
constexpr double page_margin(double width) { return width < 600 ? 24 : 40; }

/// "4 × 4" of a shape's spatial part.
std::string spatial_text(const Shape& shape);

/// "65,536".
std::string grouped_text(std::int64_t number);

/// "axis", "height", "width", "depth": what axis `index` of a layer is called.
std::string_view axis_name(const LayerSpec& layer, int index);

/// What the timeline says about a frame: "Step 3 of 4 — input (1, 0) = 3 paints output[1:4, 0:3]".
std::string step_text(const Scenario& scenario, const Frame& frame);

/// "output (2, 2) = 1·1 + 2·0 + 3·0 + 4·1 = 5": the whole sum of a cell; a long one is cut in its middle.
std::string sum_text(const ViewInput& in, const CellIndex& output);

/// The output cell that the inspector explains: the one under the cursor or that a product under it adds to, else one
/// near the middle of the current stamp, at the first and last step near the middle of the output.
CellIndex focused_output(const ViewInput& in);

/// One piece of the size formula.
struct Term {
  std::string symbols;              ///< "(I-1)·S"
  std::string numbers;              ///< "(4-1)·2"
  std::string sign;                 ///< "", "+ " or "- "
  std::int64_t value;               ///< 6, with the sign in it
  std::vector<std::string> fields;  ///< the fields that it depends on
  std::string meaning;              ///< in words
};
std::vector<Term> size_formula(const AxisSpec& axis);
bool is_active(const Term& term, const Interaction& interaction);

/// Underlined words that can be clicked; returns the x where they end.
double add_link(Figure& figure, const TextMetrics& text, Point at, double size, const std::string& words, Color color,
                const Tag& tag);

inline constexpr double chip_height = 26;

/// A round button that is on or off, such as a ViewOption's or a ViewChoice's, its top left corner at `at`, at most
/// `width` wide; returns the x where it ends.
double add_chip(Figure& figure, const ViewInput& in, Point at, double width, const std::string& label, bool on,
                const Tag& tag);

/// Chips one after the other from `at`, in as many lines as `width` needs; returns the y below them. Where nobody can
/// click, only those that are on.
struct ViewChip {
  std::string label;
  bool on = false;
  Tag tag;
};
double add_chips(Figure& figure, const ViewInput& in, Point at, double width, const std::vector<ViewChip>& chips);

/// The page of a view that has no result to show (an illegal layer, with its problems; or none computed yet); false
/// when there is one, and nothing is drawn. `with_ways`: also while the other ways' results are missing.
bool add_no_result_page(Figure& figure, const ViewInput& in, bool with_ways = false);

/// "channel 1 of 3 · slice 0 of 2", empty for a layer with one plane: which part of a map is shown.
std::string part_text(const LayerSpec& layer, std::int64_t channel, std::int64_t channels, std::int64_t slice,
                      std::int64_t slices);

/// Every problem of an illegal layer with a way to mend it, as lines from `at`; returns the y below.
double add_problems(Figure& figure, const ViewInput& in, Point at, double width);

}  // namespace tconv
