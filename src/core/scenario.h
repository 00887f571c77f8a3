#pragma once
// Everything that changes a number, as one value.

#include <vector>

#include "core/layer_spec.h"
#include "core/pattern.h"

namespace tconv {

/// The order in which the input cells stamp; it changes the running sums, never the result.
enum class Traversal { row_major, column_major };

struct Scenario {
  LayerSpec layer;
  Pattern input;
  Pattern kernel;
  Pattern bias;         ///< counts only while layer.bias is set; shape (1, 1, C_out) as an array
  Pattern grad_output;  ///< g = ∂L/∂y: what the backward pass starts from
  Traversal traversal = Traversal::row_major;

  bool operator==(const Scenario&) const = default;
};

/// The 2×2 input painted into 4×4 that textbooks open with: 1 2 3 4, corners + centre, K3 S1.
Scenario example_scenario();

/// The scenario with own values whose rank is not that of the layer (which had another number of axes when they were
/// given) replaced by patterns.
Scenario with_fitting_ranks(Scenario scenario);

/// `validate` of the layer, plus patterns that nobody knows and custom values of the wrong rank.
std::vector<Problem> validate(const Scenario& scenario, const Limits& limits = {});

// Of a scenario that `validate` accepts:
Tensor input_of(const Scenario& scenario);        ///< (N, C_in, spatial…)
Tensor weight_of(const Scenario& scenario);       ///< (C_in, C_out/G, spatial…)
Tensor bias_of(const Scenario& scenario);         ///< (C_out), or empty without bias
Tensor grad_output_of(const Scenario& scenario);  ///< (N, C_out, spatial…), shape of the output

}  // namespace tconv
