#include <algorithm>

#include "core/phases.h"
#include "views/plane_phases.h"
#include "views/view_arrays.h"

namespace tconv {
namespace {

using std::int64_t;

/// One phase of every axis.
using Phases = std::array<AxisPhase, 3>;

/// The places of a phase along (z, y, x) taken out of an array (outer, outer, spatial…).
Tensor taken(const Tensor& from, const LayerSpec& layer, const std::array<int64_t, 3>& size,
             const std::array<std::vector<int64_t>, 3>& places) {
  Shape shape = from.shape();
  for (int axis = 0; axis < layer.dims; ++axis) {
    shape[axis + 2] = static_cast<int64_t>(places[static_cast<std::size_t>(axis + 3 - layer.dims)].size());
  }
  const int64_t planes = from.shape()[0] * from.shape()[1];
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(shape.elements()));
  for (int64_t plane = 0; plane < planes; ++plane) {
    for (const int64_t z : places[0]) {
      for (const int64_t y : places[1]) {
        const int64_t row = ((plane * size[0] + z) * size[1] + y) * size[2];
        for (const int64_t x : places[2]) values.push_back(from[row + x]);
      }
    }
  }
  return {shape, std::move(values)};
}

std::vector<int64_t> cells_of(const AxisPhase& phase, const AxisSpec& axis) {
  std::vector<int64_t> cells;
  for (int64_t i = 0; i < phase.count; ++i) cells.push_back(phase.first + i * axis.stride);
  return cells;
}

/// "0_1": as many numbers as the layer has axes; with another sign between them "0, 1".
std::string phase_numbers(const LayerSpec& layer, const Phases& phases, const char* between) {
  std::string text;
  for (auto a = static_cast<std::size_t>(3 - layer.dims); a < 3; ++a) {
    text += (text.empty() ? "" : between) + std::to_string(phases[a].phase);
  }
  return text;
}

/// The output with the cells of phases that are not interleaved yet at 0, as the view has it.
NamedArray interleaved(const ViewInput& in) {
  const LayerSpec& layer = in.results.scenario.layer;
  const Tensor& output = in.results.ways->output;
  const int64_t count = PlanePhases::count(layer);
  const int64_t done = std::clamp<int64_t>(in.interaction.own_step, 0, count);
  if (done == count) return {"output", "output y, all phases interleaved", output, map_axes(layer)};
  const PlanePhases phases(layer, in.interaction.out_slice);
  const auto axes = layer.as_3d();
  const int64_t rows = output_size(axes[1]);
  const int64_t cols = output_size(axes[2]);
  std::vector<float> values(output.values().begin(), output.values().end());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (phases.index_at(at / cols % rows, at % cols) >= done) values[i] = 0;
  }
  return {"output",
          "output y with " + std::to_string(done) + " of " + std::to_string(count) +
              " phases interleaved; the cells of the others are 0",
          Tensor(output.shape(), std::move(values)), map_axes(layer)};
}

}  // namespace

std::vector<NamedArray> phases_arrays(const ViewInput& in) {
  if (!in.results.ready() || !in.results.ways || in.results.ways->output.empty()) return {};
  const LayerSpec& layer = in.results.scenario.layer;
  const auto axes = layer.as_3d();
  const std::array<int64_t, 3> taps{axes[0].kernel, axes[1].kernel, axes[2].kernel};
  const std::array<int64_t, 3> cells{output_size(axes[0]), output_size(axes[1]), output_size(axes[2])};
  std::vector<NamedArray> arrays;
  arrays.push_back(interleaved(in));
  arrays.push_back({"input", "input x", in.results.input, map_axes(layer)});
  const int64_t all = axes[0].stride * axes[1].stride * axes[2].stride;  // each is 2^20 at most
  const int64_t shown = std::min(all, most_phase_arrays);
  const std::string cut = all > shown ? "; only the first " + std::to_string(shown) + " phases are here" : "";
  for (int64_t index = 0; index < shown; ++index) {
    const Phases phases{axis_phase(axes[0], index / axes[2].stride / axes[1].stride),
                        axis_phase(axes[1], index / axes[2].stride % axes[1].stride),
                        axis_phase(axes[2], index % axes[2].stride)};
    const std::string id = phase_numbers(layer, phases, "_");
    const std::string name = "phase (" + phase_numbers(layer, phases, ", ") + ")";
    const bool has_taps = std::ranges::none_of(phases, [](const AxisPhase& one) { return one.taps.empty(); });
    const bool has_cells = std::ranges::none_of(phases, [](const AxisPhase& one) { return one.count == 0; });
    if (has_taps) {
      arrays.push_back({"kernel_" + id, "sub-kernel of " + name + cut,
                        taken(in.results.weight, layer, taps, {phases[0].taps, phases[1].taps, phases[2].taps}),
                        kernel_axes(layer)});
    }
    if (has_cells) {
      arrays.push_back(
          {"output_" + id, "output cells of " + name + cut,
           taken(in.results.ways->output, layer, cells,
                 {cells_of(phases[0], axes[0]), cells_of(phases[1], axes[1]), cells_of(phases[2], axes[2])}),
           map_axes(layer)});
    }
  }
  return arrays;
}

}  // namespace tconv
