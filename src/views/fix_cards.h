#pragma once
// A flat input through the layer and through every fix, with what each fix changes.

#include "views/view.h"

namespace tconv {

/// Cards as wide as `width` allows, from `at`; returns the y below. Needs Results::ways.
double add_fix_cards(Figure& figure, const ViewInput& in, Point at, double width);

}  // namespace tconv
