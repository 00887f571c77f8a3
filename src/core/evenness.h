#pragma once
// Beyond counting: are *these weights* even, and does a flat input stay flat? Counts, weights and the flat response can
// disagree: bilinear weights at K3 S2 are flat although the counts are not; learned ones at K4 S2 need not be.
// A flat input stays flat iff the kernel's response vanishes at every image 2πm/S, which is to say that its phases have
// equal sums (Vaidyanathan 1993, section 4.1; Aitken et al. 2017 for upsampling layers).

#include <cstdint>
#include <span>
#include <vector>

#include "core/layer_spec.h"
#include "core/tensor.h"

namespace tconv {

/// How even some numbers are, one per phase.
struct Evenness {
  double mean = 0;
  double least = 0;
  double most = 0;
  double ripple = 0;  ///< (most − least) / |mean|; infinite when they differ around a mean of nothing
  double off_dc = 0;  ///< the part of their energy that is not the mean's: 1 − mean² / mean of squares, 0 … 1
  bool even = true;   ///< equal but for float32's rounding
};
/// Of no numbers: all zero and even. `magnitude`: of what the values are sums of; a difference that is small beside it
/// is rounding (sums of large numbers that cancel).
Evenness evenness_of(std::span<const double> values, double magnitude = 0);

/// Whether the layer has at most 2^20 phases, ∏S: what is below needs that.
bool has_few_phases(const LayerSpec& layer);
/// Whether looking at every phase of every pair of channels is a matter of milliseconds: 2^24 numbers at most.
bool evenness_is_quick(const LayerSpec& layer);

/// For each phase of the uncropped output the sum of the taps on it, of the kernel that joins input channel
/// `in_channel` to output channel `out_channel`: ∏S numbers, row-major over the layer's axes. All zero when no kernel
/// joins them (groups).
std::vector<double> phase_sums(const LayerSpec& layer, const Tensor& weight, std::int64_t in_channel,
                               std::int64_t out_channel);

/// What an input of ones on every channel becomes far from the borders, without bias: ∏S numbers as above, the
/// `phase_sums` of all input channels of the output channel's group together.
std::vector<double> flat_response(const LayerSpec& layer, const Tensor& weight, std::int64_t out_channel);

/// The second question, over all pairs of channels.
struct WeightEvenness {
  std::int64_t pairs = 0;       ///< kernels that there are: C_in · C_out/G
  std::int64_t uneven = 0;      ///< of them
  std::int64_t in_channel = 0;  ///< of the worst: the largest off_dc, the first of equals
  std::int64_t out_channel = 0;
  Evenness worst;
  std::vector<double> sums;  ///< phase_sums of the worst
};
WeightEvenness weight_evenness(const LayerSpec& layer, const Tensor& weight);

/// The third question, over all output channels.
struct FlatEvenness {
  std::int64_t channels = 0;
  std::int64_t uneven = 0;
  std::int64_t out_channel = 0;  ///< of the worst: the largest off_dc, the first of equals
  Evenness worst;
  std::vector<double> response;  ///< flat_response of the worst
};
FlatEvenness flat_evenness(const LayerSpec& layer, const Tensor& weight);

}  // namespace tconv
