// The layer in JAX as what it is: an ordinary convolution of the spread input with the flipped kernel. Unlike
// lax.conv_transpose this form is exact for every legal layer.

#include "document/code_snippet.h"
#include "document/python_text.h"

namespace tconv {
namespace {

using std::int64_t;

std::string flipped_axes(int dims) {
  std::vector<int64_t> axes;
  for (int axis = 0; axis < dims; ++axis) axes.push_back(axis + 2);
  return python_tuple(axes);
}

/// The kernel as (C_out, C_in/G, spatial…), flipped.
std::string kernel_lines(const LayerSpec& layer) {
  std::string text = "# A convolution slides the kernel turned by 180 degrees, laid out C_out, C_in/groups, spatial.\n";
  if (layer.groups == 1) {
    text += "kernel = w.swapaxes(0, 1)\n";
  } else {
    const int64_t inputs = layer.in_channels / layer.groups;
    text += "kernel = w.reshape((" + std::to_string(layer.groups) + ", " + std::to_string(inputs) +
            ") + w.shape[1:]).swapaxes(1, 2)  # group, C_out/groups, C_in/groups, spatial\n";
    text += "kernel = kernel.reshape((" + std::to_string(layer.out_channels) + ", " + std::to_string(inputs) +
            ") + w.shape[2:])\n";
  }
  return text + "kernel = np.flip(kernel, axis=" + flipped_axes(layer.dims) + ")\n";
}

/// "[(2, 2), (2, 2)]": D(K−1)−P before and D(K−1)−P+OP behind; negative ones crop.
std::string padding_list(const LayerSpec& layer) {
  std::string text;
  for (const AxisSpec& axis : layer.spatial()) {
    const int64_t reach = stamp_extent(axis) - 1;
    text +=
        (text.empty() ? "" : ", ") +
        python_tuple(std::vector<int64_t>{reach - axis.padding_begin, reach - axis.padding_end + axis.output_padding});
  }
  return "[" + text + "]";
}

}  // namespace

std::string jax_snippet(const Scenario& scenario) {
  const LayerSpec& layer = scenario.layer;
  const std::string spatial = layer.dims == 1 ? "W" : layer.dims == 2 ? "HW" : "DHW";
  std::string text = script_heading(scenario, "JAX");
  text += "import numpy as np\nfrom jax import lax\n\n";
  text += script_arrays(scenario) + "\n";
  text +=
      "# Not lax.conv_transpose: by default (transpose_kernel=False) it does not flip the kernel as PyTorch's\n"
      "# layer does, and its padding pads the spread input instead of cropping the output.\n";
  text += kernel_lines(layer);
  text += "y = lax.conv_general_dilated(\n    x, kernel,\n";
  text += "    window_strides=" + python_tuple(per_axis(layer, [](const AxisSpec&) { return int64_t{1}; })) + ",\n";
  text += "    padding=" + padding_list(layer) + ",  # D*(K-1) - P; output_padding adds at the end\n";
  text += "    lhs_dilation=" + python_tuple(per_axis(layer, [](const AxisSpec& a) { return a.stride; })) +
          ",  # the layer's stride: S-1 zeros between input cells\n";
  text += "    rhs_dilation=" + python_tuple(per_axis(layer, [](const AxisSpec& a) { return a.dilation; })) + ",\n";
  text += "    dimension_numbers=(\"NC" + spatial + "\", \"OI" + spatial + "\", \"NC" + spatial + "\"),\n";
  text += "    feature_group_count=" + std::to_string(layer.groups) + ")\n";
  text += "y = np.asarray(y)";
  if (layer.bias)
    text += " + b.reshape(" + python_tuple(std::vector<int64_t>{1, layer.out_channels}) + " + (1,) * " +
            std::to_string(layer.dims) + ")";
  return text + "\n" + script_ending(layer);
}

}  // namespace tconv
