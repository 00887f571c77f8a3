// tconv data: the numbers behind a view, as a file.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <ostream>

#include "cli/command.h"
#include "cli/data_output.h"
#include "cli/layer_flags.h"
#include "cli/names.h"
#include "cli/problem_lines.h"
#include "cli/scenario_argument.h"
#include "compute/limits.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;

struct Options {
  bool list = false;
  std::string view;
  std::vector<std::string> arrays;
  DataOutput output;
  ScenarioArgument scenario;
  std::string step;
  std::vector<std::string> view_options;
  CLI::Option* view_option = nullptr;
  CLI::Option* step_option = nullptr;
};

const View& wanted_view(const Options& options) {
  std::vector<std::string_view> names;
  for (const View& view : all_views()) {
    if (view.arrays == nullptr) continue;
    if (view.id == options.view) return view;
    names.push_back(view.id);
  }
  throw usage_error("--view: there is no view " + tconv::quoted(options.view) + " with numbers; " +
                    suggestion(options.view, std::move(names)));
}

int64_t wanted_step(const Options& options, int64_t count) {
  if (options.step_option->count() == 0) return count;
  const int64_t step = parse_number("--step", options.step);
  if (step < 0 || step > count) {
    require_none({{"--step", -1, "must be 0 to " + std::to_string(count), std::to_string(step),
                   std::clamp<int64_t>(step, 0, count)}});
  }
  return step;
}

/// The view's arrays of a legal scenario.
std::vector<NamedArray> arrays_of(const View& view, const Document& document, const Options& options) {
  Interaction interaction;
  for (const std::string& option : options.view_options) interaction.set_option(option);
  const bool of_layer = view.arrays_of_layer != nullptr && view.arrays_of_layer(interaction);
  // Where nothing is computed of the layer, no memory is needed for that.
  require_none(validate(document.scenario, of_layer ? Limits{} : current_limits()));
  const int64_t step = wanted_step(options, step_count(view, document.scenario));
  interaction.own_step = step;
  interaction.step = view.timeline == Timeline::own ? step_count(document.scenario) : step;
  Results results;
  results.scenario = document.scenario;
  if (!of_layer) {
    results = compute_results(document.scenario, interaction.step, view.needs(interaction));
  }
  const TextMetrics text;
  auto arrays = view.arrays({.document = document,
                             .results = results,
                             .interaction = clamped(interaction, document.scenario),
                             .size = {1440, 900},
                             .theme = dark_theme(),
                             .text = text,
                             .interactive = false});
  if (!arrays.empty()) return arrays;
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

void require_legal(const Options& options) {
  std::vector<std::string> lines;
  const auto collect = [&](auto check) {
    try {
      check();
    } catch (const CliError& error) {
      lines.insert(lines.end(), error.lines().begin(), error.lines().end());
    }
  };
  if (options.view_option->count() == 0) {
    lines.emplace_back("--view is required");
  } else {
    collect([&] { wanted_view(options); });
  }
  if (options.output.given()) {
    collect([&] {
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
}

void run(const Options& options, std::ostream& out) {
  require_legal(options);
  const View& view = wanted_view(options);
  const Document document = options.scenario.load();
  const auto arrays = wanted_arrays(arrays_of(view, document, options), options);
  if (options.list) {
    for (const NamedArray& array : arrays) {
      out << array.name << '\t' << array.values.shape().text() << '\t' << array.words << '\n';
    }
  }
  if (options.output.given()) options.output.write(arrays, data_header(view, document));
}

Action prepare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->view_option =
      app.add_option("--view", options->view, "whose numbers, see tconv render --list")->type_name("ID");
  app.add_flag("--list", options->list, "list the view's arrays, one line each: name, tab, shape, tab, what it is");
  app.add_option("--array", options->arrays,
                 "which array, see --list (default: the first, .npz takes all); may be repeated for .npz")
      ->allow_extra_args(false)
      ->type_name("NAME");
  options->output.add(app, "the file; its extension chooses the format");
  options->scenario.add(app);
  options->step_option = app.add_option("--step", options->step, "after how many steps (default: all)")->type_name("N");
  app.add_option("--option", options->view_options, "a switch of the view, or a choice as NAME=VALUE; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME");
  return [options](std::ostream& out) { run(*options, out); };
}

}  // namespace

Command data_command() { return {"data", "write the numbers behind a view into a file", prepare}; }

}  // namespace tconv
