#pragma once
// How many stamps reach each output cell: geometry alone, no weights.
// Source: Odena, Dumoulin & Olah, "Deconvolution and Checkerboard Artifacts" (Distill, 2016) for the question;
// the dilation rule is the number of k with k·D ≡ phase (mod S).

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/layer_spec.h"
#include "core/scatter_add.h"
#include "core/tensor.h"

namespace tconv {

/// For each phase of the *uncropped* output (its index mod S), how many taps fall on it: S numbers that sum to K.
std::vector<std::int64_t> phase_counts(const AxisSpec& axis);

/// Whether all phases get equally many taps: iff S = 1, or gcd(S, D) = 1 and S divides K.
bool is_even(const AxisSpec& axis);
bool is_even(const LayerSpec& layer);  ///< on every axis

/// The variance of phase_counts; (r/S)(1−r/S) with r = K mod S when D = 1.
double phase_variance(const AxisSpec& axis);

/// S − K when K < S and D = 1: the untouched cells between two stamps; else 0.
std::int64_t gap(const AxisSpec& axis);

/// For each cell of the (cropped) output along this axis, how many (input, tap) pairs reach it; output_size numbers.
/// A cell of a 2D or 3D output is reached by the product of its axes' numbers.
std::vector<std::int64_t> axis_coverage(const AxisSpec& axis);

/// K = q·S + r (D = 1): S − r phases are hit q times, r phases q + 1 times. With any dilation the same of the phases
/// that taps reach at all, which are S/gcd(S, D).
struct CountRule {
  std::int64_t reached;  ///< phases that some tap may fall on: S/gcd(S, D)
  std::int64_t q;        ///< K div reached
  std::int64_t r;        ///< K mod reached: so many phases are hit q + 1 times
};
CountRule count_rule(const AxisSpec& axis);

/// The transform of an input of ones by one kernel, (K…) taps row-major: how much reaches each cell of the cropped
/// output; shape (O…) of `layer`'s axes. With a kernel of ones these are the counts. Needs no more than the output and
/// O(∏(O + K)) work: cells that the same taps reach share one sum. Sums in float64, rounded once.
Tensor coverage_map(const LayerSpec& layer, std::span<const float> kernel);
/// Likewise of an output that differs in nothing from that with a kernel of ones: the product of `axis_coverage`.
Tensor coverage_map(const LayerSpec& layer);
/// Both return nothing only when `keep_going` (asked for every million cells or so, may be empty) said no.
std::optional<Tensor> coverage_map(const LayerSpec& layer, std::span<const float> kernel, const KeepGoing& keep_going);
std::optional<Tensor> coverage_map(const LayerSpec& layer, const KeepGoing& keep_going);

/// One slice (0 but for 3D layers) of these maps, as (rows, columns): a 1D map is one row.
Tensor coverage_slice(const LayerSpec& layer, std::span<const float> kernel, std::int64_t slice);
Tensor coverage_slice(const LayerSpec& layer, std::int64_t slice);

}  // namespace tconv
