// tconv data: the numbers behind a view, as a file.

#include <algorithm>
#include <memory>
#include <ostream>

#include "cli/choice_flags.h"
#include "cli/command.h"
#include "cli/data_output.h"
#include "cli/interrupt.h"
#include "cli/names.h"
#include "cli/picture_command.h"
#include "cli/problem_lines.h"
#include "cli/scenario_argument.h"
#include "compute/limits.h"
#include "export/picture_data.h"
#include "export/picture_flags.h"
#include "files/file_error.h"

namespace tconv {
namespace {

struct Options {
  bool list = false;
  std::vector<std::string> arrays;
  DataOutput output;
  ScenarioArgument scenario;
  ChoiceFlags<PictureChoices> flags;
};

void require_view_with_numbers(const std::string& id) {
  std::vector<std::string_view> names;
  for (const View& view : all_views()) {
    if (view.arrays == nullptr) continue;
    if (view.id == id) return;
    names.push_back(view.id);
  }
  throw usage_error("--view: there is no view " + tconv::quoted(id) + " with numbers; " +
                    suggestion(id, std::move(names)));
}

/// The view's arrays of a legal scenario.
std::vector<NamedArray> arrays_of(const Document& document, const PictureChoices& choices, const Progress& progress) {
  const View& view = *find_view(choices.view);
  // Where nothing is computed of the layer, no memory is needed for that.
  const bool of_layer = arrays_need_no_results(view, choices.interaction);
  require_none(validate(document.scenario, of_layer ? Limits{} : current_limits()));
  require_valid(choices, document.scenario);
  auto arrays = picture_arrays(document, choices, progress);
  if (!arrays.empty()) return arrays;
  const Results results = picture_results(document.scenario, choices);
  const std::string why = results.comparison ? results.comparison->refused : std::string();
  throw CliError(ExitCode::could_not, {"the view " + std::string(view.id) + " has no numbers of this scenario" +
                                       (why.empty() ? ": it is too large to be computed this way" : ": " + why)});
}

/// Those that were named, in the order of the names; all when none was.
std::vector<NamedArray> wanted_arrays(std::vector<NamedArray> all, const Options& options) {
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

PictureChoices wanted_choices(const Options& options) {
  std::vector<std::string> lines;
  const PictureChoices choices = options.flags.read({}, lines);
  if (!options.flags.has("--view")) {
    lines.emplace_back("--view is required");
  } else {
    collect(lines, [&] { require_view_with_numbers(choices.view); });
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

void run(const Options& options, std::ostream& out) {
  const PictureChoices choices = wanted_choices(options);
  const Document document = options.scenario.load();
  const Progress progress = command_progress();
  const auto arrays = wanted_arrays(arrays_of(document, choices, progress.share(0, 0.5)), options);
  if (options.list) {
    for (const NamedArray& array : arrays) {
      out << array.name << '\t' << array.values.shape().text() << '\t' << array.words << '\n';
    }
  }
  if (options.output.given()) options.output.write(arrays, data_header(*find_view(choices.view), document));
}

Action prepare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_flag("--list", options->list, "list the view's arrays, one line each: name, tab, shape, tab, what it is");
  app.add_option("--array", options->arrays,
                 "which array, see --list (default: the first, .npz takes all); may be repeated for .npz")
      ->allow_extra_args(false)
      ->type_name("NAME");
  options->output.add(app, "the file; its extension chooses the format");
  options->scenario.add(app);
  options->flags.add(app, data_flags());
  return [options](std::ostream& out) { run(*options, out); };
}

}  // namespace

Command data_command() { return {"data", "write the numbers behind a view into a file", prepare}; }

}  // namespace tconv
