// How long exports take and how true they are. Prints one line per figure; nothing here passes or fails: machines
// differ, and so does their noise. Files go into a temporary folder that is removed, or into one that is given.
//
//   build/release/bench/export_bench [view [folder]]

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "cli/cli.h"
#include "export/animation.h"
#include "export/raster_figure.h"
#include "support/decoded_gif.h"
#include "views/view.h"

namespace tconv {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void print(const std::string& name, double milliseconds) {
  std::printf("%-52s %9.1f ms\n", name.c_str(), milliseconds);
}

/// The timeline of a view in a layer of 8 × 8 input cells, from the first step on.
struct Timelined {
  const View& view;
  const Theme& theme;
  Size size;
  Document document;

  Timelined(std::string_view id, const Theme& in_theme, Size in_size)
      : view(*find_view(id)), theme(in_theme), size(in_size) {
    for (AxisSpec& axis : document.scenario.layer.spatial()) axis = {.input = 8, .kernel = 3, .stride = 2};
  }

  std::shared_ptr<const Raster> draw(std::int64_t step) const {
    thread_local const TextMetrics text;
    Interaction interaction;
    interaction.step = step;
    interaction.own_step = step;
    const Results results = compute_results(document.scenario, step, view.needs(interaction));
    const Figure figure = picture(view, {.document = document,
                                         .results = results,
                                         .interaction = clamped(interaction, document.scenario),
                                         .size = size,
                                         .theme = theme,
                                         .text = text,
                                         .interactive = false});
    Figure cut = figure;
    cut.size = size;
    return raster_of(cut, text, 1);
  }
  FrameSource frames(std::int64_t count) const {
    return {count, [this](std::int64_t i) { return draw(i); }};
  }
};

bool has_animator(std::string_view id) {
  for (const Animator& each : listed_animators()) {
    if (each.id == id) return each.missing().empty();
  }
  return false;
}

const Animator& animator(std::string_view id) {
  static const std::vector<Animator> all = listed_animators();
  for (const Animator& each : all) {
    if (each.id == id) return each;
  }
  std::fprintf(stderr, "no animator %s\n", std::string(id).c_str());
  std::exit(1);
}

/// What a GIF shows against the true pictures.
void print_error(const std::filesystem::path& path, const std::vector<std::shared_ptr<const Raster>>& truth) {
  const GifError error = gif_error(decoded_gif(path), truth);
  std::printf("%-52s %9.3f %%\n", "  pixels that are exact", error.exact * 100);
  std::printf("%-52s %9d of 255\n", "  largest difference of a channel", error.largest);
  std::printf("%-52s %9.4f of 255\n", "  mean difference of the channels", error.mean);
}

/// A whole command, from reading its words to the file on the disk; the best of five.
void print_command(const std::string& name, const std::vector<std::string>& words) {
  std::vector<const char*> argv{"tconv"};
  for (const std::string& word : words) argv.push_back(word.c_str());
  double best = 1e300;
  for (int i = 0; i < 5; ++i) {
    std::ostringstream out;
    const auto start = Clock::now();
    if (run_cli(static_cast<int>(argv.size()), argv.data(), out, std::cerr) != 0) return;
    best = std::min(best, milliseconds_since(start));
  }
  print(name, best);
}

void print_stills(const std::filesystem::path& folder) {
  const std::filesystem::path scenario = folder / "map.tconv.json";
  // 64 × 64 output cells, each with its number, and all that the Overlap view says about them.
  std::ofstream(scenario) << R"({"format": "tconv-scenario", "version": 1, "layer": {"dims": 2, "input": 32,
    "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}})";
  std::printf("Overlap of 64 × 64 cells with numbers, a whole command\n");
  for (const std::string extension : {"png", "svg", "pdf"}) {
    const std::string file = (folder / ("map." + extension)).string();
    print_command(extension, {"render", "--view", "overlap", "--width", "1820", "--height", "2600", scenario.string(),
                              "--output", file});
    std::printf("%-52s %9.1f kB\n", "  size", static_cast<double>(std::filesystem::file_size(file)) / 1000);
  }
  std::printf("Coverage of 4096 × 4096 cells, a whole command\n");
  for (const std::string extension : {"png", "npy", "csv"}) {
    print_command(extension, {"coverage", "--kernel", "4", "--stride", "2", "--padding", "1", "--input", "2048",
                              "--output", (folder / ("coverage." + extension)).string()});
  }
}

int run(const std::string& view, const std::filesystem::path& kept) {
  const std::filesystem::path folder =
      kept.empty() ? std::filesystem::temp_directory_path() / "tconv_export_bench" : kept;
  std::filesystem::create_directories(folder);
  print_stills(folder);
  constexpr std::int64_t count = 60;
  for (const Theme* theme : {&dark_theme(), &light_theme()}) {
    std::printf("%lld frames of 960 × 720, %s, %s\n", static_cast<long long>(count), view.c_str(),
                std::string(theme->id).c_str());
    const Timelined timeline(view, *theme, {960, 720});
    auto start = Clock::now();
    std::vector<std::shared_ptr<const Raster>> truth;
    for (std::int64_t i = 0; i < count; ++i) truth.push_back(timeline.draw(i));
    print("  drawing on one thread", milliseconds_since(start));
    const FrameSource drawn{count, [&](std::int64_t i) { return truth[static_cast<std::size_t>(i)]; }};
    for (const std::string id : {"gif", "webp", "png", "mp4"}) {
      if (!has_animator(id)) continue;
      const std::filesystem::path path =
          folder / (view + "_" + std::string(theme->id) + std::string(animator(id).extension));
      start = Clock::now();
      animator(id).write(timeline.frames(count), {}, path, {});
      print(id, milliseconds_since(start));
      start = Clock::now();
      animator(id).write(drawn, {}, path, {});
      print("  of which without drawing", milliseconds_since(start));
      if (id != "png") {
        std::printf("%-52s %9.1f kB\n", "  size", static_cast<double>(std::filesystem::file_size(path)) / 1000);
      }
      if (id == "gif") print_error(path, truth);
    }
  }
  if (kept.empty()) std::filesystem::remove_all(folder);
  return 0;
}

}  // namespace
}  // namespace tconv

int main(int argc, char** argv) {
  try {
    return tconv::run(argc > 1 ? argv[1] : "paint", argc > 2 ? argv[2] : "");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "export_bench: %s\n", error.what());
    return 1;
  }
}
