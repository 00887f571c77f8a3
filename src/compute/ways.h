#pragma once
// What the views beside Paint show of a scenario: the same result by every other way, and its gradients. None of it
// depends on the timeline.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compute/matrix_summary.h"
#include "core/evenness.h"
#include "core/gradients.h"
#include "core/scenario.h"
#include "core/spectrum.h"
#include "core/transpose_matrix.h"
#include "document/fixes.h"

namespace tconv {

struct Ways {
  Tensor output;  ///< by painting, all stamps
  /// How far every other plain method's result is from it.
  struct Difference {
    std::string_view method;  ///< its id
    double largest;           ///< of |difference|, over all cells
  };
  std::vector<Difference> differences;  ///< empty when comparing would take too long or too much memory
  Tensor padded;                        ///< zero_padded(input): (N, C_in, padded…); empty when too large
  SparseMatrix matrix;                  ///< C of one sample; without rows when too large
  MatrixSummary matrix_summary;         ///< of that matrix
  Tensor grad_output;                   ///< g, (N, C_out, spatial…)
  std::optional<Gradients> gradients;   ///< empty when they would take too long or too much memory
  /// Three inner products that are equal but for rounding, since y is linear in x and in w; zeros without gradients.
  struct InnerProducts {
    double y_g = 0;               ///< ⟨y, g⟩ without the bias' part, ⟨b, db⟩
    double x_dx = 0;              ///< ⟨x, dx⟩
    double w_dw = 0;              ///< ⟨w, dw⟩
    double largest_possible = 0;  ///< what they could be at most, had nothing cancelled: rounding is small beside it
  };
  InnerProducts inner_products;
  // How even the layer is, with its weights; empty when they or the phases are too many.
  std::optional<WeightEvenness> weights;
  std::optional<FlatEvenness> flat;
  std::vector<Fix> fixes;
  /// Of the planes of `output` in their order (sample, channel, slice of depth), as many as `largest_spectra` allows.
  std::vector<LogSpectrum> output_spectra;

  double largest_difference() const;
  /// Of one plane of the output; null when it was not made. `slice` is 0 below three dimensions.
  const LogSpectrum* output_spectrum(std::int64_t batch, std::int64_t channel, std::int64_t slice) const;
};

/// The largest matrix that is made, in non-zeros and in rows or columns, and the most multiplications that one way may
/// take.
inline constexpr std::int64_t largest_matrix = 4'000'000;
inline constexpr std::int64_t longest_way = 2'000'000'000;
/// The most numbers that the spectra of all planes take together: three of the largest.
inline constexpr std::int64_t largest_spectra = 3 * largest_spectrum_side * largest_spectrum_side;

/// What the slowest of the ways takes: a window of ∏K products for every output cell and pair of channels. Saturates.
std::int64_t window_multiplications(const LayerSpec& layer);

/// Whether `Ways::matrix` of a legal layer is made.
bool matrix_is_made(const LayerSpec& layer);

/// Bytes that comparing all ways and the gradients hold at once for a legal layer, beside its results. Saturates.
std::int64_t ways_bytes(const LayerSpec& layer);

/// Of a legal scenario and its arrays. Returns nothing only when `keep_going` said no.
std::optional<Ways> compute_ways(const Scenario& scenario, const Tensor& input, const Tensor& weight,
                                 const Tensor& bias, const KeepGoing& keep_going);

}  // namespace tconv
