#include "views/view.h"

#include <algorithm>
#include <array>

#include "views/linking.h"
#include "views/wording.h"

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

Rect visible_part(const Viewport& viewport) {
  const double part = 1 / std::max(1.0, viewport.zoom);
  return {std::clamp(viewport.centre.x - part / 2, 0.0, 1 - part),
          std::clamp(viewport.centre.y - part / 2, 0.0, 1 - part), part, part};
}

Needs View::needs(const Interaction& interaction) const {
  Needs needs{.ways = needs_ways};
  if (comparison != nullptr) needs.comparison = comparison(interaction);
  if (large_map != nullptr) {
    // As parts of the map: a plane of one by one.
    const Rect window = visible_part(interaction.viewport);
    needs.large_map = {large_map(interaction),
                       {.x = window.x, .y = window.y, .w = window.w, .h = window.h, .pixels = interaction.map_pixels}};
  }
  return needs;
}

Figure picture(const View& view, const ViewInput& in) {
  Figure figure = view.draw(in);
  add_highlights(figure, in);
  return figure;
}

std::int64_t step_count(const View& view, const Scenario& scenario) {
  return view.timeline == Timeline::own ? view.own_steps(scenario) : step_count(scenario);
}

std::string step_words(const View& view, const ViewInput& in) {
  if (!in.results.ready()) return in.results.legal() ? "Computing…" : "This layer has no output to paint";
  return view.step_words != nullptr ? view.step_words(in) : step_text(in.results.scenario, in.results.frame);
}

bool exists(const LayerSpec& layer, const Tag& tag) {
  const auto cell = multiplications_of(tag);
  if (!cell) return true;
  const auto axes = layer.as_3d();
  const auto within = [](const Multiplications::Index& index, std::int64_t extent) {
    return !index || (*index >= 0 && *index < extent);
  };
  for (std::size_t a = 0; a < 3; ++a) {
    const bool inside = within(cell->input[a], axes[a].input) && within(cell->tap[a], axes[a].kernel) &&
                        within(cell->output[a], output_size(axes[a]));
    if (!inside) return false;
  }
  const bool inside = within(cell->batch, layer.batch) && within(cell->in_channel, layer.in_channels) &&
                      within(cell->out_channel, layer.out_channels);
  if (!inside || !cell->in_channel || !cell->out_channel) return inside;
  // A weight joins its two channels, and a multiplication lands inside the output.
  if (!validate(layer).empty() || !joined(layer, *cell->in_channel, *cell->out_channel)) return false;
  return !std::holds_alternative<Multiplication>(tag) || share_one(layer, *cell, *cell);
}

std::string Interaction::choice(std::string_view name, std::string_view usual) const {
  const auto found = choices.find(name);
  return found == choices.end() ? std::string(usual) : found->second;
}

void Interaction::set_option(std::string_view option) {
  const std::size_t sign = option.find('=');
  if (sign == std::string_view::npos) {
    options.emplace(option);
  } else {
    choices.insert_or_assign(std::string(option.substr(0, sign)), std::string(option.substr(sign + 1)));
  }
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
