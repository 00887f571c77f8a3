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

/// Sets pieces of an expression one after the other, with line breaks where Python allows them: inside brackets.
class Lines {
 public:
  /// `columns` 0: all on one line.
  Lines(std::string opening, std::size_t columns) : text_(std::move(opening)), columns_(columns) {}

  void add(const std::string& piece) {
    const bool first = text_.back() == '(' || text_.back() == '[';
    if (columns_ > 0 && ((first && on_opening_line_) || line_ + piece.size() + 1 > columns_)) {
      text_ += "\n  " + piece;
      line_ = piece.size() + 2;
    } else {
      text_ += (first ? "" : " ") + piece;
      line_ += piece.size() + 1;
    }
    on_opening_line_ = false;
  }

  /// Ends one bracket and opens another.
  void close(const std::string& brackets) {
    if (columns_ > 0) text_ += "\n";
    text_ += brackets;
    line_ = brackets.size();
  }

  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::size_t columns_;
  std::size_t line_ = 0;
  bool on_opening_line_ = true;
};

int64_t common_padding(const AxisSpec& a) { return std::min(a.padding_begin, a.padding_end); }

}  // namespace

std::string pytorch_code(const LayerSpec& layer, std::size_t columns) {
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

  Lines lines("nn.ConvTranspose" + std::to_string(layer.dims) + "d(", columns);
  for (std::size_t i = 0; i + 1 < arguments.size(); ++i) lines.add(arguments[i] + ",");

  const bool uneven =
      std::ranges::any_of(layer.spatial(), [](const AxisSpec& a) { return a.padding_begin != a.padding_end; });
  if (!uneven || !validate(layer).empty()) {
    lines.add(arguments.back() + ")");
    return lines.text();
  }
  lines.add(arguments.back());
  lines.close(")(x)[");
  std::string piece = "...";
  for (const AxisSpec& axis : layer.spatial()) {
    lines.add(piece + ",");
    const int64_t begin = axis.padding_begin - common_padding(axis);
    piece = std::to_string(begin) + ":" + std::to_string(begin + output_size(axis));
  }
  lines.add(piece + "]");
  return lines.text();
}

}  // namespace tconv
