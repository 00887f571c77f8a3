#include "cli/scenario_argument.h"

#include "document/scenario_source.h"

namespace tconv {

void ScenarioArgument::add(CLI::App& app) {
  std::string help = "a .tconv.json file";
  std::string ids;
  for (const BuiltInScenario& scenario : built_in_scenarios()) ids += (ids.empty() ? "" : ", ") + scenario.id;
  if (!ids.empty()) help += ", or a built-in scenario: " + ids;
  option_ = app.add_option("SCENARIO", text_, help + " (default: the 2x2 example)")->type_name("");
}

Document ScenarioArgument::load() const { return option_->count() == 0 ? Document{} : load_document(text_); }

}  // namespace tconv
