// The layer in Keras 3, which has only padding="valid" and "same", no groups, and no dilation together with strides.
// What it lacks is made around it: slices, a layer per group, zeros between the taps.

#include <algorithm>

#include "document/code_snippet.h"
#include "document/python_text.h"

namespace tconv {
namespace {

using std::int64_t;

bool any_axis(const LayerSpec& layer, auto condition) { return std::ranges::any_of(layer.spatial(), condition); }

/// Whether "same" makes the same size; it may still crop elsewhere.
bool has_size_of_same(const AxisSpec& axis) { return output_size(axis) == axis.input * axis.stride; }

/// Whether "same" crops as this axis does: ⌊(K−S)/2⌋ cells before the first. An odd K−S, which Keras' backends crop at
/// different ends, and dilation are left to slices.
bool is_same(const AxisSpec& axis) {
  const int64_t overlap = axis.kernel - axis.stride;
  return axis.dilation == 1 && has_size_of_same(axis) && (overlap < 0 || overlap % 2 == 0) &&
         axis.padding_begin == std::max<int64_t>(overlap, 0) / 2;
}

bool is_dilated(const AxisSpec& axis) { return axis.dilation > 1; }
bool is_strided(const AxisSpec& axis) { return axis.stride > 1; }

/// What "valid" makes of `cells` cells: never less than S a cell.
int64_t valid_size(const AxisSpec& axis, int64_t cells) {
  return (cells - 1) * axis.stride + std::max(stamp_extent(axis), axis.stride);
}

/// How many zero cells behind the input "valid" needs to reach the last cell of this axis' output.
int64_t cells_valid_lacks(const AxisSpec& axis) {
  const int64_t lacking = axis.padding_begin + output_size(axis) - valid_size(axis, axis.input);
  return lacking <= 0 ? 0 : (lacking + axis.stride - 1) / axis.stride;
}

std::string spread_kernel(const LayerSpec& layer) {
  std::string text = "# Keras takes no dilation_rate together with strides: zeros between the taps do the same.\n";
  text += "w_spread = np.zeros(w.shape[:2] + " + python_tuple(per_axis(layer, stamp_extent)) +
          ", dtype=np.float32)\nw_spread[:, :";
  for (const AxisSpec& axis : layer.spatial()) text += ", ::" + std::to_string(axis.dilation);
  return text + "] = w\n";
}

/// Why it is "same", or "valid" and a slice.
std::string padding_comment(const LayerSpec& layer, bool same) {
  if (same) return "    # padding=\"same\" makes I*S cells, and here it crops exactly what this layer crops.\n";
  if (std::ranges::all_of(layer.spatial(), has_size_of_same)) {
    return "    # padding=\"same\" would make this size, but it need not crop the same cells: (K-S)/2 at the begin, "
           "and\n"
           "    # backends differ where that is not whole. \"valid\" crops nothing; the slice below does.\n";
  }
  return "    # padding=\"same\" would make I*S cells, another size. \"valid\" crops nothing.\n";
}

/// A function that runs the layer of one group on arrays in PyTorch's layouts.
std::string run_function(const LayerSpec& layer, bool same, bool spread) {
  std::vector<int64_t> kernel_axes;
  for (int axis = 0; axis < layer.dims; ++axis) kernel_axes.push_back(axis + 2);
  kernel_axes.insert(kernel_axes.end(), {1, 0});
  const auto kernel = per_axis(layer, [&](const AxisSpec& a) { return spread ? stamp_extent(a) : a.kernel; });

  std::string text = layer.bias ? "\n\ndef run(x, w, b):\n" : "\n\ndef run(x, w):\n";
  text += padding_comment(layer, same);
  text += "    layer = keras.layers.Conv" + std::to_string(layer.dims) + "DTranspose(\n        " +
          std::to_string(layer.out_channels / layer.groups) + ", kernel_size=" + python_tuple(kernel) +
          ", strides=" + python_tuple(per_axis(layer, [](const AxisSpec& a) { return a.stride; })) +
          (same ? ", padding=\"same\"" : ", padding=\"valid\"") + ",\n        data_format=\"channels_last\"";
  if (!spread && any_axis(layer, is_dilated)) {
    text += ", dilation_rate=" + python_tuple(per_axis(layer, [](const AxisSpec& a) { return a.dilation; }));
  }
  text += layer.bias ? ", use_bias=True)\n" : ", use_bias=False)\n";
  text += "    x = np.moveaxis(x, 1, -1)\n    layer.build(x.shape)\n";
  text += "    kernel = np.transpose(w, " + python_tuple(kernel_axes) + ")  # spatial, C_out, C_in; not flipped\n";
  text += layer.bias ? "    layer.set_weights([kernel, b])\n" : "    layer.set_weights([kernel])\n";
  return text + "    return np.moveaxis(keras.ops.convert_to_numpy(layer(x)), -1, 1)\n\n\n";
}

/// Runs every group, or the layer if it has only one.
std::string calls(const LayerSpec& layer, const std::string& input, const std::string& kernel) {
  if (layer.groups == 1) return "y = run(" + input + ", " + kernel + (layer.bias ? ", b" : "") + ")\n";
  const std::string groups = std::to_string(layer.groups);
  return "# Keras' transposed layers have no groups: one layer for each, and their channels one after the other.\n"
         "groups = zip(np.split(" +
         input + ", " + groups + ", axis=1), np.split(" + kernel + ", " + groups + ")" +
         (layer.bias ? ", np.split(b, " + groups + ")" : "") +
         ")\ny = np.concatenate([run(*group) for group in groups], axis=1)\n";
}

}  // namespace

std::string keras_snippet(const Scenario& scenario) {
  const LayerSpec& layer = scenario.layer;
  const bool same = std::ranges::all_of(layer.spatial(), is_same);
  const bool spread = any_axis(layer, is_dilated) && any_axis(layer, is_strided);
  const bool pads = !same && any_axis(layer, [](const AxisSpec& a) { return cells_valid_lacks(a) > 0; });

  std::string text = script_heading(scenario, "Keras");
  text += "import keras\nimport numpy as np\n\n";
  text += script_arrays(scenario);
  if (pads || spread) text += "\n";
  if (pads) {
    text += "# Zero cells behind the input: room for output_padding, where only the bias arrives.\n" +
            python_zero_cells(per_axis(layer, cells_valid_lacks));
  }
  if (spread) text += spread_kernel(layer);
  text += run_function(layer, same, spread);
  text += calls(layer, pads ? "x_padded" : "x", spread ? "w_spread" : "w");
  if (!same) {
    std::vector<KeptCells> kept;
    for (const AxisSpec& axis : layer.spatial()) {
      kept.push_back({axis.padding_begin, axis.padding_begin + output_size(axis)});
    }
    const auto size = [](const AxisSpec& a) { return valid_size(a, a.input + cells_valid_lacks(a)); };
    text += python_slice(kept, per_axis(layer, size));
  }
  return text + script_ending(layer);
}

}  // namespace tconv
