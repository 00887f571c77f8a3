#include "core/zero_insertion.h"
#include "views/insert_zeros_map.h"
#include "views/insert_zeros_output.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {

std::vector<NamedArray> insert_zeros_arrays(const ViewInput& in) {
  if (!in.results.ready() || !in.results.ways) return {};
  const Results& results = in.results;
  const LayerSpec& layer = results.scenario.layer;
  const bool large = too_large_for_insertion(in);
  std::vector<NamedArray> arrays;
  if (!large) {
    arrays.push_back(
        {"padded",
         "input x with " + zeros_between_text(layer) + " zeros between neighbours and " + long_border_text(layer),
         results.ways->padded, map_axes(layer)});
  }
  arrays.push_back({"input", "input x", results.input, map_axes(layer)});
  if (!large) {
    arrays.push_back({"spread", "input x with " + zeros_between_text(layer) + " zeros between neighbours, no border",
                      zero_inserted(layer, results.input), map_axes(layer)});
  }
  arrays.push_back({"turned_kernel", "kernel w " + turned_name(layer) + ": what slides over the padded input",
                    flipped(results.weight), kernel_axes(layer)});
  arrays.push_back({"kernel", "kernel w, not turned", results.weight, kernel_axes(layer)});
  if (!results.bias.empty()) {
    arrays.push_back({"bias", "bias b, one number for each output channel", results.bias, {"channel"}});
  }
  if (!results.ways->output.empty()) {
    arrays.push_back({"output", "output y, every window", results.ways->output, map_axes(layer)});
  }
  if (!large && in.interaction.options.contains(unturned_option)) {
    if (auto wrong = unturned_output(in)) {
      arrays.push_back({"unturned_output",
                        "what the kernel makes when it is not turned, sample " + std::to_string(in.interaction.batch) +
                            ", channel " + std::to_string(in.interaction.out_channel),
                        *std::move(wrong), map_axes(layer)});
    }
  }
  return arrays;
}

}  // namespace tconv
