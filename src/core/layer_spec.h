#pragma once
// The geometry of one transposed convolution and the rules that make it legal.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "core/problem.h"
#include "core/tensor.h"

namespace tconv {

/// One spatial axis. Padding crops the output (it is the padding of the forward convolution); it has a begin and an end
/// because ONNX and Keras crop unevenly.
struct AxisSpec {
  std::int64_t input = 1;           ///< I, cells, >= 1
  std::int64_t kernel = 1;          ///< K, taps, >= 1
  std::int64_t stride = 1;          ///< S, output cells between two neighbouring stamps, >= 1
  std::int64_t padding_begin = 0;   ///< P, output cells cropped before the first, >= 0
  std::int64_t padding_end = 0;     ///< P, output cells cropped after the last, >= 0
  std::int64_t output_padding = 0;  ///< OP, output cells added at the end, 0 <= OP < max(S, D) as in PyTorch
  std::int64_t dilation = 1;        ///< D, output cells between two neighbouring taps of a stamp, >= 1

  bool operator==(const AxisSpec&) const = default;
};

/// A ConvTranspose1d/2d/3d layer with the size of its input.
struct LayerSpec {
  int dims = 2;                    ///< 1, 2 or 3
  std::array<AxisSpec, 3> axes{};  ///< the first `dims` count, outermost first: (W), (H, W), (D, H, W)
  std::int64_t batch = 1;          ///< N, >= 1
  std::int64_t in_channels = 1;    ///< C_in, a multiple of groups
  std::int64_t out_channels = 1;   ///< C_out, a multiple of groups
  std::int64_t groups = 1;         ///< G, >= 1; each joins C_in/G inputs to C_out/G outputs
  bool bias = false;               ///< one number per output channel is added to every cell

  std::span<const AxisSpec> spatial() const { return {axes.data(), static_cast<std::size_t>(dims)}; }
  std::span<AxisSpec> spatial() { return {axes.data(), static_cast<std::size_t>(dims)}; }
  /// The axes as (z, y, x): leading axes that a 1D or 2D layer lacks have one cell, one tap, stride 1.
  std::array<AxisSpec, 3> as_3d() const;

  /// Compares what counts: axes beyond `dims` do not.
  bool operator==(const LayerSpec& other) const;
};

/// What may be asked for, beyond what PyTorch rules.
struct Limits {
  std::int64_t axis_number = std::int64_t{1} << 20;  ///< the largest kernel, stride, padding or dilation
  std::int64_t elements = std::int64_t{1} << 31;     ///< of the input, of the weights and of the output
  std::int64_t memory_bytes = INT64_MAX;             ///< what input, weights, output and scratch may take together
};

/// O = (I−1)·S − P_begin − P_end + D·(K−1) + OP + 1 (Dumoulin & Visin 2016, relationship 14, with dilation and output
/// padding as in PyTorch's ConvTranspose). In cells; may be below 1 for an illegal axis. Values that leave int64
/// saturate.
std::int64_t output_size(const AxisSpec& axis);

/// The cells of a box that is so many cells long on each axis.
constexpr std::int64_t cell_count(const std::array<std::int64_t, 3>& extent) {
  return extent[0] * extent[1] * extent[2];
}

/// D·(K−1) + 1: how far one stamp reaches, in output cells.
std::int64_t stamp_extent(const AxisSpec& axis);

Shape input_shape(const LayerSpec& layer);   ///< (N, C_in, spatial…)
Shape weight_shape(const LayerSpec& layer);  ///< (C_in, C_out/G, spatial…), PyTorch's ConvTranspose layout
Shape output_shape(const LayerSpec& layer);  ///< (N, C_out, spatial…)

/// Every broken rule of `layer`, in the order of its fields; empty means legal. The rules are PyTorch's, then `limits`.
std::vector<Problem> validate(const LayerSpec& layer, const Limits& limits = {});

/// Whether arrays of these shapes are an input, a weight and (rank 1, or empty for none) a bias of `layer`.
std::vector<Problem> validate_arrays(const LayerSpec& layer, const Shape& input, const Shape& weight,
                                     const Shape* bias);

/// Bytes that computing the layer holds at once: input, weight and output in float32 and one plane of float64 sums.
/// Saturates at int64's largest value.
std::int64_t memory_needed(const LayerSpec& layer);

}  // namespace tconv
