#pragma once
// What a user edits, undoes and saves.

#include <string>

#include "core/scenario.h"
#include "document/color_settings.h"

namespace tconv {

/// How results are shown; no number of a result depends on it.
struct Presentation {
  std::string color_map = "viridis";  ///< for counts and large maps: a file of assets/color_maps
  ColorSettings colors;               ///< how that map is laid over the numbers
  bool show_hits = false;             ///< output cells show how many stamps reached them instead of their sums

  bool operator==(const Presentation&) const = default;
};

struct Document {
  Scenario scenario = example_scenario();
  Presentation presentation;

  bool operator==(const Document&) const = default;
};

}  // namespace tconv
