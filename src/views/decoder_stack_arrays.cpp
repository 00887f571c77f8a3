#include <algorithm>

#include "document/stack_text.h"
#include "views/stack_scene.h"
#include "views/view_arrays.h"

namespace tconv {
namespace {

/// What the table of the view says, along the shown axis.
NamedArray layers_array(const StackScene& scene) {
  const auto at = static_cast<std::size_t>(scene.axis);
  std::string names;
  std::vector<float> values;
  double largest = 0;
  for (std::size_t i = 0; i < scene.report.depths.size(); ++i) {
    const StackDepth& depth = scene.report.depths[i];
    const StackAxis& axis = depth.axes[at];
    names += (names.empty() ? "" : ", ") + scene.name_of(i) + " (" + layer_name(depth.layer) + ")";
    for (const std::int64_t number :
         {axis.input, axis.output, axis.scale, depth.layer.spec.in_channels, depth.layer.spec.out_channels,
          depth.parameters, depth.macs, axis.least, axis.most}) {
      values.push_back(static_cast<float>(number));
      largest = std::max(largest, static_cast<double>(number));
    }
    values.insert(values.end(), {static_cast<float>(depth.ratio()), static_cast<float>(axis.drift)});
  }
  return table_array("layers",
                     "one row each: " + names + "; sizes, paths and drift along the " +
                         std::string(axis_name(scene.report.depths[0].layer.spec, scene.axis)) +
                         ", most_to_least over all axes" + rounding_note(largest),
                     "layer",
                     {"input", "output", "scale", "in_channels", "out_channels", "parameters", "macs", "least_paths",
                      "most_paths", "most_to_least", "drift"},
                     std::move(values));
}

}  // namespace

std::vector<NamedArray> decoder_stack_arrays(const ViewInput& in) {
  const StackScene scene(in);
  if (scene.report.depths.empty() || (!scene.is_preset() && !validate(in.document.scenario).empty())) return {};
  std::vector<NamedArray> arrays;
  // The end of the stack first, which is what it is about.
  for (std::size_t i = scene.report.depths.size(); i-- > 0;) {
    const StackDepth& depth = scene.report.depths[i];
    const StackAxis& axis = depth.axes[static_cast<std::size_t>(scene.axis)];
    if (axis.profile.empty()) continue;
    std::vector<float> values;
    for (const std::int64_t paths : axis.profile) values.push_back(static_cast<float>(paths));
    arrays.push_back(list_array("paths_" + std::to_string(i + 1),
                                "paths to each cell along the " + std::string(axis_name(depth.layer.spec, scene.axis)) +
                                    " after " + scene.name_of(i) + " (" + layer_name(depth.layer) + ")" +
                                    rounding_note(static_cast<double>(std::ranges::max(axis.profile))),
                                "cell", std::move(values)));
  }
  arrays.push_back(layers_array(scene));
  return arrays;
}

}  // namespace tconv
