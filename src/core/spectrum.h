#pragma once
// The layer seen in frequency. Inserting S − 1 zeros between the input's cells squeezes its spectrum S times: besides
// the base band at ω = 0 there are S − 1 images of it, at 2πm/S. The kernel is the filter that has to remove them; what
// it lets through at an image's centre is what a flat input becomes there: the checkerboard.
// Source: Vaidyanathan, "Multirate Systems and Filter Banks" (1993), sections 4.1 and 4.3; Oppenheim & Schafer,
// "Discrete-Time Signal Processing", section 4.6. Angular frequencies ω are in radians per *output* cell, −π ≤ ω < π.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/layer_spec.h"
#include "core/scatter_add.h"
#include "core/tensor.h"

namespace tconv {

/// |H(ω)| of numbers that lie `spacing` cells apart: H(ω) = Σ_k values[k]·e^(−iω·k·spacing). Of a kernel's taps
/// (spacing D) it is the frequency response; of the input's cells (spacing S) the spectrum of the input after zero
/// insertion. Sampled exactly (no window, no interpolation) at ω_j = 2π(j − ⌊points/2⌋)/points, j = 0 … points − 1: DC
/// stands in the middle. `spacing` >= 1, `points` >= 1; quick when `points` has no large prime factor. O(values +
/// points log points), whatever the spacing.
std::vector<double> response(std::span<const double> values, std::int64_t spacing, std::int64_t points);

/// Numbers of two dimensions, row-major.
struct NumberPlane {
  std::vector<double> values;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

/// Likewise in two dimensions: |H(ω_y, ω_x)|, `rows` × `cols` samples with DC at (⌊rows/2⌋, ⌊cols/2⌋).
NumberPlane response(const NumberPlane& taps, std::array<std::int64_t, 2> spacing, std::int64_t rows,
                     std::int64_t cols);

/// What a sample stands for: ω of sample `index` of `points`, and the other way round (not a whole number in general).
double frequency_of(std::int64_t index, std::int64_t points);
double sample_of(double frequency, std::int64_t points);

/// The kernel that joins two channels, summed over all axes but one: its response is H along that axis where the other
/// frequencies are 0. K numbers; zeros for channels of different groups.
std::vector<double> axis_taps(const LayerSpec& layer, const Tensor& weight, std::int64_t in_channel,
                              std::int64_t out_channel, int axis);
/// Summed over the depth of a 3D layer only: K_y × K_x numbers (1 × K of a 1D layer).
NumberPlane plane_taps(const LayerSpec& layer, const Tensor& weight, std::int64_t in_channel, std::int64_t out_channel);
/// One channel of the input, summed over all axes but one: I numbers.
std::vector<double> axis_cells(const LayerSpec& layer, const Tensor& input, std::int64_t batch, std::int64_t channel,
                               int axis);

/// What of one image the kernel lets through.
struct ImageGain {
  std::array<std::int64_t, 3> m{};  ///< of the image at 2πm/S, per axis of the layer; 0 <= m < S, not all 0
  double gain = 0;                  ///< |H| there
  double part = 0;                  ///< gain / |H(0)|; infinite when only H(0) is 0
  bool removed = true;              ///< 0 but for the rounding of float32 weights: 10⁻⁶ of Σ|w| at most
};

/// H at ω = 0 and at every image, for one pair of channels. These are the discrete Fourier transform of the phases'
/// sums (evenness.h), so all images are removed iff the phases' sums are equal.
struct ImageGains {
  double dc = 0;                  ///< |H(0)|
  double magnitude = 0;           ///< Σ|w|: what rounding is measured by
  std::vector<ImageGain> images;  ///< ∏S − 1, the last axis' m fastest
  std::int64_t passed = 0;        ///< of them are not removed
  std::size_t worst = 0;          ///< index of the largest, the first of equals; meaningless without images
  bool finite = true;             ///< whether all weights are; the rest means nothing otherwise
};

/// Whether the layer has few enough images to look at each: ∏S <= 1024, which `image_gains` needs.
bool has_few_images(const LayerSpec& layer);
ImageGains image_gains(const LayerSpec& layer, const Tensor& weight, std::int64_t in_channel, std::int64_t out_channel);

/// The filter that would remove the images wholly and keep the base band as it is: sinc(n/S), which is 1 at n = 0 and 0
/// at the other multiples of S, without end on both sides.
double ideal_tap(std::int64_t n, std::int64_t stride);
/// Its response: S where |ω| < π/S, half of that at the edge, 0 beyond. Of several axes the product.
double ideal_response(double frequency, std::int64_t stride);

/// The smallest level that is told apart, in decibels.
inline constexpr double lowest_level = -120;
/// 20·log10(magnitude / largest magnitude), `lowest_level` … 0; of magnitudes that are all 0 the lowest.
std::vector<float> levels_of(std::span<const double> magnitudes);

/// The largest spectra that are made: of a plane's rows and columns, and of a single row of cells.
inline constexpr std::int64_t largest_spectrum_side = 1024;
inline constexpr std::int64_t largest_spectrum_line = 65536;

/// The discrete Fourier transform of a plane in decibels. Planes beyond the sizes above, and those with a side above
/// 256 that has a prime factor above 31 (which would take very long), are cropped to their centre first; there is no
/// window.
struct LogSpectrum {
  std::vector<float> levels;  ///< 20·log10(|F| / largest), `lowest_level` … 0; DC at (⌊rows/2⌋, ⌊cols/2⌋)
  std::int64_t rows = 0;      ///< of the transformed part, and of `levels`
  std::int64_t cols = 0;
  std::int64_t first_row = 0;  ///< where that part begins in the plane
  std::int64_t first_col = 0;
  double largest = 0;  ///< |F| at level 0
  bool finite = true;  ///< whether all numbers of the part are; all levels are the lowest otherwise

  bool cropped(std::int64_t of_rows, std::int64_t of_cols) const { return rows < of_rows || cols < of_cols; }
};

/// Which part of a plane of `rows` × `cols` numbers is transformed; without levels.
LogSpectrum spectrum_part(std::int64_t rows, std::int64_t cols);

/// Of `rows` × `cols` numbers, row-major, both >= 1. Of numbers that are all 0 every level is the lowest. Returns
/// nothing only when `keep_going` (may be empty) said no.
std::optional<LogSpectrum> log_spectrum(std::span<const float> plane, std::int64_t rows, std::int64_t cols,
                                        const KeepGoing& keep_going);

}  // namespace tconv
