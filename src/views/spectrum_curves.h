#pragma once
// The curves of the Spectrum view, one above the other: what zero insertion makes of the input's spectrum, what the
// kernel passes, what comes out.

#include "views/spectrum_scene.h"

namespace tconv {

/// Draws them from `at` on, `width` points wide; returns the y below.
double add_spectrum_curves(Figure& figure, const SpectrumScene& scene, Point at, double width);

/// The output's log spectrum of a 1D layer as a curve; returns the y below.
double add_output_line(Figure& figure, const SpectrumScene& scene, Point at, double width);

}  // namespace tconv
