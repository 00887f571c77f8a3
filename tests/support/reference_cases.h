#pragma once
// PyTorch's answers in tests/reference, for every test that compares with them.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"

namespace tconv::test {

/// The settings of a transposed convolution, one number per spatial axis, outermost first. Unit: cells.
struct ReferenceLayer {
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> padding;
  std::vector<std::int64_t> output_padding;
  std::vector<std::int64_t> dilation;
  std::vector<std::int64_t> input;
};

/// A case whose archive holds the inputs and what PyTorch made of them.
struct ReferenceCase : ReferenceLayer {
  std::string name;
  /// "conv_transpose", "pixel_shuffle" or "upsample".
  std::string op;

  // conv_transpose only. Tensors: x, w, g (the gradient that reaches the output), y, gx, gw; with bias also b, gb.
  int dims = 0;
  std::int64_t groups = 1;
  std::vector<std::int64_t> output;
  bool bias = false;
  /// All values are small integers: every sum is exact in float32, so answers must agree to the last bit.
  bool integer = false;

  // pixel_shuffle and upsample only. Tensors: x, y.
  std::int64_t factor = 1;
  /// upsample only: "nearest" or "bilinear".
  std::string mode;
  bool align_corners = false;
};

/// A one-channel layer that PyTorch does not take.
struct BadLayer : ReferenceLayer {
  /// "refuses: " and the start of PyTorch's message.
  std::string torch;
};

std::filesystem::path reference_folder();

/// All cases in the order of cases.json; the second form only those of one operation. Throws std::runtime_error when
/// the table cannot be read.
const std::vector<ReferenceCase>& reference_cases();
std::vector<ReferenceCase> reference_cases(std::string_view op);

const std::vector<BadLayer>& bad_layers();

/// The tensors of one case by their names in its archive. Throws std::runtime_error when it cannot be read.
std::map<std::string, Tensor> reference_tensors(std::string_view case_name);

}  // namespace tconv::test
