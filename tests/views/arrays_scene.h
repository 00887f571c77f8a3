#pragma once
// The arrays of a view of a document, for the tests.

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "view_scenes.h"

namespace tconv::test {

using Arrays = std::vector<NamedArray>;

inline ViewInput input_of(const Document& document, const Results& results, Interaction interaction) {
  return {.document = document,
          .results = results,
          .interaction = clamped(std::move(interaction), document.scenario),
          .size = {1030, 830},
          .theme = dark_theme(),
          .text = metrics(),
          .interactive = false};
}

/// The arrays of one view after all of its steps, or after `part` of them.
struct ArraysScene {
  Document document;
  Interaction interaction{};
  Results results{};

  ArraysScene(const View& view, Document of, Interaction doing = {}, double part = 1)
      : document(std::move(of)), interaction(std::move(doing)) {
    const Scenario& scenario = document.scenario;
    if (validate(scenario).empty()) {
      const auto at = [&](std::int64_t count) { return std::llround(part * static_cast<double>(count)); };
      interaction.step = at(step_count(scenario));
      interaction.own_step = at(step_count(view, scenario));
    }
    results = compute_results(scenario, interaction.step, view.needs(interaction));
  }

  Arrays arrays(const View& view) const { return view.arrays(input_of(document, results, interaction)); }
};

inline Arrays arrays_of(std::string_view id, const Document& document, const Interaction& interaction = {},
                        double part = 1) {
  const View& view = *find_view(id);
  return ArraysScene(view, document, interaction, part).arrays(view);
}

inline const NamedArray& named(const Arrays& arrays, std::string_view name) {
  const auto found = std::ranges::find(arrays, name, &NamedArray::name);
  if (found == arrays.end()) throw std::runtime_error("no array " + std::string(name));
  return *found;
}

}  // namespace tconv::test
