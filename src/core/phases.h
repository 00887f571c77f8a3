#pragma once
// The fourth way: S small convolutions per axis (the polyphase form), whose outputs are interleaved. No zero is ever
// multiplied. Source: Vaidyanathan, "Multirate Systems and Filter Banks" (1993), section 4.3; Shi et al., "Is the
// deconvolution layer the same as a convolutional layer?" (2016).

#include <cstdint>
#include <optional>
#include <vector>

#include "core/layer_spec.h"
#include "core/scatter_add.h"
#include "core/tensor.h"

namespace tconv {

/// One phase of one axis: the output cells whose *uncropped* index is ≡ phase (mod S) and the taps that reach them.
struct AxisPhase {
  std::int64_t phase;              ///< 0 … S−1, of the uncropped output
  std::vector<std::int64_t> taps;  ///< k with k·D ≡ phase (mod S), ascending: the sub-kernel; may be empty
  std::int64_t first;              ///< first cell of the cropped output in this phase
  std::int64_t count;              ///< how many: first, first + S, …; 0: the crop leaves none
};
/// All S phases of an axis, by `phase`. `phase_counts` (coverage) are their numbers of taps.
std::vector<AxisPhase> axis_phases(const AxisSpec& axis);

/// One of them, 0 <= phase < S: does not make the others.
AxisPhase axis_phase(const AxisSpec& axis, std::int64_t phase);

/// The phase of a cell of the cropped output.
std::int64_t phase_of(const AxisSpec& axis, std::int64_t output_cell);

/// The layer computed this way; see `scatter_add`, which it must equal.
std::optional<Tensor> interleave_phases(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                        const Tensor& bias, const KeepGoing& keep_going);

}  // namespace tconv
