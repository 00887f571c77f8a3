#include "cli/scenario_argument.h"

#include "document/embedded_document.h"
#include "document/scenario_source.h"

namespace tconv {

void ScenarioArgument::add(CLI::App& app) {
  std::string help = "a .tconv.json file, a picture that holds a scenario";
  std::string ids;
  for (const BuiltInScenario& scenario : built_in_scenarios()) ids += (ids.empty() ? "" : ", ") + scenario.id;
  if (!ids.empty()) help += ", or a built-in scenario: " + ids;
  option_ = app.add_option("SCENARIO", text_, help + " (default: the 2x2 example)")->type_name("");
}

Document ScenarioArgument::load() const {
  if (option_->count() == 0) return {};
  if (auto document = read_embedded_document(text_)) return *std::move(document);
  return load_document(text_);
}

}  // namespace tconv
