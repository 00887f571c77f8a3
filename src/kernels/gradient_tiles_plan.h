#pragma once
// How the gradient of the input is cut into tiles, and what that costs: the Toom-Cook algorithm transposed. dx is
// linear in g as the output is in x, with the same matrix the other way round, hence also the same factors: each phase
// of g is taken to the points of a tile, multiplied there by the values of its taps, and the products of all phases
// and output channels, added up, are taken back to the tile's input cells.

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/toom_cook_plan.h"

namespace tconv {

/// Every cut of a layer, `layer` being its forward plan; none when it has three axes, or too many taps. Along an axis
/// without points every tap counts as a phase with that one tap, and each cell is a tile; its `start` may then be
/// larger than the stride.
std::vector<ToomCookPlan> gradient_tiles_plans(const LayerPlan& layer);
/// The cheapest.
std::optional<ToomCookPlan> gradient_tiles_plan(const LayerPlan& layer);

/// Products added up one after the other, see ToomCookProducts.
std::int64_t gradient_tiles_chain(const LayerPlan& layer, const ToomCookPlan& plan);

/// Tiles that a thread takes at a time, values: floats that a tile has at all points.
std::int64_t gradient_tiles_together(std::int64_t values);

/// Cycles for values that do not stay in the level 2 cache: they are fetched, written back and read again. `values`: of
/// a tile; `together`: tiles that are there at a time.
double far_values_cycles(double values, double together, double tiles);

/// By plane of points (see ToomCookAxis::rows), row-major: phases of all classes that come to it.
std::vector<int> gradient_tiles_slots(const ToomCookPlan& plan);

}  // namespace tconv
