#include "views/view_arrays.h"

namespace tconv {

std::vector<NamedArray> gradients_arrays(const ViewInput& in) {
  if (!in.results.ready() || !in.results.ways || !in.results.ways->gradients) return {};
  const LayerSpec& layer = in.results.scenario.layer;
  const Ways& ways = *in.results.ways;
  std::vector<NamedArray> arrays;
  arrays.push_back({"dx", "gradient of the loss by the input x", ways.gradients->input, map_axes(layer)});
  arrays.push_back({"dw", "gradient of the loss by the kernel w", ways.gradients->weight, kernel_axes(layer)});
  if (!ways.gradients->bias.empty()) {
    arrays.push_back({"db", "gradient of the loss by the bias b", ways.gradients->bias, {"channel"}});
  }
  arrays.push_back({"g", "gradient of the loss by the output y", ways.grad_output, map_axes(layer)});
  arrays.push_back({"x", "input x", in.results.input, map_axes(layer)});
  arrays.push_back({"w", "kernel w", in.results.weight, kernel_axes(layer)});
  if (!in.results.bias.empty()) {
    arrays.push_back({"b", "bias b, one number for each output channel", in.results.bias, {"channel"}});
  }
  if (!ways.output.empty()) arrays.push_back({"y", "output y", ways.output, map_axes(layer)});
  return arrays;
}

}  // namespace tconv
