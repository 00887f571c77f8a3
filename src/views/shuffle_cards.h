#pragma once
// Below the two sides of a pixel shuffle: how its filters start, and what other ways to the same size cost.

#include "views/shuffle_scene.h"

namespace tconv {

/// What a flat input becomes with filters that start at random or equal, and the choice between the two; returns the y
/// below.
double add_filter_start(Figure& figure, const ViewInput& in, const ShuffleScene& scene, Point at, double width);

/// Weights and multiplications of the layer, of nearest + conv K3 and of conv K3 + shuffle; returns the y below.
double add_three_ways(Figure& figure, const ViewInput& in, Point at, double width);

}  // namespace tconv
