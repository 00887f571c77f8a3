#pragma once
// The ways to the gradient of the weight, dw[c, o, k] = Σ x[c, i] · g[o, i·S + k·D − P].

#include <memory>

#include "core/layer_spec.h"
#include "kernels/team.h"

namespace tconv {

/// For one run at a time.
class WeightGradientWay {
 public:
  virtual ~WeightGradientWay() = default;
  /// See WeightGradient::run.
  virtual bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
                   const KeepGoing& keep_going) = 0;
};

/// Inner products of lines of neighbouring cells: for few channels and large maps.
std::unique_ptr<WeightGradientWay> weight_gradient_by_lines(const LayerSpec& layer);

/// Outer products of all channels of one input cell with all of an output cell: for many channels.
std::unique_ptr<WeightGradientWay> weight_gradient_by_cells(const LayerSpec& layer);

/// Outer products of all channels of one input cell with everything that its stamp reaches: for tiny maps, whose time
/// goes into writing the weights.
std::unique_ptr<WeightGradientWay> weight_gradient_by_stamps(const LayerSpec& layer);

}  // namespace tconv
