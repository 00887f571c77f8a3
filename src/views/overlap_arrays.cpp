#include <algorithm>

#include "views/overlap_map.h"
#include "views/view_arrays.h"

namespace tconv {

std::vector<NamedArray> overlap_arrays(const ViewInput& in) {
  if (!validate(in.document.scenario).empty()) return {};
  const LayerSpec& layer = in.document.scenario.layer;
  const CoverageKind kind = coverage_kind(in.interaction);
  const std::vector<float> kernel = kind == CoverageKind::counts ? std::vector<float>() : shown_kernel(in, kind);
  NamedArray map;
  if (kernel.empty()) {
    map = hits_array(layer, in.progress);
    map.name = "coverage";
  } else {
    const std::string pair =
        std::to_string(in.interaction.in_channel) + " → " + std::to_string(in.interaction.out_channel);
    require_coverage_memory(layer);
    map.name = "coverage";
    map.axes = spatial_axes(layer);
    map.words = kind == CoverageKind::kernel
                    ? "sum of the taps of w[" + pair + "] that reach each output cell"
                    : "sum of the magnitudes of the taps of w[" + pair + "] that reach each output cell";
    map.values = *coverage_map(layer, kernel, going_on(in.progress));
  }

  const auto axes = layer.as_3d();
  const std::int64_t rows = output_size(axes[1]);
  const std::int64_t cols = output_size(axes[2]);
  const std::int64_t slice = std::min(in.interaction.out_slice, output_size(axes[0]) - 1);
  const auto guide = overlap_guide(in, rows, cols);
  const float* shown = map.values.data() + slice * rows * cols;
  const std::string in_slice = layer.dims == 3 ? " of slice " + std::to_string(slice) : "";
  std::vector<NamedArray> arrays;
  std::vector<float> row(shown + guide[0] * cols, shown + (guide[0] + 1) * cols);
  std::vector<float> column;
  column.reserve(static_cast<std::size_t>(rows));
  for (std::int64_t y = 0; y < rows; ++y) column.push_back(shown[y * cols + guide[1]]);
  arrays.push_back(std::move(map));
  if (layer.dims == 1) return arrays;
  arrays.push_back(list_array("row_profile", "the coverage along row " + std::to_string(guide[0]) + in_slice, "col",
                              std::move(row)));
  arrays.push_back(list_array("column_profile", "the coverage along column " + std::to_string(guide[1]) + in_slice,
                              "row", std::move(column)));
  return arrays;
}

}  // namespace tconv
