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
  interaction.axis = std::clamp(interaction.axis, 0, layer.dims - 1);
  return interaction;
}

}  // namespace tconv
