#include "document/pytorch_code.h"

#include <algorithm>
#include <vector>

namespace tconv {
namespace {

using std::int64_t;

template <typename Get>
std::string argument(const LayerSpec& layer, Get get) {
  const auto axes = layer.spatial();
  if (std::ranges::all_of(axes, [&](const AxisSpec& a) { return get(a) == get(axes[0]); })) {
    return std::to_string(get(axes[0]));
  }
  std::string text = "(";
  for (std::size_t i = 0; i < axes.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(get(axes[i]));
  return text + ")";
}

int64_t common_padding(const AxisSpec& a) { return std::min(a.padding_begin, a.padding_end); }

}  // namespace

std::string pytorch_code(const LayerSpec& layer, bool wrapped) {
  std::vector<std::string> arguments{std::to_string(layer.in_channels), std::to_string(layer.out_channels)};
  const auto add = [&](const char* name, auto get, int64_t usual, bool always) {
    const bool unusual = std::ranges::any_of(layer.spatial(), [&](const AxisSpec& a) { return get(a) != usual; });
    if (unusual || always) arguments.push_back(std::string(name) + "=" + argument(layer, get));
  };
  add(
      "kernel_size", [](const AxisSpec& a) { return a.kernel; }, 0, true);
  add(
      "stride", [](const AxisSpec& a) { return a.stride; }, 1, true);
  add("padding", common_padding, 0, false);
  add(
      "output_padding", [](const AxisSpec& a) { return a.output_padding; }, 0, false);
  if (layer.groups != 1) arguments.push_back("groups=" + std::to_string(layer.groups));
  if (!layer.bias) arguments.push_back("bias=False");
  add(
      "dilation", [](const AxisSpec& a) { return a.dilation; }, 1, false);

  std::string code = "nn.ConvTranspose" + std::to_string(layer.dims) + "d(";
  const std::size_t width = 26;  // characters of a wrapped line
  std::size_t line = width;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string piece = arguments[i] + (i + 1 < arguments.size() ? "," : ")");
    if (wrapped && line + piece.size() + 1 > width) {
      code += "\n  " + piece;
      line = piece.size() + 2;
    } else {
      code += (i > 0 ? " " : "") + piece;
      line += piece.size() + 1;
    }
  }

  const bool uneven =
      std::ranges::any_of(layer.spatial(), [](const AxisSpec& a) { return a.padding_begin != a.padding_end; });
  if (uneven && validate(layer).empty()) {
    code += wrapped ? "(x)[...," : "(x)[...";
    for (const AxisSpec& axis : layer.spatial()) {
      const int64_t begin = axis.padding_begin - common_padding(axis);
      const std::string range = std::to_string(begin) + ":" + std::to_string(begin + output_size(axis));
      code += wrapped ? (&axis == &layer.axes[0] ? "\n  " : ", ") + range : ", " + range;
    }
    code += "]";
  }
  return code;
}

}  // namespace tconv
