#pragma once
// Spectra of planes by shaders.

#include <cstdint>
#include <span>

#include "core/spectrum.h"
#include "gpu/gl_device.h"

namespace tconv {

/// `log_spectrum` in float32: levels agree within a hundredth of a decibel down to −80, and lower ones are as low.
/// Sides that are powers of two take N log N products a line, others N². Throws BackendError, besides when the device
/// fails, for single rows of more than 1024 cells and for numbers whose transform float32 does not hold: what the
/// processor does as well.
LogSpectrum log_spectrum_on(GlDevice& device, std::span<const float> plane, std::int64_t rows, std::int64_t cols);

}  // namespace tconv
