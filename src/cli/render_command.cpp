// tconv render: a view of a scenario as a picture.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <ostream>
#include <set>

#include "cli/command.h"
#include "cli/layer_flags.h"
#include "cli/names.h"
#include "cli/problem_lines.h"
#include "cli/scenario_argument.h"
#include "cli/sweep.h"
#include "document/embedded_document.h"
#include "export/exporter.h"
#include "export/page.h"
#include "files/atomic_file.h"
#include "files/file_error.h"
#include "views/view.h"

namespace tconv {
namespace {

using std::int64_t;

struct Options {
  bool list = false;
  std::string view;
  std::string output;
  ScenarioArgument scenario;
  std::string step;
  std::vector<std::string> view_options;
  std::vector<std::string> sweeps;
  double width = 1440;
  double height = 0;
  std::string theme = "dark";
  double scale = 1;
  double dpi = 72;
  double width_mm = 0;
  Page page;
  CLI::Option* scale_option = nullptr;
  CLI::Option* dpi_option = nullptr;
  CLI::Option* width_mm_option = nullptr;
  CLI::Option* view_option = nullptr;
  CLI::Option* output_option = nullptr;
  CLI::Option* step_option = nullptr;
  CLI::Option* height_option = nullptr;
};

constexpr double usual_height_ratio = 0.625;
constexpr double smallest_side = 64;
constexpr double largest_side = 20000;

const View& wanted_view(const std::string& id) {
  if (const View* view = find_view(id)) return *view;
  std::vector<std::string_view> names;
  for (const View& view : all_views()) names.push_back(view.id);
  throw usage_error("--view: there is no view " + tconv::quoted(id) + "; " + suggestion(id, std::move(names)));
}

Exporter wanted_exporter(const std::string& output) {
  std::string extension = std::filesystem::path(output).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto exporters = listed_exporters();
  const auto found = std::ranges::find(exporters, extension, &Exporter::extension);
  if (found != exporters.end()) return *found;
  std::vector<std::string_view> names;
  for (const Exporter& exporter : exporters) names.push_back(exporter.extension);
  throw usage_error("--output: no format has the extension of " + tconv::quoted(output, 200) +
                    "; known: " + listed(names));
}

const Theme& wanted_theme(const std::string& id) {
  if (const Theme* theme = find_theme(id)) return *theme;
  throw usage_error("--theme: there is no theme " + tconv::quoted(id) + "; known: dark, light");
}

void require_between(const char* flag, double value, double least, double most) {
  if (value >= least && value <= most) return;
  const auto text = [](double number) {
    std::string digits = std::to_string(number);
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
    return digits;
  };
  throw usage_error(std::string(flag) + ": must be " + text(least) + " to " + text(most) + ", found " + text(value));
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

void list_views(std::ostream& out) {
  for (const View& view : all_views()) out << view.id << '\t' << view.label << '\n';
}

/// Every wrong flag is named, not only the first.
template <typename Check>
void collect(std::vector<std::string>& lines, Check check) {
  try {
    check();
  } catch (const CliError& error) {
    lines.insert(lines.end(), error.lines().begin(), error.lines().end());
  }
}

void require_legal(const Options& options) {
  std::vector<std::string> lines;
  if (options.view_option->count() == 0) {
    lines.emplace_back("--view is required, or --list");
  } else {
    collect(lines, [&] { wanted_view(options.view); });
  }
  if (options.output_option->count() == 0) {
    lines.emplace_back("--output is required, or --list");
  } else {
    collect(lines, [&] { wanted_exporter(options.output); });
  }
  collect(lines, [&] { wanted_theme(options.theme); });
  collect(lines, [&] { require_between("--width", options.width, smallest_side, largest_side); });
  if (options.height_option->count() > 0) {
    collect(lines, [&] { require_between("--height", options.height, smallest_side, largest_side); });
  }
  collect(lines, [&] { require_between("--scale", options.scale, 0.25, 16); });
  collect(lines, [&] { require_between("--dpi", options.dpi, 72, 1200); });
  if (options.width_mm_option->count() > 0) {
    collect(lines, [&] { require_between("--width-mm", options.width_mm, 10, 2000); });
  }
  if (options.scale_option->count() > 0 && (options.dpi_option->count() > 0 || options.width_mm_option->count() > 0)) {
    lines.emplace_back("--scale: not together with --dpi or --width-mm, which say it in inches");
  }
  if (!lines.empty()) throw CliError(ExitCode::usage, std::move(lines));
}

/// Of a figure so many points wide: a point is 1/72 inch unless the width on paper is given.
double pixels_per_point(const Options& options, double width) {
  if (options.width_mm_option->count() > 0) return options.width_mm / 25.4 * options.dpi / width;
  return options.dpi_option->count() > 0 ? options.dpi / 72 : options.scale;
}

/// One picture of `document` into `output`.
void draw(const Options& options, const Document& document, const std::string& output, const TextMetrics& text) {
  const View& view = wanted_view(options.view);
  const Exporter exporter = wanted_exporter(output);
  const int64_t step = wanted_step(options, step_count(view, document.scenario));

  Interaction interaction;
  for (const std::string& option : options.view_options) interaction.set_option(option);
  interaction.own_step = step;
  interaction.step = view.timeline == Timeline::own ? step_count(document.scenario) : step;
  Needs needs = view.needs(interaction);
  needs.ways = needs.ways || view.uses_ways;
  const Results results = compute_results(document.scenario, interaction.step, needs);
  const bool height_given = options.height_option->count() > 0;
  const Size room{options.width, height_given ? options.height : options.width * usual_height_ratio};
  interaction = clamped(interaction, document.scenario);
  const Theme& theme = wanted_theme(options.theme);
  Figure figure = picture(view, {.document = document,
                                 .results = results,
                                 .interaction = interaction,
                                 .size = room,
                                 .theme = theme,
                                 .text = text,
                                 .pixels_per_point = pixels_per_point(options, options.width),
                                 .interactive = false});
  figure = on_page(std::move(figure), theme, text, options.page);
  ExportOptions how{.scale = pixels_per_point(options, figure.size.w), .embedded = embedded_text(document)};
  if (options.dpi_option->count() > 0) how.dpi = options.dpi;
  if (options.width_mm_option->count() > 0) how.width_mm = options.width_mm;
  const std::string bytes = exporter.write(figure, text, how);
  try {
    write_file_atomically(output, bytes);
  } catch (const FileError& error) {
    throw CliError(ExitCode::could_not, {error.what()});
  }
}

void render(const Options& options, std::ostream& out) {
  require_legal(options);
  Document document = options.scenario.load();
  std::vector<Sweep> sweeps;
  for (const std::string& text : options.sweeps) sweeps.push_back(parse_sweep(text));
  const auto layers = swept(document.scenario.layer, sweeps);
  const TextMetrics text;
  if (layers.size() == 1) {
    document.scenario.layer = layers.front();
    return draw(options, document, expanded(options.output, layers.front(), {{"view", options.view}}), text);
  }
  std::set<std::string> files;
  for (const LayerSpec& layer : layers) {
    if (!files.insert(expanded(options.output, layer, {{"view", options.view}})).second) {
      throw usage_error("--output: the pictures of a sweep need names of their own; put {" +
                        std::string(sweeps.back().field->name) + "} into " + tconv::quoted(options.output, 200));
    }
  }
  for (const LayerSpec& layer : layers) {
    document.scenario.layer = layer;
    const std::string file = expanded(options.output, layer, {{"view", options.view}});
    const auto problems = validate(document.scenario);
    if (problems.empty()) draw(options, document, file, text);
    out << file << (problems.empty() ? "" : ": left out, " + to_line(problems.front())) << std::endl;
  }
}

Action prepare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_flag("--list", options->list, "list the views, one line each: id, tab, name");
  options->view_option = app.add_option("--view", options->view, "which view to draw, see --list")->type_name("ID");
  options->output_option =
      app.add_option("--output", options->output, "the picture; its extension chooses the format")->type_name("FILE");
  options->scenario.add(app);
  options->step_option =
      app.add_option("--step", options->step, "after how many stamps (default: all)")->type_name("N");
  app.add_option("--option", options->view_options, "a switch of the view, or a choice as NAME=VALUE; may be repeated")
      ->allow_extra_args(false)
      ->type_name("NAME");
  app.add_option("--sweep", options->sweeps,
                 "run a number of the layer through FIRST:LAST[:STEP] or a comma list; may be repeated, every "
                 "combination is drawn; {kernel} in --output is its number, {view} the view")
      ->allow_extra_args(false)
      ->type_name("NAME=RANGE");
  app.add_option("--width", options->width, "in points (default 1440)");
  options->height_option =
      app.add_option("--height", options->height, "in points (default 5/8 of the width); a higher figure stays higher");
  app.add_option("--theme", options->theme, "dark or light (default dark)")->type_name("ID");
  options->scale_option = app.add_option("--scale", options->scale, "pixels per point (default 1)");
  options->dpi_option =
      app.add_option("--dpi", options->dpi, "pixels per inch of a picture of pixels, 72 to 1200, at 72 points an inch");
  options->width_mm_option =
      app.add_option("--width-mm", options->width_mm, "width on paper in millimetres; what is drawn is scaled to it");
  app.add_flag("--title", options->page.title, "write what it is above it");
  app.add_option("--caption", options->page.caption, "words to write below it")->type_name("TEXT");
  app.add_flag("--transparent", options->page.transparent, "no ground");
  app.add_flag("--crop", options->page.crop, "leave out empty margins");
  return [options](std::ostream& out) {
    if (options->list) {
      list_views(out);
    } else {
      render(*options, out);
    }
  };
}

}  // namespace

Command render_command() { return {"render", "draw a view of a scenario into a file", prepare}; }

}  // namespace tconv
