#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "app/options.h"
#include "figure/theme.h"

namespace tconv {

std::string apply_options(Studio& studio, const StudioOptions& options) {
  Session& session = studio.session();
  if (!options.view.empty()) session.show(options.view);
  studio.state().theme = options.theme;
  const bool opened = (options.file.empty() || session.open(options.file)) &&
                      (options.kernel.empty() || session.open_kernel(options.kernel));
  if (!opened) return session.message().text;
  // Opening a file begins anew.
  for (const std::string& option : options.view_options) session.interaction().set_option(option);
  if (options.step) session.seek(*options.step);
  return "";
}

namespace {

/// What is wrong with --option, on standard error. Without --view the window may come to any view.
bool takes_options(const StudioOptions& options) {
  Interaction interaction;
  for (const std::string& option : options.view_options) interaction.set_option(option);
  const auto problems = option_problems(options.view.empty() ? nullptr : find_view(options.view), interaction);
  for (const std::string& problem : problems) std::cerr << "tconv-studio: --option: " << problem << "\n";
  return problems.empty();
}

/// "1440x900" into width and height.
std::string parse_size(const std::string& text, StudioOptions& options) {
  int end = 0;
  const bool read = std::sscanf(text.c_str(), "%dx%d%n", &options.width, &options.height, &end) == 2;
  const bool fits = std::min(options.width, options.height) >= 64 && std::max(options.width, options.height) <= 16384;
  if (read && static_cast<std::size_t>(end) == text.size() && fits) return "";
  return "must be WIDTHxHEIGHT in pixels, 64 to 16384 each, found '" + text + "'";
}

int run(int argc, char** argv) {
  StudioOptions options;
  CLI::App app{"Tconv Studio: see, compute and diagnose transposed convolution", "tconv-studio"};
  app.set_version_flag("--version", TCONV_VERSION);
  std::string size;
  app.add_option(
      "FILE", options.file,
      "a scenario (.tconv.json, or the name of an example), a PNG, JPEG or .npy as the input; or an exported picture");
  app.add_option("--kernel", options.kernel, "a .npy as the kernel");
  app.add_option("--view", options.view, "the view to open")->check([](const std::string& id) {
    std::string known;
    for (const View& view : all_views()) known += " " + std::string(view.id);
    return find_view(id) != nullptr ? std::string() : "no view is called '" + id + "'; there are:" + known;
  });
  app.add_option("--option", options.view_options,
                 "a switch of the view, or a choice as NAME=VALUE, by its name in --places")
      ->allow_extra_args(false);
  app.add_option("--step", options.step, "the step of the timeline; the last one if left out");
  app.add_option("--theme", options.theme, "dark or light")->check(CLI::IsMember({"dark", "light"}));
  app.add_option("--size", size, "WIDTHxHEIGHT of the window or picture in pixels")
      ->check([&](const std::string& text) { return parse_size(text, options); });
  app.add_option("--scale", options.scale, "pixels per point, 0.75 to 4")->check(CLI::Range(0.75, 4.0));
  app.add_option("--screenshot", options.screenshot, "draw the window off screen into this PNG and exit");
  app.add_option("--places", options.places, "with --screenshot: write where the controls are, as JSON");
  app.add_option("--click", options.clicks,
                 "with --screenshot: a control to click first, by its name in --places; may be repeated")
      ->allow_extra_args(false);
  app.add_option("--hover", options.hover, "with --screenshot: the control under the cursor, by its name in --places");
  app.add_flag("--timing", options.timing, "say when the first frame is there");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    std::cerr << "tconv-studio: " << error.what() << "\n";
    return exit_usage;
  }
  if (!takes_options(options)) return exit_usage;
  return options.screenshot.empty() ? run_window(options) : run_screenshot(options);
}

}  // namespace
}  // namespace tconv

int main(int argc, char** argv) { return tconv::run(argc, argv); }
