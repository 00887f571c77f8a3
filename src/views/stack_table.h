#pragma once
// The layers of a stack as rows of a table, or as cards where the page is narrow.

#include <optional>

#include "views/stack_scene.h"

namespace tconv {

/// One row a layer: name, numbers, size, channels, cost, paths, most : least, drift. Clicking a transposed convolution
/// makes it the layer of all views. Returns the y below.
double add_stack_table(Figure& figure, const ViewInput& in, const StackScene& scene, Point at, double width);

/// A layer of a stack as a document's layer: one channel, and at most 32 cells (3D: 8) along each axis. Empty where it
/// is no transposed convolution or not legal that way.
std::optional<LayerSpec> layer_to_show(const StackLayer& layer);

}  // namespace tconv
