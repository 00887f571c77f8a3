#pragma once
// What a comparison computes: which input of which size, which channels, and whether that is too much.

#include <string>
#include <vector>

#include "compute/comparison.h"

namespace tconv {

struct ComparisonPlan {
  std::string input_id;  ///< "own" or a pattern's id
  bool shrink = false;
  std::string refused;                 ///< why it cannot be, in words
  LayerSpec layer;                     ///< the scenario's on one sample of the compared size, without crops and bias
  LayerSpec part;                      ///< of it what the shown channels need
  std::vector<std::int64_t> channels;  ///< the shown output channels
  std::int64_t batch = 0;              ///< the sample of an own input
  std::int64_t work = 0;               ///< multiplications, roughly; saturates

  /// The sample `batch` of (N, C, spatial…).
  Tensor sample_of(const Tensor& input) const;
  /// The input channels that feed the shown ones, of (1, C_in, spatial…).
  Tensor part_of_input(const Tensor& input) const;
  /// The shown channels of (1, C_out, spatial…).
  Tensor channels_of(const Tensor& output) const;
  /// `part`'s weight of the weight of `whole`, a layer with this one's channels and any kernel.
  Tensor part_of_weight(const LayerSpec& whole, const Tensor& weight) const;
};

/// Of a legal scenario.
ComparisonPlan plan_comparison(const Scenario& scenario, const ComparisonChoice& choice);

}  // namespace tconv
