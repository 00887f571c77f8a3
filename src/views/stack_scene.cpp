#include "views/stack_scene.h"

#include <algorithm>
#include <charconv>

namespace tconv {
namespace {

using std::int64_t;

constexpr const char* preset_choice = "decoder-stack/preset";
constexpr const char* depth_choice = "decoder-stack/depth";
constexpr const char* then_choice = "decoder-stack/then";
constexpr const char* axis_choice = "decoder-stack/axis";
constexpr int64_t deepest = 5;
constexpr int64_t largest_then = 64;

/// The chosen number where it is one from `first` to `last`, else `usual`.
int64_t chosen_number(const ViewInput& in, const char* name, int64_t first, int64_t last, int64_t usual) {
  const std::string text = in.interaction.choice(name, std::to_string(usual));
  int64_t number = usual;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  return whole && number >= first && number <= last ? number : usual;
}

bool same_everywhere(const StackReport& report) {
  return std::ranges::all_of(report.depths, [](const StackDepth& depth) {
    return std::ranges::all_of(depth.axes, [&](const StackAxis& axis) {
      const StackAxis& first = depth.axes[0];
      return axis.output == first.output && axis.pattern == first.pattern && axis.scale == first.scale &&
             axis.first == first.first && axis.reach == first.reach;
    });
  });
}

}  // namespace

StackScene::StackScene(const ViewInput& in)
    : preset(in.interaction.choice(preset_choice, "this")), depth(chosen_number(in, depth_choice, 1, deepest, 3)) {
  if (!is_built_in_stack(preset)) preset = "this";
  if (is_preset()) {
    file = built_in_stack(preset);
  } else {
    file.stack = repeated(in.document.scenario.layer, depth);
  }
  report = report_on(file.stack);
  if (!report.depths.empty() && report.problems.empty()) {
    const StackDepth& last = report.depths.back();
    mend = last.evening_kernel();
    then = chosen_number(in, then_choice, 2, largest_then, 0);
    if (then > 0) {
      StackLayer conv = size_keeping_convolution(last.layer.spec.dims, last.layer.spec.out_channels, then);
      conv.name = "then";
      file.stack.push_back(std::move(conv));
      report = report_on(file.stack);
    }
  }
  axes_alike = same_everywhere(report);
  const int dims = report.depths.empty() ? 1 : report.depths[0].layer.spec.dims;
  axis = static_cast<int>(chosen_number(in, axis_choice, 0, dims - 1, dims - 1));
}

std::string StackScene::name_of(std::size_t depth_index) const {
  const std::string& name = file.stack[depth_index].name;
  return name.empty() ? "layer " + std::to_string(depth_index + 1) : name;
}

std::vector<std::size_t> StackScene::shown_depths() const {
  constexpr std::size_t few = 7;
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < report.depths.size(); ++i) {
    const bool last = i + 1 == report.depths.size();
    const bool enlarges_next = !last && report.depths[i + 1].axes[0].scale > report.depths[i].axes[0].scale;
    if (report.depths.size() <= few || last || enlarges_next) shown.push_back(i);
  }
  return shown;
}

std::vector<OptionRule> stack_options() {
  OptionRule preset{preset_choice, {"this"}};
  for (const BuiltInStack& stack : built_in_stacks()) preset.values.push_back(stack.id);
  return {preset,
          {.id = depth_choice, .first = 1, .last = deepest},
          {.id = then_choice, .values = {"0"}, .first = 2, .last = largest_then},
          {.id = axis_choice, .first = 0, .last = 2}};
}

double add_stack_chips(Figure& figure, const ViewInput& in, const StackScene& scene, Point at, double width) {
  static const std::vector<BuiltInStack> presets = built_in_stacks();
  const double left = at.x;
  const auto group = [&](const std::string& name, const std::vector<ViewChip>& chips) {
    figure.add(TextShape{.at = {left, at.y + 18}, .text = name, .size = 13, .color = in.theme.muted});
    constexpr double names = 56;
    at.y = add_chips(figure, in, {left + names, at.y}, width - names, chips) + 10;
  };
  std::vector<ViewChip> stacks{{"This layer", !scene.is_preset(), ViewChoice{preset_choice, "this"}}};
  for (const BuiltInStack& stack : presets) {
    stacks.push_back({stack.title, scene.preset == stack.id, ViewChoice{preset_choice, stack.id}});
  }
  group("Stack", stacks);
  if (!scene.is_preset()) {
    std::vector<ViewChip> depths;
    for (int64_t n = 1; n <= deepest; ++n) {
      depths.push_back({"× " + std::to_string(n), scene.depth == n, ViewChoice{depth_choice, std::to_string(n)}});
    }
    group("Depth", depths);
  }
  if (scene.mend > 0) {
    std::vector<ViewChip> then{{"nothing", scene.then == 0, ViewChoice{then_choice, "0"}}};
    std::vector<int64_t> kernels{2, 3};
    if (scene.mend > 3 && scene.mend <= largest_then) kernels.push_back(scene.mend);
    if (scene.then > 0 && std::ranges::find(kernels, scene.then) == kernels.end()) kernels.push_back(scene.then);
    for (const int64_t kernel : kernels) {
      const std::string mark = scene.mend > 1 && kernel % scene.mend == 0 ? " ✓" : "";
      then.push_back({"conv K" + std::to_string(kernel) + mark, scene.then == kernel,
                      ViewChoice{then_choice, std::to_string(kernel)}});
    }
    group("Then", then);
  }
  if (!scene.axes_alike) {
    const LayerSpec& layer = scene.report.depths[0].layer.spec;
    std::vector<ViewChip> axes;
    for (int i = 0; i < layer.dims; ++i) {
      axes.push_back({std::string(axis_name(layer, i)), scene.axis == i, ViewChoice{axis_choice, std::to_string(i)}});
    }
    group("Axis", axes);
  }
  return at.y - 10;
}

}  // namespace tconv
