#pragma once
// Output sizes, and the way back: which forward inputs a convolution of the same geometry shrinks to this input.
// Source of the formulas: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), with dilation
// and output padding as PyTorch defines them. All arguments must be legal (see `validate`).

#include <cstdint>
#include <string>
#include <vector>

#include "core/layer_spec.h"

namespace tconv {

/// ⌊(n + P_begin + P_end − D·(K−1) − 1) / S⌋ + 1: what the forward convolution with this kernel makes of `n` cells.
std::int64_t forward_output_size(const AxisSpec& axis, std::int64_t n);

/// An inclusive range of sizes in cells; empty when last < first.
struct SizeRange {
  std::int64_t first = 0;
  std::int64_t last = -1;

  bool operator==(const SizeRange&) const = default;
};

/// The S output sizes that output_padding 0 … S−1 can choose between; sizes below 1 are left out.
SizeRange legal_outputs(const AxisSpec& axis);

/// All n >= 1 with forward_output_size(n) == axis.input, found by inverting the floor.
SizeRange forward_inputs(const AxisSpec& axis);

/// The output size as the sum it is, term by term; the terms add up to output_size(axis). Also of an illegal axis:
/// terms that leave int64 saturate at ±(2^63 − 1).
struct SizeTerms {
  std::int64_t spread;          ///< (I−1)·S
  std::int64_t crop;            ///< −(P_begin + P_end)
  std::int64_t reach;           ///< D·(K−1)
  std::int64_t output_padding;  ///< OP
  std::int64_t one = 1;
};
SizeTerms size_terms(const AxisSpec& axis);

/// Why this axis' output_padding is legal or not, in one or two sentences: it chooses between the forward inputs that
/// collapse onto I while it is below S; PyTorch also takes values up to max(S, D) − 1.
std::string output_padding_reason(const AxisSpec& axis);

/// A layer that takes `from` cells to exactly `to`.
struct LayerChoice {
  AxisSpec axis;
  bool even;  ///< every phase of the output is reached by equally many taps
};

/// Layers of one axis that lead from `from` to `to` cells: the smallest stride from ⌊to/from⌋ on that can, dilation 1,
/// equal paddings below the kernel size, at most one per kernel size; kernels from the stride on (smaller ones leave
/// gaps) up to `largest_kernel` or a little above the stride, and twice the stride; even ones first.
std::vector<LayerChoice> find_layers(std::int64_t from, std::int64_t to, std::int64_t largest_kernel);

}  // namespace tconv
