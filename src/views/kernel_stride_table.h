#pragma once
// Every kernel size and stride at once: small overlap patterns, click to choose.

#include "views/view.h"

namespace tconv {

inline constexpr int table_kernels = 8;  ///< K 1 … 8
inline constexpr int table_strides = 5;  ///< S 1 … 5

/// Drawn at the top left of a room as wide as `kernel_stride_table_width`; tiles carry ChooseLayer. Returns the y
/// below.
double add_kernel_stride_table(Figure& figure, const ViewInput& in, Point at);
double kernel_stride_table_width();

/// The layer with this kernel size and stride on every axis, paddings kept where that is legal.
LayerSpec with_kernel_and_stride(LayerSpec layer, std::int64_t kernel, std::int64_t stride);

}  // namespace tconv
