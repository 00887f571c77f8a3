// tconv describe: a scenario in plain words.

#include <memory>
#include <ostream>

#include "cli/command.h"
#include "cli/scenario_argument.h"
#include "compute/limits.h"
#include "document/verdict.h"

namespace tconv {
namespace {

Action prepare_describe(CLI::App& app) {
  const auto scenario = std::make_shared<ScenarioArgument>();
  scenario->add(app);
  return [scenario](std::ostream& out) {
    const Document document = scenario->load();
    out << describe(document.scenario, validate(document.scenario, current_limits()));
  };
}

}  // namespace

Command describe_command() { return {"describe", "say in plain words what a scenario does", prepare_describe}; }

}  // namespace tconv
