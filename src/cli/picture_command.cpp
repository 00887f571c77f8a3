#include "cli/picture_command.h"

#include "cli/problem_lines.h"
#include "core/names.h"
#include "files/file_error.h"

namespace tconv {

void require_view(const std::string& id) {
  if (find_view(id) != nullptr) return;
  std::vector<std::string_view> names;
  for (const View& view : all_views()) names.push_back(view.id);
  throw usage_error("--view: there is no view " + tconv::quoted(id) + "; " + suggestion(id, std::move(names)));
}

void require_options(const PictureChoices& choices) {
  const View* view = find_view(choices.view);
  if (view == nullptr) return;
  auto lines = option_problems(view, choices.interaction);
  for (std::string& line : lines) line.insert(0, "--option: ");
  if (!lines.empty()) throw CliError(ExitCode::usage, std::move(lines));
}

void require_valid(const PictureChoices& choices, const Scenario& scenario) {
  auto problems = validate(choices, scenario);
  for (Problem& problem : problems) problem.field.insert(0, "--");
  require_none(problems);
}

void require_one_resolution(const ChoiceFlags<PictureChoices>& flags) {
  if (flags.has("--scale") && (flags.has("--dpi") || flags.has("--width-mm"))) {
    throw usage_error("--scale: not together with --dpi or --width-mm, which say it in inches");
  }
}

}  // namespace tconv
