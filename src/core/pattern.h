#pragma once
// Where an array's numbers come from: a named recipe that follows the sliders, or values that somebody gave.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/tensor.h"

namespace tconv {

/// The recipe "custom" holds `values`; every other one makes its numbers from the shape asked for.
struct Pattern {
  std::string id = "ones";
  std::uint32_t seed = 1;  ///< for "random"
  Tensor values;           ///< for "custom": same rank as what is asked for, any extents

  bool operator==(const Pattern&) const = default;
};

Pattern custom_pattern(Tensor values);

/// A recipe's name on the screen and what it is for.
struct PatternInfo {
  std::string_view id;     ///< as in files and on the command line
  std::string_view label;  ///< on its button
  std::string_view help;
};

std::span<const PatternInfo> kernel_patterns();
std::span<const PatternInfo> input_patterns();
bool is_known_pattern(std::string_view id);

/// The array of shape `shape` = (a, b, spatial…), rank 3 to 5, that `pattern` makes; `stride` (one per spatial axis) is
/// what "bilinear" interpolates for. Custom values are cropped, or continued with zeros, at the far ends: making a map
/// smaller and larger again loses nothing.
Tensor make_array(const Pattern& pattern, const Shape& shape, std::span<const std::int64_t> stride);

/// Whether a cell's number follows from its place alone, so that parts of an array can be made by themselves.
bool is_recipe(const Pattern& pattern);
/// Of such a pattern and rank 4, `count` numbers of one row of any plane of `make_array`, from column `first` on.
void recipe_row(const Pattern& pattern, const Shape& shape, std::span<const std::int64_t> stride, std::int64_t row,
                std::int64_t first, std::int64_t count, float* to);

}  // namespace tconv
