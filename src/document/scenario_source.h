#pragma once
// Where scenarios come from: files, and those that are built in (assets/scenarios/<id>.tconv.json).

#include <string>
#include <string_view>
#include <vector>

#include "document/document.h"

namespace tconv {

struct BuiltInScenario {
  std::string id;     ///< "bilinear-x2"
  std::string title;  ///< "bilinear x2"
};

/// In the order of their ids.
std::vector<BuiltInScenario> built_in_scenarios();

/// The built-in scenario of that id, otherwise the file at that path; "./id" is always a file. Throws FileError.
Document load_document(std::string_view id_or_path);

}  // namespace tconv
