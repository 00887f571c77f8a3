#include "export/view_data.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "export/picture_flags.h"

namespace tconv {

const std::vector<ChoiceFlag<PictureChoices>>& data_flags() {
  static constexpr std::array<std::string_view, 11> names{"--view",      "--step",       "--option",      "--focus",
                                                          "--batch",     "--in-channel", "--out-channel", "--in-slice",
                                                          "--out-slice", "--tap-slice",  "--axis"};
  static const std::vector<ChoiceFlag<PictureChoices>> flags = [] {
    std::vector<ChoiceFlag<PictureChoices>> list;
    for (const ChoiceFlag<PictureChoices>& flag : picture_flags()) {
      if (std::ranges::find(names, flag.name) != names.end()) list.push_back(flag);
    }
    return list;
  }();
  return flags;
}

bool needs_results(const PictureChoices& choices) {
  const View* view = find_view(choices.view);
  return view == nullptr || view->arrays_of_layer == nullptr || !view->arrays_of_layer(choices.interaction);
}

std::vector<NamedArray> view_arrays(const Document& document, const PictureChoices& choices, const Progress& progress) {
  const View& view = *find_view(choices.view);
  Results results;
  results.scenario = document.scenario;
  if (needs_results(choices)) results = picture_results(document.scenario, choices, progress);
  progress.check();
  const TextMetrics text;
  ViewInput in = picture_input(document, results, choices, text);
  in.progress = progress;
  auto arrays = view.arrays == nullptr ? std::vector<NamedArray>() : view.arrays(in);
  if (!arrays.empty()) return arrays;
  const std::string why = results.comparison  ? results.comparison->refused
                          : results.large_map ? results.large_map->refused
                                              : std::string();
  throw std::runtime_error("the view " + std::string(view.id) + " has no numbers of this scenario: " +
                           (why.empty() ? "it is too large to be computed this way" : why));
}

}  // namespace tconv
