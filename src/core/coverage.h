#pragma once
// How many stamps reach each output cell: geometry alone, no weights.
// Source: Odena, Dumoulin & Olah, "Deconvolution and Checkerboard Artifacts" (Distill, 2016) for the question;
// the dilation rule is the number of k with k·D ≡ phase (mod S).

#include <cstdint>
#include <vector>

#include "core/layer_spec.h"

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

}  // namespace tconv
