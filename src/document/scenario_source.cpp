#include "document/scenario_source.h"

#include <algorithm>
#include <filesystem>

#include "document/document_file.h"
#include "document/document_json.h"
#include "files/embedded.h"
#include "files/file_error.h"

namespace tconv {
namespace {

constexpr std::string_view scenario_folder = "scenarios/";
constexpr std::string_view scenario_extension = ".tconv.json";

}  // namespace

std::vector<BuiltInScenario> built_in_scenarios() {
  std::vector<BuiltInScenario> scenarios;
  for (std::string_view name : embedded_names(scenario_folder)) {
    if (!name.ends_with(scenario_extension)) continue;
    name.remove_prefix(scenario_folder.size());
    name.remove_suffix(scenario_extension.size());
    std::string title(name);
    std::ranges::replace(title, '-', ' ');
    scenarios.push_back({std::string(name), std::move(title)});
  }
  return scenarios;
}

Document load_document(std::string_view id_or_path) {
  const std::string embedded = std::string(scenario_folder) + std::string(id_or_path) + std::string(scenario_extension);
  if (const auto json = embedded_file(embedded)) return parse_document(*json, id_or_path);

  const std::filesystem::path path(id_or_path);
  std::error_code ignored;
  if (!path.has_parent_path() && !std::filesystem::exists(path, ignored)) {
    std::string ids;
    for (const BuiltInScenario& scenario : built_in_scenarios()) ids += (ids.empty() ? "" : ", ") + scenario.id;
    throw FileError(id_or_path, "is neither a file nor a built-in scenario",
                    ids.empty() ? "name a .tconv.json file" : "built in are " + ids);
  }
  return read_document(path);
}

}  // namespace tconv
