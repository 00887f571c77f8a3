#pragma once
// Painting: the plain truth that every other way of computing is measured against.

#include <functional>
#include <optional>
#include <span>

#include "core/layer_spec.h"
#include "core/tensor.h"

namespace tconv {

/// Asked now and then by long computations; returning false abandons them.
using KeepGoing = std::function<bool()>;

/// The transposed convolution by its definition: every input cell adds its value times the kernel into the output,
/// starting S cells further on for each next input cell, taps D cells apart; then cropped by the paddings.
///
///   y[n, g·C_out/G + o, i·S + k·D − P_begin] += x[n, g·C_in/G + c, i] · w[g·C_in/G + c, o, k]
///
/// `layer` must be legal and the arrays of its shapes (see `validate`, `validate_arrays`); `bias`: shape (C_out), or
/// empty. Sums are kept in float64 and rounded once, so integers below 2^53 are exact and float32 results are within
/// 2e-5 of float64 relative to the output's rms. Returns nothing only when `keep_going` said no.
std::optional<Tensor> scatter_add(const LayerSpec& layer, const Tensor& input, const Tensor& weight, const Tensor& bias,
                                  const KeepGoing& keep_going);
Tensor scatter_add(const LayerSpec& layer, const Tensor& input, const Tensor& weight, const Tensor& bias = {});

/// Likewise, but only the input cells whose `painted` is not 0 stamp; `painted` has one entry per element of `input`,
/// or none for all of them. The
/// order of the sums is the same: with all cells painted the result is bitwise that of `scatter_add`.
std::optional<Tensor> scatter_add_some(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                       const Tensor& bias, std::span<const std::uint8_t> painted,
                                       const KeepGoing& keep_going);

/// The input cells [first, last] of one axis for which tap `tap` lands inside the cropped output; empty if last <
/// first.
struct CellRange {
  std::int64_t first;
  std::int64_t last;
};
CellRange cells_that_land(const AxisSpec& axis, std::int64_t tap);

}  // namespace tconv
