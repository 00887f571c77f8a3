#pragma once
// The planes of the Spectrum view: |H| and the output's spectrum in two dimensions, and the gains of the phases.

#include "views/spectrum_scene.h"

namespace tconv {

/// The lowest level that has a colour of its own, in decibels; the same in every map, so that they can be compared.
inline constexpr double shown_levels = -60;

/// Which output that is and what part of it, as a title's rest: "|Y| of channel 1, its middle 1024 × 1024 cells".
std::string output_spectrum_remark(const SpectrumScene& scene);
/// Why there is no spectrum of the output to be drawn; empty when there is one.
std::string missing_spectrum(const SpectrumScene& scene);

/// |H| over both frequencies of the plane on show, DC in the middle; empty when there is nothing to draw of the kernel.
NumberPlane kernel_response(const SpectrumScene& scene);

/// |H| and the output's spectrum, beside each other where `width` allows and one above the other where not (or when
/// `stacked`), with rings at the images, and the colours' legend; returns the y below.
double add_spectrum_maps(Figure& figure, const SpectrumScene& scene, Point at, double width, bool stacked);

/// The sums of the taps of each phase; returns the y below.
double add_phase_gains(Figure& figure, const SpectrumScene& scene, Point at, double width);

}  // namespace tconv
