#include <algorithm>

#include "core/coverage.h"
#include "views/view_arrays.h"

namespace tconv {

void require_coverage_memory(const LayerSpec& layer) {
  std::string size;
  std::int64_t cells = 1;
  for (const AxisSpec& axis : layer.spatial()) {
    size += (size.empty() ? "" : " × ") + std::to_string(output_size(axis));
    cells *= output_size(axis);
  }
  require_array_memory("the coverage map of " + size + " cells", cells);
}

NamedArray hits_array(const LayerSpec& layer, const Progress& progress) {
  require_coverage_memory(layer);
  return hits_array(layer, *coverage_map(layer, going_on(progress)));
}

NamedArray hits_array(const LayerSpec& layer, Tensor counts) {
  double most = 1;
  for (const AxisSpec& axis : layer.spatial()) {
    most *= static_cast<double>(std::ranges::max(axis_coverage(axis)));
  }
  return {"hits", "how many stamps of an input channel reach each output cell" + rounding_note(most), std::move(counts),
          spatial_axes(layer)};
}

std::vector<NamedArray> paint_arrays(const ViewInput& in) {
  if (!in.results.ready()) return {};
  const Results& results = in.results;
  const LayerSpec& layer = results.scenario.layer;
  const Frame& frame = results.frame;
  const bool finished = frame.step == frame.step_count;
  const std::string moment = std::to_string(frame.step) + " of " + std::to_string(frame.step_count);
  std::vector<NamedArray> arrays;
  arrays.push_back(
      {"output", finished ? "output y" : "output y after " + moment + " stamps", frame.output, map_axes(layer)});
  arrays.push_back({"input", "input x", results.input, map_axes(layer)});
  arrays.push_back({"kernel", "kernel w", results.weight, kernel_axes(layer)});
  if (!results.bias.empty()) {
    arrays.push_back({"bias", "bias b, one number for each output channel", results.bias, {"channel"}});
  }
  if (frame.stamp) {
    arrays.push_back({"added", "what stamp " + moment + " added to the output", frame.gain, map_axes(layer)});
  }
  arrays.push_back(hits_array(layer, in.progress));
  // What is on the screen comes first.
  if (in.document.presentation.show_hits) std::ranges::rotate(arrays, arrays.end() - 1);
  return arrays;
}

}  // namespace tconv
