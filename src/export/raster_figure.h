#pragma once
// A figure drawn into pixels in memory: what previews, the clipboard and animations are made of.

#include <memory>

#include "figure/color_map.h"
#include "figure/figure.h"

namespace tconv {

/// The figure as pixels, straight RGBA. Throws std::runtime_error with one line when it is too large.
/// Callable from several threads at once, each with a `text` of its own; the same figure gives the same pixels.
std::shared_ptr<const Raster> raster_of(const Figure& figure, const TextMetrics& text, double pixels_per_point);

}  // namespace tconv
