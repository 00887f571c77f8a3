#include "document/fields.h"

#include <algorithm>
#include <array>

namespace tconv {
namespace {

using std::int64_t;

AxisSpec& at(LayerSpec& layer, int axis) { return layer.axes[static_cast<std::size_t>(axis)]; }
const AxisSpec& at(const LayerSpec& layer, int axis) { return layer.axes[static_cast<std::size_t>(axis)]; }

template <int64_t AxisSpec::*member>
int64_t get_axis(const LayerSpec& layer, int axis) {
  return at(layer, axis).*member;
}
template <int64_t AxisSpec::*member>
void set_axis(LayerSpec& layer, int axis, int64_t value) {
  at(layer, axis).*member = value;
}
template <int64_t LayerSpec::*member>
int64_t get_layer(const LayerSpec& layer, int) {
  return layer.*member;
}
template <int64_t LayerSpec::*member>
void set_layer(LayerSpec& layer, int, int64_t value) {
  layer.*member = value;
}
void set_both_paddings(LayerSpec& layer, int axis, int64_t value) {
  at(layer, axis).padding_begin = at(layer, axis).padding_end = value;
}
int64_t get_bias(const LayerSpec& layer, int) { return layer.bias ? 1 : 0; }
void set_bias(LayerSpec& layer, int, int64_t value) { layer.bias = value != 0; }

template <int64_t AxisSpec::*member>
constexpr Field axis_field(std::string_view name, std::string_view label, std::string_view symbol,
                           std::string_view help, bool on_panel, int64_t first, int64_t last, int64_t usual) {
  return {
      name, label, symbol, help, FieldScope::axis, on_panel, first, last, usual, get_axis<member>, set_axis<member>};
}
template <int64_t LayerSpec::*member>
constexpr Field layer_field(std::string_view name, std::string_view label, std::string_view symbol,
                            std::string_view help, bool on_panel, int64_t last) {
  return {name, label, symbol, help, FieldScope::layer, on_panel, 1, last, 1, get_layer<member>, set_layer<member>};
}

// PyTorch takes output_padding up to max(S, D) − 1; from S on it only adds cells that no forward size explains.
std::string beyond_stride(const LayerSpec& layer, int axis, int64_t value) {
  for (int a = 0; a < layer.dims; ++a) {
    const int64_t stride = at(layer, a).stride;
    if ((axis == all_axes || axis == a) && value >= stride) {
      return "stride " + std::to_string(stride) + " leaves " + std::to_string(stride) +
             (stride == 1 ? " size" : " sizes") + " to choose from";
    }
  }
  return "";
}

constexpr Field output_padding_field() {
  Field field = axis_field<&AxisSpec::output_padding>(
      "output_padding", "Output pad", "OP",
      "adds cells at the end: it chooses between the sizes that stride leaves open", true, 0, 5, 0);
  field.withheld = beyond_stride;
  return field;
}

constexpr Field padding_field() {
  Field field = axis_field<&AxisSpec::padding_begin>(
      "padding", "Padding P", "P", "crops P cells from both ends of the output; it is the padding of the forward layer",
      true, 0, 8, 0);
  field.set = set_both_paddings;
  return field;
}

constexpr std::array table{
    axis_field<&AxisSpec::input>("input", "Input size I", "I", "cells of the input along an axis", true, 1, 16, 2),
    axis_field<&AxisSpec::kernel>("kernel", "Kernel K", "K", "taps of the kernel along an axis", true, 1, 9, 3),
    axis_field<&AxisSpec::stride>("stride", "Stride S", "S", "output cells from one stamp to the next", true, 1, 6, 1),
    padding_field(),
    axis_field<&AxisSpec::padding_begin>("padding_begin", "Padding, begin", "P", "cells cropped before the first",
                                         false, 0, 8, 0),
    axis_field<&AxisSpec::padding_end>("padding_end", "Padding, end", "P", "cells cropped after the last", false, 0, 8,
                                       0),
    output_padding_field(),
    axis_field<&AxisSpec::dilation>("dilation", "Dilation D", "D", "output cells from one tap of a stamp to the next",
                                    true, 1, 4, 1),
    layer_field<&LayerSpec::in_channels>("in_channels", "Channels in", "C_in", "input maps; each has its own kernels",
                                         true, 8),
    layer_field<&LayerSpec::out_channels>("out_channels", "Channels out", "C_out",
                                          "output maps; each sums over the input maps of its group", true, 8),
    layer_field<&LayerSpec::groups>("groups", "Groups G", "G",
                                    "splits the channels into G sets that do not mix; divides both channel counts",
                                    false, 8),
    layer_field<&LayerSpec::batch>("batch", "Batch N", "N", "samples that pass the layer together", false, 8),
    Field{"bias", "Bias", "b", "one number per output channel, added to every cell", FieldScope::layer, false, 0, 1, 0,
          get_bias, set_bias},
};

}  // namespace

std::span<const Field> fields() { return table; }

const Field* find_field(std::string_view name) {
  const auto found = std::ranges::find(table, name, &Field::name);
  return found == table.end() ? nullptr : &*found;
}

LayerSpec with_field(LayerSpec layer, const Field& field, int axis, int64_t value) {
  if (field.scope == FieldScope::layer) {
    field.set(layer, 0, value);
  } else if (axis == all_axes) {
    // Also the axes that do not count now: switching from 2D to 3D then brings no surprise.
    for (int a = 0; a < 3; ++a) field.set(layer, a, value);
  } else {
    field.set(layer, axis, value);
  }
  return layer;
}

int64_t value_of(const LayerSpec& layer, const Field& field, int axis) {
  return field.get(layer, axis == all_axes ? 0 : axis);
}

bool same_on_all_axes(const LayerSpec& layer, const Field& field) {
  if (field.scope == FieldScope::layer) return true;
  // Setting the first axis' value everywhere changes nothing: that also holds for a field that sets two numbers.
  LayerSpec same = layer;
  for (int a = 0; a < layer.dims; ++a) field.set(same, a, field.get(layer, 0));
  return same == layer;
}

std::optional<LegalRange> legal_range(const LayerSpec& layer, const Field& field, int axis) {
  std::optional<LegalRange> range;
  std::string why;
  bool hole = false;
  for (int64_t value = field.slider_first; value <= field.slider_last; ++value) {
    const auto problems = validate(with_field(layer, field, axis, value));
    std::string reason = problems.empty() ? "" : problems.front().rule;
    if (reason.empty() && field.withheld != nullptr) reason = field.withheld(layer, axis, value);
    if (!reason.empty()) {
      if (why.empty()) why = reason;
      hole = true;
      continue;
    }
    if (!range) {
      range = {value, value, false, ""};
    } else {
      range->has_holes = range->has_holes || hole;
      range->last = value;
    }
    hole = false;
  }
  if (range) range->why = why;
  return range;
}

std::optional<LayerSpec> mended(const LayerSpec& layer, const Problem& problem) {
  const Field* field = find_field(problem.field);
  if (field == nullptr || !problem.nearest) return std::nullopt;
  // Axes that are alike have the same problem, and one mend for all.
  return with_field(layer, *field, same_on_all_axes(layer, *field) ? all_axes : problem.axis, *problem.nearest);
}

}  // namespace tconv
