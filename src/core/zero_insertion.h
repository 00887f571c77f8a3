#pragma once
// The second way: spread the input with zeros, pad it, and slide the kernel, turned by 180°, over it at stride 1.
// Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016), section 4; with dilation,
// uneven and output padding.

#include <cstdint>
#include <optional>

#include "core/layer_spec.h"
#include "core/scatter_add.h"
#include "core/tensor.h"

namespace tconv {

/// One axis of the map that the kernel slides over. Unit: cells.
struct InsertionAxis {
  std::int64_t zeros;         ///< S − 1, between two neighbouring input cells
  std::int64_t spread;        ///< (I−1)·S + 1
  std::int64_t border_begin;  ///< D·(K−1) − P_begin; negative: so many cells are cropped instead
  std::int64_t border_end;    ///< D·(K−1) − P_end + OP; negative: so many cells are cropped instead
  std::int64_t padded;        ///< spread + both borders = O + D·(K−1)
};
InsertionAxis insertion_of(const AxisSpec& axis);

/// The input cell that lies at `position` of the padded map, 0 … padded − 1; empty: an inserted zero or the border.
std::optional<std::int64_t> input_at(const AxisSpec& axis, std::int64_t position);
/// The inverse: where an input cell lies in the padded map; may be outside of it when the border crops.
std::int64_t padded_position(const AxisSpec& axis, std::int64_t input_cell);

// `layer` must be legal and the arrays of its shapes:
Tensor zero_inserted(const LayerSpec& layer, const Tensor& input);  ///< (N, C_in, spread…)
Tensor zero_padded(const LayerSpec& layer, const Tensor& input);    ///< (N, C_in, padded…)
/// The kernel turned by 180°: every spatial axis reversed, channels as they were.
Tensor flipped(const Tensor& weight);

/// How many of the window's ∏K products at this output place (z, y, x) are with input cells, not with inserted zeros.
std::int64_t real_products(const LayerSpec& layer, const std::array<std::int64_t, 3>& output);

/// The layer computed this way; see `scatter_add`, which it must equal.
std::optional<Tensor> insert_zeros(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                   const Tensor& bias, const KeepGoing& keep_going);

}  // namespace tconv
