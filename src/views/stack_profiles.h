#pragma once
// Below each other, on one scale of output pixels: how many paths lead to the cells after each layer.

#include "views/stack_scene.h"

namespace tconv {

/// For each shown depth the profile along the scene's axis, where the footprint of one input cell lies, and at the
/// right the pattern far from the borders over two axes. Returns the y below.
double add_stack_profiles(Figure& figure, const ViewInput& in, const StackScene& scene, Point at, double width);

}  // namespace tconv
