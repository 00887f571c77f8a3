#include <algorithm>

#include "core/coverage.h"
#include "core/sizes.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

/// Sizes of output and output padding, one row each.
NamedArray sizes_array(const AxisSpec& axis, const SizeRange& range, std::string name, const std::string& words) {
  AxisSpec tight = axis;
  tight.output_padding = 0;
  const int64_t least = output_size(tight);
  std::vector<float> values;
  for (int64_t size = range.first; size <= range.last; ++size) {
    values.insert(values.end(), {static_cast<float>(size - least), static_cast<float>(size)});
  }
  return table_array(std::move(name), words + rounding_note(static_cast<double>(range.last)), "choice",
                     {"output_padding", "size"}, std::move(values));
}

}  // namespace

std::vector<NamedArray> size_arrays(const ViewInput& in) {
  const Scenario& scenario = in.document.scenario;
  if (!validate(scenario).empty()) return {};
  const LayerSpec& layer = scenario.layer;
  std::vector<float> terms;
  double largest = 0;
  for (const AxisSpec& axis : layer.spatial()) {
    const SizeTerms sum = size_terms(axis);
    for (const int64_t term : {sum.spread, sum.crop, sum.reach, sum.output_padding, sum.one, output_size(axis)}) {
      terms.push_back(static_cast<float>(term));
      largest = std::max(largest, std::abs(static_cast<double>(term)));
    }
  }
  std::vector<NamedArray> arrays;
  arrays.push_back(table_array(
      "terms",
      "output size of each axis as a sum: (I-1)*S - P_begin - P_end + D*(K-1) + OP + 1" + rounding_note(largest),
      "axis", {"spread", "crop", "reach", "output_padding", "one", "output"}, std::move(terms)));
  const int index = std::clamp(in.interaction.axis, 0, layer.dims - 1);
  const AxisSpec& axis = layer.axes[static_cast<std::size_t>(index)];
  const std::string along = " along the " + std::string(axis_name(layer, index));
  const SizeRange outputs = legal_outputs(axis);
  if (outputs.first <= outputs.last) {
    arrays.push_back(sizes_array(axis, outputs, "outputs", "output sizes that output padding chooses from" + along));
  }
  const SizeRange back = forward_inputs(axis);
  if (back.first <= back.last) {
    arrays.push_back(sizes_array(axis, back, "forward_sizes",
                                 "sizes that the forward convolution shrinks to " + std::to_string(axis.input) + along +
                                     ", with the output padding that recovers each"));
  }
  if (output_size(axis) <= largest_exact) {
    std::vector<float> hits;
    for (const int64_t count : axis_coverage(axis)) hits.push_back(static_cast<float>(count));
    arrays.push_back(list_array("hits", "how many stamps reach each output cell" + along, "cell", std::move(hits)));
  }
  return arrays;
}

}  // namespace tconv
