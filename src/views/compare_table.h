#pragma once
// What is measured of the upsamplers, and what one has to know about it.

#include "views/compare_scene.h"

namespace tconv {

/// A line of numbers for every upsampler; where there is no room for columns, a paragraph. Returns the y below.
double add_compare_table(Figure& figure, const CompareScene& scene, Point at, double width);

/// How the numbers were measured, and what the comparison says about itself; returns the y below.
double add_compare_notes(Figure& figure, const CompareScene& scene, Point at, double width);

}  // namespace tconv
