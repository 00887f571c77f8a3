#include "cli/scenario_argument.h"

#include "document/scenario_source.h"

namespace tconv {

void add_scenario_argument(CLI::App& app, std::string& text) {
  std::string help = "a .tconv.json file";
  std::string ids;
  for (const BuiltInScenario& scenario : built_in_scenarios()) ids += (ids.empty() ? "" : ", ") + scenario.id;
  if (!ids.empty()) help += ", or a built-in scenario: " + ids;
  app.add_option("SCENARIO", text, help + " (default: the 2x2 example)")->type_name("");
}

Document document_of_argument(const std::string& text) { return text.empty() ? Document{} : load_document(text); }

}  // namespace tconv
