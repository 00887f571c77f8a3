#include "views/insert_zeros_words.h"

#include <algorithm>

#include "core/zero_insertion.h"
#include "views/linking.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr int64_t steps_before_sliding = 2;  // steps 0, 1 and 2 are the first three stages

int64_t windows_of(const LayerSpec& layer) {
  const auto axes = layer.as_3d();
  return output_size(axes[1]) * output_size(axes[2]);
}

/// One number, or the numbers of all axes where they differ.
template <typename Number>
std::string axis_numbers(const LayerSpec& layer, const char* between, Number number) {
  std::string text;
  bool same = true;
  for (const AxisSpec& axis : layer.spatial()) {
    same = same && number(axis) == number(layer.axes[0]);
    text += (text.empty() ? "" : between) + std::to_string(number(axis));
  }
  return same ? std::to_string(number(layer.axes[0])) : text;
}

template <typename Number>
std::string extents_text(const LayerSpec& layer, Number number) {
  std::string text;
  for (const AxisSpec& axis : layer.spatial()) text += (text.empty() ? "" : " × ") + std::to_string(number(axis));
  return text;
}

/// "D(K−1)−P", without a dilation that does nothing.
std::string border_symbols(const LayerSpec& layer) {
  const bool dilated = std::ranges::any_of(layer.spatial(), [](const AxisSpec& axis) { return axis.dilation > 1; });
  return dilated ? "D(K−1)−P" : "K−1−P";
}

bool one_border(const LayerSpec& layer) {
  const InsertionAxis first = insertion_of(layer.axes[0]);
  return std::ranges::all_of(layer.spatial(), [&](const AxisSpec& axis) {
    const InsertionAxis map = insertion_of(axis);
    return map.border_begin == first.border_begin && map.border_end == first.border_begin;
  });
}

std::string border_words(int64_t border) {
  return border < 0 ? std::to_string(-border) + " cropped"
                    : std::to_string(border) + (border == 1 ? " zero" : " zeros");
}

}  // namespace

int64_t insertion_steps(const LayerSpec& layer) { return steps_before_sliding + windows_of(layer); }

InsertionPosition insertion_position(const ViewInput& in) {
  const int64_t windows = windows_of(in.results.scenario.layer);
  const int64_t step = std::clamp<int64_t>(in.interaction.own_step, 0, steps_before_sliding + windows);
  if (step <= steps_before_sliding) return {static_cast<InsertionStage>(step), 0, windows};
  return {InsertionStage::slide, step - steps_before_sliding, windows};
}

std::optional<CellIndex> insertion_window(const ViewInput& in) {
  const Tag& hover = in.interaction.hover;
  if (std::holds_alternative<OutputCell>(hover) || std::holds_alternative<Multiplication>(hover) ||
      std::holds_alternative<GradOutputCell>(hover)) {
    return focused_output(in);
  }
  const InsertionPosition position = insertion_position(in);
  if (position.stage != InsertionStage::slide) return {};
  const int64_t cols = output_size(in.results.scenario.layer.as_3d()[2]);
  const int64_t index = position.window - 1;
  return CellIndex{
      in.interaction.batch, in.interaction.out_channel, {in.interaction.out_slice, index / cols, index % cols}};
}

int64_t window_taps(const LayerSpec& layer) {
  int64_t taps = 1;
  for (const AxisSpec& axis : layer.spatial()) taps *= axis.kernel;
  return taps;
}

bool insertion_crops(const LayerSpec& layer) {
  return std::ranges::any_of(layer.spatial(), [](const AxisSpec& axis) {
    return insertion_of(axis).border_begin < 0 || insertion_of(axis).border_end < 0;
  });
}

std::string spread_text(const LayerSpec& layer) {
  return extents_text(layer, [](const AxisSpec& axis) { return insertion_of(axis).spread; });
}

std::string padded_text(const LayerSpec& layer) {
  return extents_text(layer, [](const AxisSpec& axis) { return insertion_of(axis).padded; });
}

std::string zeros_between_text(const LayerSpec& layer) {
  return "S−1 = " + axis_numbers(layer, ", ", [](const AxisSpec& axis) { return insertion_of(axis).zeros; });
}

std::string border_text(const LayerSpec& layer) {
  const std::string symbols = border_symbols(layer);
  if (!one_border(layer)) return symbols;
  const int64_t border = insertion_of(layer.axes[0]).border_begin;
  return symbols + " = " + (border < 0 ? "−" + std::to_string(-border) : std::to_string(border));
}

std::string long_border_text(const LayerSpec& layer) {
  if (one_border(layer)) {
    return std::string(insertion_crops(layer) ? "a crop: " : "a border of zeros: ") + border_text(layer);
  }
  std::string text;
  int index = 0;
  bool more = false;
  for (const AxisSpec& axis : layer.spatial()) {
    const InsertionAxis map = insertion_of(axis);
    const std::string name = layer.dims > 1 ? std::string(axis_name(layer, index)) + " " : "";
    text += (text.empty() ? "" : "; ") + name + border_words(map.border_begin) + " before, " +
            border_words(map.border_end) + " after";
    more = more || axis.output_padding > 0;
    ++index;
  }
  return border_symbols(layer) + (more ? ", after the end plus OP" : "") + ": " + text;
}

std::string turned_name(const LayerSpec& layer) {
  if (layer.dims == 1) return "reversed";
  return layer.dims == 2 ? "turned by 180°" : "reversed on every axis";
}

std::string met_text(const ViewInput& in, CellIndex at) {
  const LayerSpec& layer = in.results.scenario.layer;
  return std::to_string(real_products(layer, at.at)) + " of " + std::to_string(window_taps(layer)) +
         " products meet a real cell";
}

}  // namespace tconv
