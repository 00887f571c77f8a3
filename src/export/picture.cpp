#include "export/picture.h"

#include <algorithm>

#include "export/picture_state.h"
#include "files/extension.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr double usual_height_ratio = 0.625;
constexpr double mm_per_inch = 25.4;
constexpr double points_per_inch = 72;

/// The choices' interaction at the step that is shown.
Interaction interaction_of(const PictureChoices& choices, const View& view, const Scenario& scenario) {
  Interaction interaction = choices.interaction;
  interaction.own_step = shown_step(choices, scenario);
  interaction.step = view.timeline == Timeline::own ? step_count(scenario) : interaction.own_step;
  return interaction;
}

const Theme& theme_of(const PictureChoices& choices) {
  const Theme* theme = find_theme(choices.theme);
  return theme != nullptr ? *theme : dark_theme();
}

}  // namespace

std::vector<Problem> validate(const PictureChoices& choices, const Scenario& scenario) {
  const View* view = find_view(choices.view);
  if (view == nullptr) return {{"view", -1, "must be one of the views", choices.view, std::nullopt}};
  if (!choices.step || !tconv::validate(scenario).empty()) return {};
  const int64_t count = step_count(*view, scenario);
  if (*choices.step >= 0 && *choices.step <= count) return {};
  return {{"step", -1, "must be 0 to " + std::to_string(count), std::to_string(*choices.step),
           std::clamp<int64_t>(*choices.step, 0, count)}};
}

int64_t shown_step(const PictureChoices& choices, const Scenario& scenario) {
  if (choices.step) return *choices.step;
  const View& view = *find_view(choices.view);
  if (view.timeline == Timeline::own && !tconv::validate(scenario).empty()) return 0;
  return step_count(view, scenario);
}

Results picture_results(const Scenario& scenario, const PictureChoices& choices, const Progress& progress) {
  const View& view = *find_view(choices.view);
  const Interaction interaction = interaction_of(choices, view, scenario);
  Needs needs = view.needs(interaction);
  needs.ways = needs.ways || view.uses_ways;
  std::optional<Results> results = compute_results(scenario, interaction.step, needs, [&] {
    progress.check();
    return true;
  });
  if (!results) throw Cancelled();
  return *std::move(results);
}

ViewInput picture_input(const Document& document, const Results& results, const PictureChoices& choices,
                        const TextMetrics& text) {
  const View& view = *find_view(choices.view);
  return {.document = document,
          .results = results,
          .interaction = clamped(interaction_of(choices, view, document.scenario), document.scenario),
          .size = {choices.width, choices.height.value_or(choices.width * usual_height_ratio)},
          .theme = theme_of(choices),
          .text = text,
          .pixels_per_point = pixels_per_point(choices, choices.width),
          .interactive = false,
          .color_bar = choices.color_bar};
}

Figure bare_figure(const Document& document, const Results& results, const PictureChoices& choices,
                   const TextMetrics& text) {
  return picture(*find_view(choices.view), picture_input(document, results, choices, text));
}

Figure picture_figure(const Document& document, const Results& results, const PictureChoices& choices,
                      const TextMetrics& text) {
  return on_page(bare_figure(document, results, choices, text), theme_of(choices), text, choices.page);
}

double pixels_per_point(const PictureChoices& choices, double width) {
  const double dpi = choices.dpi.value_or(points_per_inch);
  if (choices.width_mm) return *choices.width_mm / mm_per_inch * dpi / width;
  return choices.dpi ? dpi / points_per_inch : choices.scale;
}

std::string picture_bytes(const Document& document, const Results& results, const PictureChoices& choices,
                          const Exporter& exporter, const TextMetrics& text, const Progress& progress) {
  const Figure figure = picture_figure(document, results, choices, text);
  progress.check();
  return exporter.write(figure, text,
                        {.scale = pixels_per_point(choices, figure.size.w),
                         .dpi = choices.dpi,
                         .width_mm = choices.width_mm,
                         .embedded = picture_state(document, choices),
                         .progress = progress});
}

std::optional<Exporter> exporter_for(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  const auto exporters = listed_exporters();
  const auto found = std::ranges::find(exporters, extension, &Exporter::extension);
  return found == exporters.end() ? std::nullopt : std::optional(*found);
}

}  // namespace tconv
