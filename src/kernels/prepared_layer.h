#pragma once
// The fast way: one planner that chooses an engine by its estimate, and the layer made ready for it.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/layer_spec.h"
#include "kernels/engine.h"

namespace tconv {

/// A legal layer with its weights prepared once for many inputs.
class PreparedLayer {
 public:
  /// Arrays as in `scatter_add`. `engine`: the id of the one to use, empty for the planner's choice. Throws
  /// std::invalid_argument for an engine that there is not or that cannot do this layer: why, and which can, in a line.
  PreparedLayer(const LayerSpec& layer, const Tensor& weight, const Tensor& bias, std::string_view engine = {});

  /// Whether any engine can compute a legal layer: all but those of many thousands of phases that nobody trains.
  static bool possible(const LayerSpec& layer);

  /// See Kernel::run; NaN and infinities as in `scatter_add`, whatever the engine.
  bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going = {}) {
    return kernel_->run(input, output, team, keep_going);
  }
  std::string_view engine() const { return engine_; }
  /// Which engine, how, on which instructions, and what every engine said: one line each.
  std::vector<std::string> explanation() const;

 private:
  std::string_view engine_;
  std::vector<std::string> opinions_;
  std::unique_ptr<Kernel> kernel_;
};

/// "94 cycles", "12.3 thousand cycles", "5.1 million cycles".
std::string cycles_in_words(double cycles);

/// As `scatter_add`, but float32 throughout; within three times the rounding of a float32 sum, NaN and infinities in
/// the same cells. Paints what no engine can compute.
std::optional<Tensor> fast_transposed_conv(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                           const Tensor& bias, const KeepGoing& keep_going);

}  // namespace tconv
