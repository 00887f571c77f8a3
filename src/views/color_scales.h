#pragma once
// The document's colours for a view's numbers: every heat map gets its scale here, so that map, scale, clamp and lock
// hold in all of them.
//
// What keeps a scale of its own, and takes the map alone: pictures (three channels, or compared test pictures), spectra
// (decibels, always −60 to 0, so that layers can be compared), and the small pictures that show each pattern in parts
// of its own largest number (every K and S, the fixes, the decoder stack's patterns). A lock in the unit of another map
// or a logarithm of a part would say nothing there.

#include "figure/color_scale.h"
#include "views/view.h"

namespace tconv {

/// The document's colour map; viridis if there is none of that name.
const ColorMap& shown_color_map(const Document& document);

/// The scale of `data`.
ColorScale scale_for(const ViewInput& in, const ColorData& data);
/// Of one map.
ColorScale scale_for(const ViewInput& in, std::span<const float> values);
/// Of counts: it begins at 0.
ColorScale count_scale_for(const ViewInput& in, std::span<const float> counts);

}  // namespace tconv
