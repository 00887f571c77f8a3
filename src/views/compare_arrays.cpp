#include <cmath>
#include <limits>

#include "views/compare_scene.h"
#include "views/view_arrays.h"

namespace tconv {
namespace {

using std::int64_t;

/// What the table of the view says; what it took here is no property of a method and left out.
NamedArray methods_array(const Comparison& comparison) {
  constexpr float none = std::numeric_limits<float>::quiet_NaN();
  std::string names;
  std::vector<float> values;
  double largest = 0;
  for (const Upsampler& one : comparison.upsamplers) {
    names += (names.empty() ? "" : ", ") + one.id;
    values.insert(values.end(),
                  {one.flat ? static_cast<float>(one.flat->ripple) : none, static_cast<float>(one.rms_difference),
                   one.psnr ? static_cast<float>(*one.psnr) : none, static_cast<float>(one.cost.parameters),
                   static_cast<float>(one.cost.multiplications), static_cast<float>(one.products_per_cell)});
    largest = std::max(largest, static_cast<double>(std::max(one.cost.parameters, one.cost.multiplications)));
  }
  return table_array(
      "methods", "one row each: " + names + "; nan where there is no such number" + rounding_note(largest), "method",
      {"flat_ripple", "rms_difference", "psnr_db", "parameters", "multiplications", "products_per_cell"},
      std::move(values));
}

}  // namespace

std::vector<NamedArray> compare_arrays(const ViewInput& in) {
  const Comparison* comparison = in.results.comparison.get();
  if (!in.results.legal() || comparison == nullptr || !comparison->refused.empty()) return {};
  const LayerSpec& layer = comparison->layer;
  const std::string channel = comparison->channels.size() == 1 && layer.out_channels > 1
                                  ? ", output channel " + std::to_string(comparison->channels[0])
                                  : "";
  std::vector<NamedArray> arrays;
  for (const Upsampler& one : comparison->upsamplers) {
    arrays.push_back(
        {one.id, one.label + channel + (one.scaled ? ", divided by its gain" : ""), one.output, map_axes(layer)});
  }
  arrays.push_back({"input", "what all of them enlarge", comparison->input, map_axes(layer)});
  if (!comparison->truth.empty()) {
    arrays.push_back({"truth", "what the input is the block means of", comparison->truth, map_axes(layer)});
  }
  for (const Upsampler& one : comparison->upsamplers) {
    if (&one == &comparison->upsamplers.front() || one.difference.empty()) continue;
    arrays.push_back({one.id + "_difference", one.label + " minus the layer, the mean of the channels", one.difference,
                      map_axes(layer)});
  }
  arrays.push_back(methods_array(*comparison));
  return arrays;
}

}  // namespace tconv
