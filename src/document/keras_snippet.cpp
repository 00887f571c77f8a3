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
int64_t cells_to_add(const AxisSpec& axis) {
  const int64_t lacking = axis.padding_begin + output_size(axis) - valid_size(axis, axis.input);
  return lacking <= 0 ? 0 : (lacking + axis.stride - 1) / axis.stride;
}

std::string padded_input(const LayerSpec& layer) {
  std::string text =
      "# Zero cells behind the input: room for output_padding, where only the bias arrives.\n"
      "x = np.pad(x, ((0, 0), (0, 0)";
  for (const AxisSpec& axis : layer.spatial()) text += ", (0, " + std::to_string(cells_to_add(axis)) + ")";
  return text + "))\n";
}

std::string spread_kernel(const LayerSpec& layer) {
  std::string text = "# Keras takes no dilation_rate together with strides: zeros between the taps do the same.\n";
  text += "taps = w\nw = np.zeros(taps.shape[:2] + " + python_tuple(per_axis(layer, stamp_extent)) +
          ", dtype=np.float32)\nw[:, :";
  for (const AxisSpec& axis : layer.spatial()) text += ", ::" + std::to_string(axis.dilation);
  return text + "] = taps\n";
}

/// Why there is a slice and not what one might expect.
std::string padding_comment(const LayerSpec& layer, bool same) {
  if (same) return "# padding=\"same\" makes I*S cells, and here it crops exactly what this layer crops.\n";
  const auto axes = layer.spatial();
  if (std::ranges::all_of(axes, has_size_of_same)) {
    return "# padding=\"same\" would make this size, too, but is not this layer for certain: it crops (K-S)/2 at the\n"
           "# begin, rounded down, and backends differ where that is not whole. \"valid\" crops nothing.\n";
  }
  return "# padding=\"same\" would make I*S cells, another size. \"valid\" crops nothing.\n";
}

}  // namespace

std::string keras_snippet(const Scenario& scenario) {
  const LayerSpec& layer = scenario.layer;
  const bool same = std::ranges::all_of(layer.spatial(), is_same);
  const bool spread = any_axis(layer, is_dilated) && any_axis(layer, is_strided);
  const bool pads = !same && any_axis(layer, [](const AxisSpec& a) { return cells_to_add(a) > 0; });

  std::string text = script_heading(scenario, "Keras");
  text += "import keras\nimport numpy as np\n\n";
  text += script_arrays(scenario) + "\n";
  if (pads) text += padded_input(layer);
  if (spread) text += spread_kernel(layer);

  const std::string arguments = layer.bias ? "x, w, b" : "x, w";
  std::vector<int64_t> kernel_axes;
  for (int axis = 0; axis < layer.dims; ++axis) kernel_axes.push_back(axis + 2);
  kernel_axes.insert(kernel_axes.end(), {1, 0});
  const auto kernel = per_axis(layer, [&](const AxisSpec& a) { return spread ? stamp_extent(a) : a.kernel; });
  text += "\n\ndef run(" + arguments + "):\n    ";
  std::string comment = padding_comment(layer, same);
  for (std::size_t at = comment.find('\n'); at + 1 < comment.size(); at = comment.find('\n', at + 1)) {
    comment.insert(at + 1, "    ");
  }
  text += comment;
  text += "    layer = keras.layers.Conv" + std::to_string(layer.dims) + "DTranspose(\n        " +
          std::to_string(layer.out_channels / layer.groups) + ", kernel_size=" + python_tuple(kernel) +
          ", strides=" + python_tuple(per_axis(layer, [](const AxisSpec& a) { return a.stride; })) +
          (same ? ", padding=\"same\"" : ", padding=\"valid\"") + ",\n        data_format=\"channels_last\"";
  if (!spread && any_axis(layer, is_dilated)) {
    text += ", dilation_rate=" + python_tuple(per_axis(layer, [](const AxisSpec& a) { return a.dilation; }));
  }
  text += std::string(", use_bias=") + (layer.bias ? "True" : "False") + ")\n";
  text += "    x = np.moveaxis(x, 1, -1)\n    layer.build(x.shape)\n";
  text += "    kernel = np.transpose(w, " + python_tuple(kernel_axes) + ")  # spatial, C_out, C_in; not flipped\n";
  text += std::string("    layer.set_weights([kernel") + (layer.bias ? ", b" : "") + "])\n";
  text += "    return np.moveaxis(keras.ops.convert_to_numpy(layer(x)), -1, 1)\n\n\n";

  if (layer.groups == 1) {
    text += "y = run(" + arguments + ")\n";
  } else {
    const std::string groups = std::to_string(layer.groups);
    text += "# Keras' transposed layers have no groups: one layer for each, and their channels one after the other.\n";
    text += "groups = zip(np.split(x, " + groups + ", axis=1), np.split(w, " + groups + ")" +
            (layer.bias ? ", np.split(b, " + groups + ")" : "") + ")\n";
    text += "y = np.concatenate([run(*group) for group in groups], axis=1)\n";
  }
  if (!same) {
    std::vector<CellRange> kept;
    for (const AxisSpec& axis : layer.spatial()) {
      kept.push_back({axis.padding_begin, axis.padding_begin + output_size(axis)});
    }
    text +=
        python_slice(kept, per_axis(layer, [](const AxisSpec& a) { return valid_size(a, a.input + cells_to_add(a)); }));
  }
  return text + script_ending(layer);
}

}  // namespace tconv
