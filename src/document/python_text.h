#pragma once
// Pieces of Python that the snippets of all frameworks share.

#include <cstdint>
#include <string>
#include <vector>

#include "core/scenario.h"
#include "files/npy_header.h"  // python_tuple of a Shape

namespace tconv {

/// "(1, 2)"; "(1,)" for one number.
std::string python_tuple(const std::vector<std::int64_t>& numbers);
/// "[1, 2]".
std::string python_list(const std::vector<std::int64_t>& numbers);

/// One number per spatial axis, outermost first.
template <typename Get>
std::vector<std::int64_t> per_axis(const LayerSpec& layer, Get get) {
  std::vector<std::int64_t> numbers;
  for (const AxisSpec& axis : layer.spatial()) numbers.push_back(get(axis));
  return numbers;
}

/// An inclusive begin and an exclusive end, in cells.
struct CellRange {
  std::int64_t begin;
  std::int64_t end;
};

/// "y = y[:, :, 0:7, 0:8]\n", what takes these cells out of a (N, C, spatial…) array; "" when they are all `sizes`
/// cells of every axis.
std::string python_slice(const std::vector<CellRange>& ranges, const std::vector<std::int64_t>& sizes);

/// "x_padded = np.pad(…)\n": x with so many zero cells behind the last one of each spatial axis.
std::string python_zero_cells(const std::vector<std::int64_t>& cells);

/// "# K3 S2 in PyTorch: …" and how the output size comes about, as comment lines.
std::string script_heading(const Scenario& scenario, const std::string& framework);

/// Lines that define x, w and, with a bias, b as float32 arrays in PyTorch's layouts.
std::string script_arrays(const Scenario& scenario);

/// The last lines: print and assert the shape of y.
std::string script_ending(const LayerSpec& layer);

}  // namespace tconv
