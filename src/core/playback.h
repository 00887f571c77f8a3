#pragma once
// The layer painted one input cell at a time. Every function here is pure: seeking, stepping back and an animation's
// frames are the same call, in any order.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/scatter_add.h"
#include "core/scenario.h"

namespace tconv {

/// A place in an array (N or C_in, channel, z, y, x); leading spatial axes that the layer lacks are 0.
struct CellIndex {
  std::int64_t batch = 0;
  std::int64_t channel = 0;
  std::array<std::int64_t, 3> at{};

  bool operator==(const CellIndex&) const = default;
};

/// Row-major position of a cell in the layer's input or output array.
std::int64_t flat_input(const LayerSpec& layer, const CellIndex& cell);
std::int64_t flat_output(const LayerSpec& layer, const CellIndex& cell);

/// Row-major position of a tap in the weight array that joins `in_channel` to `out_channel` (same group).
std::int64_t flat_weight(const LayerSpec& layer, std::int64_t in_channel, std::int64_t out_channel,
                         const std::array<std::int64_t, 3>& tap);

/// Whether some weight joins the two channels: they lie in the same group.
bool joined(const LayerSpec& layer, std::int64_t in_channel, std::int64_t out_channel);

/// One input cell stamping.
struct Stamp {
  CellIndex input;
  float value = 0;                      ///< of that cell: what the kernel is multiplied by
  std::array<std::int64_t, 3> begin{};  ///< first output cell of the stamp, uncropped: may be negative
  std::array<std::int64_t, 3> end{};    ///< one past its last, uncropped: may be beyond the output
};

struct Frame {
  std::int64_t step = 0;  ///< how many stamps are in `output`, 0 … step_count
  std::int64_t step_count = 0;
  std::optional<Stamp> stamp;  ///< the step's stamp; none at step 0
  Tensor output;               ///< running sums, bias included; at the last step exactly scatter_add's result
  Tensor gain;                 ///< what this step added, zeros where it did not reach
};

/// One step per input cell of every channel and sample: N·C_in·I…; 0 when that leaves int64.
std::int64_t step_count(const Scenario& scenario);

/// The input cell that stamps at `step`, 1 … step_count: sample by sample, place by place, channel by channel.
CellIndex cell_of_step(const Scenario& scenario, std::int64_t step);
/// The inverse of `cell_of_step`.
std::int64_t step_of_cell(const Scenario& scenario, const CellIndex& cell);

Stamp stamp_of(const LayerSpec& layer, const Tensor& input, const CellIndex& cell);

/// The picture after `step` stamps; `step` is clamped to 0 … step_count. The arrays are those of the scenario. Returns
/// nothing only when `keep_going` said no.
std::optional<Frame> frame_at(const Scenario& scenario, const Tensor& input, const Tensor& weight, const Tensor& bias,
                              std::int64_t step, const KeepGoing& keep_going);
Frame frame_at(const Scenario& scenario, std::int64_t step);

/// One multiplication of an output cell's sum.
struct Product {
  CellIndex input;
  std::array<std::int64_t, 3> tap{};
  float input_value = 0;
  float tap_value = 0;
  std::int64_t step = 0;  ///< the step that adds it

  double value() const { return static_cast<double>(input_value) * static_cast<double>(tap_value); }
};

/// All products that make one output cell, in the order of the steps.
std::vector<Product> products_of(const Scenario& scenario, const Tensor& input, const Tensor& weight,
                                 const CellIndex& output);

}  // namespace tconv
