#pragma once
// A plane of numbers with a title, in the colour of its role: as cells with numbers, as an image when there are many.

#include <functional>
#include <string>

#include "views/cell_map.h"
#include "views/large_map.h"

namespace tconv {

/// Role colours: what a map's cells and title are drawn in.
struct Role {
  Color fill, text;
};
inline Role input_role(const Theme& theme) { return {theme.input, theme.input_text}; }
inline Role kernel_role(const Theme& theme) { return {theme.kernel, theme.kernel_text}; }
inline Role output_role(const Theme& theme) { return {theme.output, theme.output_text}; }

struct ValueMap {
  PlaneView plane;
  Tag first;  ///< of cell (0, 0): InputCell, OutputCell or a gradient's
  Role role;
  double largest = 0;        ///< magnitude that has the full colour; 0: the largest of the plane
  double largest_cell = 72;  ///< side, points
  /// Changes the look of single cells; may be empty. Not called for maps that are drawn as an image.
  std::function<void(std::int64_t row, std::int64_t col, CellLook& look)> adjust{};
  BarPlace bar = BarPlace::beside;  ///< of a map that is drawn as an image
};

/// How large a value is beside the largest of its array, 0 … 1.
double strength(float value, double largest);
double largest_magnitude(std::span<const float> values);

/// Whether a plane is drawn as an image: more than `largest_cell_grid` cells on a side.
bool too_many_cells(const PlaneView& plane);

/// A map's title on a line whose baseline is 12 points above `room`: the name in the role's colour, the rest muted,
/// shortened to what fits.
void add_map_title(Figure& figure, const ViewInput& in, const Rect& room, Color color, const std::string& name,
                   const std::string& rest);

/// Draws the map as large as fits at the top left of `room`; returns where it is, with the colour bar of an image.
Rect add_value_map(Figure& figure, const ViewInput& in, const Rect& room, const ValueMap& map);

}  // namespace tconv
