#pragma once
// The numbers behind a view, to be taken along: what `tconv data` and the window write and copy.

#include <cstdint>
#include <string>
#include <vector>

#include "core/layer_spec.h"
#include "core/tensor.h"

namespace tconv {

/// One array of a view. Its numbers are float32: whole ones, such as counts, are exact up to 2^24.
struct NamedArray {
  std::string name;                    ///< an identifier, told apart within its view: "output", "kernel_0_1"
  std::string words;                   ///< what it is: "output y after 3 of 4 stamps"
  Tensor values;                       ///< never empty
  std::vector<std::string> axes;       ///< what each axis counts: "batch", "channel", "row", "col"
  std::vector<std::string> columns{};  ///< of a table, what each place of the last axis is; else empty
};

/// Up to here every whole number is a float32.
inline constexpr std::int64_t largest_exact = std::int64_t{1} << 24;

/// "row", "col", and before them "slice" of a 3D layer.
std::vector<std::string> spatial_axes(const LayerSpec& layer);
/// "batch", "channel", then the spatial ones: of inputs and outputs.
std::vector<std::string> map_axes(const LayerSpec& layer);
/// "in_channel", "out_channel" (within its group), then the spatial ones: of weights.
std::vector<std::string> kernel_axes(const LayerSpec& layer);

/// "; whole numbers beyond 16,777,216 are rounded" when `largest` is one of them, else empty.
std::string rounding_note(double largest);

/// Numbers along one axis.
NamedArray list_array(std::string name, std::string words, std::string axis, std::vector<float> values);
/// Rows of numbers, as many in each as there are columns.
NamedArray table_array(std::string name, std::string words, std::string row_axis, std::vector<std::string> columns,
                       std::vector<float> values);

/// Throws std::runtime_error with one line when an array of so many numbers, and what making it takes beside it, does
/// not fit into the memory that is free. `what`: "the coverage map of 3 × 3 cells".
void require_array_memory(const std::string& what, std::int64_t elements);

}  // namespace tconv
