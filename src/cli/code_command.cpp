// tconv code: a scenario's layer as a script of a framework.

#include <memory>
#include <ostream>

#include "cli/command.h"
#include "cli/problem_lines.h"
#include "cli/scenario_argument.h"
#include "core/names.h"
#include "document/code_snippet.h"
#include "files/file_error.h"

namespace tconv {
namespace {

struct CodeOptions {
  std::string framework = std::string(frameworks().front().id);
  ScenarioArgument scenario;
};

std::string known_ids() {
  std::vector<std::string_view> ids;
  for (const Framework& framework : frameworks()) ids.push_back(framework.id);
  return listed(ids);
}

Action prepare_code(CLI::App& app) {
  const auto options = std::make_shared<CodeOptions>();
  app.add_option("--framework", options->framework,
                 "whose Python to write: " + known_ids() + " (default " + options->framework + ")")
      ->type_name("ID");
  options->scenario.add(app);
  return [options](std::ostream& out) {
    const Framework* framework = find_framework(options->framework);
    if (framework == nullptr) {
      throw usage_error("--framework: there is no framework " + tconv::quoted(options->framework) +
                        "; known: " + known_ids());
    }
    const Scenario scenario = options->scenario.load().scenario;
    require_none(validate(scenario));  // whatever this machine's memory is: the script runs elsewhere
    out << framework->snippet(scenario);
  };
}

}  // namespace

Command code_command() { return {"code", "write a scenario's layer as a Python script of a framework", prepare_code}; }

}  // namespace tconv
