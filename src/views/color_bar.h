#pragma once
// What the colours of a heat map mean: a strip with ticks, and chips for what has a colour of its own.

#include <string>

#include "figure/color_scale.h"
#include "views/view.h"

namespace tconv {

/// A lying bar, `width` points wide, with `unit` before it and chips below it for what occurs; returns the y below.
/// Nothing, and `at.y`, when bars are switched off.
double add_color_bar(Figure& figure, const ViewInput& in, Point at, double width, const ColorScale& scale,
                     const std::string& unit = "");

/// A standing bar in `place`: the strip as high as the chips below it leave, ticks at its right.
inline constexpr double color_column_width = 78;
inline constexpr double color_column_gap = 12;  ///< between it and the map
/// Returns whether there was room for it.
bool add_color_column(Figure& figure, const ViewInput& in, const Rect& place, const ColorScale& scale);

/// The part of `room` that leaves space for a standing bar at its right; all of it when bars are off, or when it is too
/// small for one.
Rect room_beside_bar(const ViewInput& in, const Rect& room);
/// Whether a standing bar fits at the right of a map.
bool fits_beside(const ViewInput& in, const Rect& map, const Rect& room, const ColorScale& scale);
/// The standing bar at the right of a map that was drawn in that part; false where it does not fit.
bool add_bar_beside(Figure& figure, const ViewInput& in, const Rect& map, const Rect& room, const ColorScale& scale);

/// The strip alone, its low end at the left or at the bottom.
void add_color_strip(Figure& figure, const ViewInput& in, const Rect& place, const ColorMap& map,
                     bool constant = false);

}  // namespace tconv
