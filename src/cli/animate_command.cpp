// tconv animate: the timeline of a view as a moving picture.

#include <memory>
#include <ostream>

#include "cli/choice_flags.h"
#include "cli/color_flags.h"
#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/picture_command.h"
#include "cli/problem_lines.h"
#include "cli/scenario_argument.h"
#include "core/names.h"
#include "export/animation_flags.h"
#include "export/picture_flags.h"
#include "files/file_error.h"

namespace tconv {
namespace {

struct AnimateOptions {
  std::string output;
  ScenarioArgument scenario;
  ChoiceFlags<PictureChoices> picture;
  ColorFlags colors;
  ChoiceFlags<AnimationChoices> animation;
};

Animator wanted_animator(const std::string& output) {
  std::optional<Animator> animator = animator_for(output);
  if (!animator) {
    std::vector<std::string_view> names;
    const auto animators = listed_animators();
    for (const Animator& each : animators) names.push_back(each.extension);
    throw usage_error("--output: no animation has the extension of " + tconv::quoted(output, 200) +
                      "; known: " + listed(names));
  }
  if (const std::string missing = animator->missing(); !missing.empty()) {
    throw CliError(ExitCode::could_not, {"--output: " + missing});
  }
  return *animator;
}

AnimationChoices wanted_animation(const AnimateOptions& options) {
  std::vector<std::string> lines;
  AnimationChoices choices;
  choices.picture.width = 960;  // a usual slide's width, and quick to load
  choices.picture = options.picture.read(choices.picture, lines);
  collect(lines, [&] { require_view(choices.picture.view); });
  collect(lines, [&] { require_options(choices.picture); });
  collect(lines, [&] { require_one_resolution(options.picture); });
  choices = options.animation.read(choices, lines);
  if (!lines.empty()) throw CliError(ExitCode::usage, std::move(lines));
  return choices;
}

void animate(const AnimateOptions& options) {
  const AnimationChoices choices = wanted_animation(options);
  const Animator animator = wanted_animator(options.output);
  if (choices.picture.page.transparent && !animator.transparent) {
    throw usage_error("--transparent: " + std::string(animator.label) + " knows no transparent ground; " +
                      "known: .gif, .png, .webp");
  }
  Document document = options.scenario.load();
  options.colors.apply(document);
  require_none(validate(document.scenario));
  auto problems = validate(choices, document.scenario);
  for (Problem& problem : problems) problem.field.insert(0, "--");
  require_none(problems);
  const Progress progress = command_progress();
  const FrameSource frames = animation_frames(document, choices, progress.share(0, 0.15));
  try {
    animator.write(frames, choices.timing, options.output, progress.share(0.15, 1));
  } catch (const FileError& error) {
    throw CliError(ExitCode::could_not, {error.what()});
  }
}

Action prepare_animate(CLI::App& app) {
  const auto options = std::make_shared<AnimateOptions>();
  app.add_option("--output", options->output, "the animation; its extension chooses the format")
      ->type_name("FILE")
      ->required();
  options->scenario.add(app);
  options->animation.add(app, animation_flags());
  options->picture.add(app, picture_flags(), "--step");
  options->colors.add(app);
  return [options](std::ostream&) { animate(*options); };
}

}  // namespace

Command animate_command() {
  return {"animate", "draw the timeline of a view as a GIF, WebP, MP4 or numbered PNGs", prepare_animate};
}

}  // namespace tconv
