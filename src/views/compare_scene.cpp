#include "views/compare_scene.h"

#include <algorithm>
#include <cmath>

#include "views/cell_map.h"
#include "views/color_scales.h"
#include "views/large_map.h"

namespace tconv {
namespace {

using std::int64_t;

bool shows_a_picture(const Comparison& comparison) {
  const std::string& input = comparison.key.choice.input;
  return input == "test-card" || input == "landscape";
}

const ColorMap& map_of(const ViewInput& in, const Comparison& comparison) {
  const ColorMap* grey = shows_a_picture(comparison) ? find_color_map("grey") : nullptr;
  return grey != nullptr ? *grey : shown_color_map(in.document);
}

/// One scale for all that are compared, of the planes that are shown.
std::optional<ColorScale> shared_scale(const ViewInput& in, const CompareScene& scene) {
  if (shows_a_picture(scene.comparison)) return {};
  ColorData data{.range = ValueRange{scene.comparison.low, scene.comparison.high}};
  const auto add = [&](const std::vector<PlaneView>& planes) {
    if (planes.size() == 1) data.parts.push_back(planes[0].values);
  };
  for (const Upsampler& one : scene.comparison.upsamplers) add(scene.planes(one.output));
  add(scene.comparison.truth.empty() ? scene.input_planes() : scene.planes(scene.comparison.truth));
  if (data.parts.empty()) return {};  // colour images
  return scale_for(in, data);
}

}  // namespace

ComparisonChoice compared_choice(const Interaction& interaction) {
  ComparisonChoice choice;
  choice.input = interaction.choice("compare/input", "");
  const bool known =
      choice.input == "own" || std::ranges::find(compared_patterns, choice.input) != compared_patterns.end();
  if (!known) choice.input.clear();
  choice.shrink = interaction.options.contains("compare/shrink");
  choice.batch = interaction.batch;
  choice.out_channel = interaction.out_channel;
  return choice;
}

CompareScene::CompareScene(const ViewInput& input, const Comparison& of)
    : in(input), comparison(of), rows(1), cols(1), slice(0), hovered(false), map(map_of(input, of)) {
  const auto axes = of.layer.as_3d();
  rows = axes[1].input * axes[1].stride;
  cols = axes[2].input * axes[2].stride;
  slice = axes[0].input * axes[0].stride / 2;
  scale = shared_scale(input, *this);
  window = visible_window(input.interaction.viewport, rows, cols);
  focus = window.centre();
  if (const auto* cell = std::get_if<ComparedCell>(&input.interaction.hover)) {
    hovered = cell->at[1] < rows && cell->at[2] < cols;
    if (hovered) focus = {static_cast<double>(cell->at[2]) + 0.5, static_cast<double>(cell->at[1]) + 0.5};
  }
}

int64_t CompareScene::channel() const {
  const auto count = static_cast<int64_t>(comparison.channels.size());
  return count == 1 ? 0 : std::clamp<int64_t>(in.interaction.out_channel, 0, count - 1);
}

std::vector<PlaneView> CompareScene::planes(const Tensor& map_of) const {
  if (map_of.shape()[1] == 3 && comparison.layer.dims == 2) {
    return {plane_of(map_of, 0, 0, 0), plane_of(map_of, 0, 1, 0), plane_of(map_of, 0, 2, 0)};
  }
  return {plane_of(map_of, 0, std::min(channel(), map_of.shape()[1] - 1), slice)};
}

std::vector<PlaneView> CompareScene::input_planes() const {
  const Tensor& input = comparison.input;
  if (input.shape()[1] == 3 && comparison.layer.dims == 2) {
    return {plane_of(input, 0, 0, 0), plane_of(input, 0, 1, 0), plane_of(input, 0, 2, 0)};
  }
  const int64_t shown = std::clamp<int64_t>(in.interaction.in_channel, 0, input.shape()[1] - 1);
  const auto axes = comparison.layer.as_3d();
  return {plane_of(input, 0, shown, slice / axes[0].stride)};
}

int64_t CompareScene::focus_row() const {
  return std::clamp<int64_t>(static_cast<int64_t>(std::floor(focus.y)), 0, rows - 1);
}

int64_t CompareScene::focus_col() const {
  return std::clamp<int64_t>(static_cast<int64_t>(std::floor(focus.x)), 0, cols - 1);
}

}  // namespace tconv
