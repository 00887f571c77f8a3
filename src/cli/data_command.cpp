// tconv data: the numbers behind a view, as a file.

#include <algorithm>
#include <memory>
#include <ostream>

#include "cli/choice_flags.h"
#include "cli/command.h"
#include "cli/data_output.h"
#include "cli/interrupt.h"
#include "cli/picture_command.h"
#include "cli/problem_lines.h"
#include "cli/scenario_argument.h"
#include "compute/limits.h"
#include "core/names.h"
#include "export/view_data.h"
#include "files/file_error.h"

namespace tconv {
namespace {

struct DataOptions {
  bool list = false;
  std::vector<std::string> arrays;
  DataOutput output;
  ScenarioArgument scenario;
  ChoiceFlags<PictureChoices> flags;
};

/// Those that were named, in the order of the names; all when none was.
std::vector<NamedArray> wanted_arrays(std::vector<NamedArray> all, const DataOptions& options) {
  if (options.arrays.empty()) return all;
  std::vector<NamedArray> wanted;
  for (const std::string& name : options.arrays) {
    const auto found = std::ranges::find(all, name, &NamedArray::name);
    if (found == all.end()) {
      std::vector<std::string_view> names;
      for (const NamedArray& array : all) names.push_back(array.name);
      throw usage_error("--array: the view has no array " + tconv::quoted(name) + "; " +
                        suggestion(name, std::move(names)));
    }
    if (std::ranges::find(wanted, name, &NamedArray::name) != wanted.end()) {
      throw usage_error("--array: " + tconv::quoted(name) + " is named twice");
    }
    wanted.push_back(*found);
  }
  return wanted;
}

PictureChoices wanted_data(const DataOptions& options) {
  std::vector<std::string> lines;
  const PictureChoices choices = options.flags.read({}, lines);
  if (!options.flags.has("--view")) {
    lines.emplace_back("--view is required");
  } else {
    collect(lines, [&] { require_view(choices.view); });
    collect(lines, [&] { require_options(choices); });
  }
  if (options.output.given()) {
    collect(lines, [&] {
      const DataFormat format = options.output.format();
      if (!format.many && options.arrays.size() > 1) {
        throw usage_error("--array: " + std::string(format.extension) + " holds one array, " +
                          std::to_string(options.arrays.size()) + " are named; .npz holds many");
      }
    });
  } else if (!options.list) {
    lines.emplace_back("--output is required, or --list");
  }
  if (!lines.empty()) throw CliError(ExitCode::usage, std::move(lines));
  return choices;
}

void require_legal(const PictureChoices& choices, const Scenario& scenario) {
  // Where nothing is computed of the layer, no memory is needed for that.
  auto problems = validate(scenario, needs_results(choices) ? current_limits() : Limits{});
  for (Problem& problem : validate(choices, scenario)) {
    problem.field.insert(0, "--");
    problems.push_back(std::move(problem));
  }
  require_none(problems);
}

void run_data(const DataOptions& options, std::ostream& out) {
  if (options.list && !options.flags.has("--view") && !options.output.given()) {
    for (const View& view : all_views()) out << view.id << '\t' << view.label << '\n';
    return;
  }
  const PictureChoices choices = wanted_data(options);
  const Document document = options.scenario.load();
  require_legal(choices, document.scenario);
  const Progress progress = command_progress();
  const auto arrays = wanted_arrays(view_arrays(document, choices, progress.share(0, 0.3)), options);
  if (options.list) {
    for (const NamedArray& array : arrays) {
      out << array.name << '\t' << array.values.shape().text() << '\t' << array.words << '\n';
    }
  }
  if (options.output.given()) {
    options.output.write(arrays, data_header(*find_view(choices.view), document), progress.share(0.3, 1));
  }
}

Action prepare_data(CLI::App& app) {
  const auto options = std::make_shared<DataOptions>();
  app.add_flag("--list", options->list,
               "list the view's arrays, one line each: name, tab, shape, tab, what it is; without a view the views");
  app.add_option("--array", options->arrays,
                 "which array, see --list (default: the first, .npz takes all); may be repeated for .npz")
      ->allow_extra_args(false)
      ->type_name("NAME");
  options->output.add(app, "the file; its extension chooses the format");
  options->scenario.add(app);
  options->flags.add(app, data_flags());
  return [options](std::ostream& out) { run_data(*options, out); };
}

}  // namespace

Command data_command() { return {"data", "write the numbers behind a view into a file", prepare_data}; }

}  // namespace tconv
