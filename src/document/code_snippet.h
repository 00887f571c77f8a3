#pragma once
// A scenario's layer as a Python script of a framework, to run, check and take along.

#include <span>
#include <string>
#include <string_view>

#include "core/scenario.h"

namespace tconv {

struct Framework {
  std::string_view id;     ///< on the command line: "pytorch"
  std::string_view label;  ///< "PyTorch"
  /// A whole script for a scenario that `validate` accepts. It makes x, w and b (numpy, PyTorch's layouts; b only with
  /// a bias), runs the layer, leaves the output in `y` (numpy, (N, C_out, spatial…)), prints its shape and asserts it.
  /// Arrays of at most 64 elements stand in it; larger ones are seeded random placeholders, or ones. The same scenario
  /// always gives the same text.
  std::string (*snippet)(const Scenario& scenario);
};

/// The first one is the usual one.
std::span<const Framework> frameworks();

/// Null when there is none of that id.
const Framework* find_framework(std::string_view id);

}  // namespace tconv
