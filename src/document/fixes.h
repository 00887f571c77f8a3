#pragma once
// What to do about a checkerboard: other layers for the same job, each with what it changes.

#include <string>
#include <vector>

#include "core/equal_layers.h"
#include "core/evenness.h"
#include "core/scenario.h"

namespace tconv {

struct Fix {
  std::string id;      ///< "multiple", "resize-conv", "pixel-shuffle", "bilinear"; "" is the layer as it is
  std::string label;   ///< "K 4, a multiple of S"
  std::string brief;   ///< "resize + conv"; empty for the layer as it is and for another kernel size
  std::string remark;  ///< one sentence: why it helps, and what to mind
  Scenario scenario;   ///< the fix, or the transposed convolution that it equals
  Cost cost;           ///< of the fix itself
  FlatEvenness flat;   ///< of a flat input, with the scenario's weights
  std::string code;    ///< PyTorch
};

/// The layer as it is, then every fix that is legal for it and changes something. Of a scenario that `validate` accepts
/// and its weight, with `evenness_is_quick`.
std::vector<Fix> fixes_of(const Scenario& scenario, const Tensor& weight);

}  // namespace tconv
