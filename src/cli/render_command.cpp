// tconv render: a view of a scenario as a picture.

#include <filesystem>
#include <memory>
#include <ostream>
#include <set>

#include "cli/choice_flags.h"
#include "cli/color_flags.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/picture_command.h"
#include "cli/scenario_argument.h"
#include "cli/sweep.h"
#include "core/names.h"
#include "export/picture_flags.h"
#include "files/atomic_file.h"
#include "files/file_error.h"

namespace tconv {
namespace {

struct RenderOptions {
  bool list = false;
  std::string output;
  ScenarioArgument scenario;
  std::vector<std::string> sweeps;
  ChoiceFlags<PictureChoices> flags;
  ColorFlags colors;
  CLI::Option* output_option = nullptr;
};

Exporter wanted_exporter(const std::string& output) {
  if (const auto exporter = exporter_for(output)) return *exporter;
  std::vector<std::string_view> names;
  const auto exporters = listed_exporters();
  for (const Exporter& exporter : exporters) names.push_back(exporter.extension);
  throw usage_error("--output: no format has the extension of " + tconv::quoted(output, 200) +
                    "; known: " + listed(names));
}

PictureChoices wanted_picture(const RenderOptions& options) {
  std::vector<std::string> lines;
  if (!options.flags.has("--view")) lines.emplace_back("--view is required, or --list");
  if (options.output_option->count() == 0) {
    lines.emplace_back("--output is required, or --list");
  } else {
    collect(lines, [&] { wanted_exporter(options.output); });
  }
  const PictureChoices choices = options.flags.read({}, lines);
  if (options.flags.has("--view")) {
    collect(lines, [&] { require_view(choices.view); });
    collect(lines, [&] { require_options(choices); });
  }
  collect(lines, [&] { require_one_resolution(options.flags); });
  if (!lines.empty()) throw CliError(ExitCode::usage, std::move(lines));
  return choices;
}

/// One picture of `document` into `output`.
void draw(const PictureChoices& choices, const Document& document, const std::string& output, const TextMetrics& text,
          const Progress& progress) {
  require_valid(choices, document.scenario);
  const Results results = picture_results(document.scenario, choices, progress.share(0, 0.5));
  const std::string bytes =
      picture_bytes(document, results, choices, wanted_exporter(output), text, progress.share(0.5, 1));
  try {
    AtomicFile file(output);
    file.write(bytes);
    file.finish();
    progress.check();
    file.commit();
  } catch (const FileError& error) {
    throw CliError(ExitCode::could_not, {error.what()});
  }
}

void render(const RenderOptions& options, std::ostream& out) {
  const PictureChoices choices = wanted_picture(options);
  Document document = options.scenario.load();
  options.colors.apply(document);
  std::vector<Sweep> sweeps;
  for (const std::string& text : options.sweeps) sweeps.push_back(parse_sweep(text));
  const auto layers = swept(document.scenario.layer, sweeps);
  const TextMetrics text;
  const Progress progress = command_progress();
  const std::map<std::string, std::string> names{{"view", choices.view}};
  if (layers.size() == 1) {
    document.scenario.layer = layers.front();
    return draw(choices, document, expanded(options.output, layers.front(), names), text, progress);
  }
  std::set<std::string> files;
  for (const LayerSpec& layer : layers) {
    if (!files.insert(expanded(options.output, layer, names)).second) {
      throw usage_error("--output: the pictures of a sweep need names of their own; put {" +
                        std::string(sweeps.back().field->name) + "} into " + tconv::quoted(options.output, 200));
    }
  }
  std::size_t drawn = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    document.scenario.layer = layers[i];
    const std::string file = expanded(options.output, layers[i], names);
    const auto problems = validate(document.scenario);
    const auto count = static_cast<double>(layers.size());
    const Progress share = progress.share(static_cast<double>(i) / count, static_cast<double>(i + 1) / count);
    if (problems.empty()) {
      draw(choices, document, file, text, share);
      ++drawn;
    }
    out << file << (problems.empty() ? "" : ": left out, " + to_line(problems.front())) << std::endl;
  }
  if (drawn == 0) throw usage_error("--sweep: none of these layers is legal, so nothing was drawn");
}

Action prepare_render(CLI::App& app) {
  const auto options = std::make_shared<RenderOptions>();
  app.add_flag("--list", options->list, "list the views, one line each: id and name");
  options->output_option =
      app.add_option("--output", options->output, "the picture; its extension chooses the format")->type_name("FILE");
  options->scenario.add(app);
  options->flags.add(app, picture_flags());
  options->colors.add(app);
  app.add_option("--sweep", options->sweeps,
                 "run a number of the layer through FIRST:LAST[:STEP] or a comma list; may be repeated, every "
                 "combination is drawn; {kernel} in --output is its number, {view} the view")
      ->allow_extra_args(false)
      ->type_name("NAME=RANGE");
  return [options](std::ostream& out) {
    if (options->list) {
      for (const View& view : all_views()) out << view.id << '\t' << view.label << '\n';
    } else {
      render(*options, out);
    }
  };
}

}  // namespace

Command render_command() { return {"render", "draw a view of a scenario into a file", prepare_render}; }

}  // namespace tconv
