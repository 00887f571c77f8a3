#include "export/picture_data.h"

namespace tconv {

std::vector<NamedArray> picture_arrays(const Document& document, const PictureChoices& choices,
                                       const Progress& progress) {
  const View& view = *find_view(choices.view);
  if (view.arrays == nullptr) return {};
  Results results;
  results.scenario = document.scenario;
  if (!arrays_need_no_results(view, choices.interaction))
    results = picture_results(document.scenario, choices, progress);
  const TextMetrics text;
  return view.arrays(picture_input(document, results, choices, text));
}

bool arrays_need_no_results(const View& view, const Interaction& interaction) {
  return view.arrays_of_layer != nullptr && view.arrays_of_layer(interaction);
}

}  // namespace tconv
