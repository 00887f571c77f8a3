#pragma once
// Draws figures with cairo: what the formats made with it share.

#include <cairo.h>

#include <algorithm>
#include <cmath>

#include "figure/figure.h"

namespace tconv {

/// Draws `figure` in points, its top left corner at the origin of `target`, whose scale the caller has set. On pixels
/// (an image surface) words are filled outlines on whole baselines, elsewhere glyphs of the built-in fonts.
/// Throws std::runtime_error with one line when cairo cannot go on.
void paint(cairo_t* target, const Figure& figure, const TextMetrics& text);

/// The largest picture: pixels a side, which is cairo's limit, and in all.
inline constexpr double max_side = 32767;
inline constexpr double max_pixels = 400e6;

/// Of a side. A pixel that is begun is drawn, but rounding of size · scale begins none.
inline double pixels_along(double points, double scale) { return std::max(1.0, std::ceil(points * scale - 1e-6)); }

/// Throws std::runtime_error, "<what>: <cairo's words>", unless all is well.
void check_cairo(cairo_status_t status, const char* what);

}  // namespace tconv
