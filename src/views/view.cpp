#include "views/view.h"

#include <algorithm>
#include <array>

namespace tconv {

std::span<const std::string_view> view_groups() {
  static constexpr std::array<std::string_view, 6> groups{"How it computes",     "What size",        "What goes wrong",
                                                          "What to use instead", "In real networks", "At scale"};
  return groups;
}

const std::vector<View>& all_views() {
  static const std::vector<View> views = [] {
    auto list = listed_views();
    std::ranges::sort(
        list, [](const View& a, const View& b) { return a.group != b.group ? a.group < b.group : a.order < b.order; });
    return list;
  }();
  return views;
}

const View* find_view(std::string_view id) {
  const auto found = std::ranges::find(all_views(), id, &View::id);
  return found == all_views().end() ? nullptr : &*found;
}

bool exists(const LayerSpec& layer, const Tag& tag) {
  const auto axes = layer.as_3d();
  const auto within = [&](const std::array<std::int64_t, 3>& at, std::int64_t (*extent)(const AxisSpec&)) {
    for (std::size_t a = 0; a < 3; ++a) {
      if (at[a] < 0 || at[a] >= extent(axes[a])) return false;
    }
    return true;
  };
  if (const auto* input = std::get_if<InputCell>(&tag)) {
    return input->cell.batch < layer.batch && input->cell.channel < layer.in_channels &&
           within(input->cell.at, [](const AxisSpec& axis) { return axis.input; });
  }
  if (const auto* output = std::get_if<OutputCell>(&tag)) {
    return output->cell.batch < layer.batch && output->cell.channel < layer.out_channels &&
           within(output->cell.at, output_size);
  }
  if (const auto* tap = std::get_if<KernelTap>(&tag)) {
    return tap->in_channel < layer.in_channels && tap->out_channel < layer.out_channels &&
           within(tap->tap, [](const AxisSpec& axis) { return axis.kernel; });
  }
  return true;
}

Interaction clamped(Interaction interaction, const Scenario& scenario) {
  const LayerSpec& layer = scenario.layer;
  const auto limit = [](std::int64_t& value, std::int64_t count) {
    value = std::clamp<std::int64_t>(value, 0, std::max<std::int64_t>(0, count - 1));
  };
  const auto axes = layer.as_3d();
  limit(interaction.step, step_count(scenario) + 1);
  limit(interaction.batch, layer.batch);
  limit(interaction.in_channel, layer.in_channels);
  limit(interaction.out_channel, layer.out_channels);
  limit(interaction.in_slice, axes[0].input);
  limit(interaction.out_slice, output_size(axes[0]));
  limit(interaction.tap_slice, axes[0].kernel);
  if (!exists(layer, interaction.hover)) interaction.hover = {};
  interaction.axis = std::clamp(interaction.axis, 0, layer.dims - 1);
  return interaction;
}

}  // namespace tconv
