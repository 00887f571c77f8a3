#pragma once
// The cards of the Compare view: one upsampler each.

#include "views/compare_scene.h"

namespace tconv {

/// What the small picture of a card is: ViewChoice{"compare/picture", "spectrum" or "difference"}.
inline constexpr std::string_view compare_picture_choice = "compare/picture";

/// A card for every upsampler and one for what they are measured by, in as many columns as fit; returns the y below.
double add_compare_cards(Figure& figure, const CompareScene& scene, Point at, double width);

}  // namespace tconv
