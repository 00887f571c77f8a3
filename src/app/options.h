#pragma once

#include <optional>
#include <string>
#include <vector>

#include "figure/geometry.h"
#include "ui/studio.h"

namespace tconv {

/// What the command line of tconv-studio asks for.
struct StudioOptions {
  std::string file;    ///< a scenario, or an image or array as the input
  std::string kernel;  ///< a .npy as the kernel
  std::string view;    ///< empty: the first
  std::string theme = "dark";
  std::optional<std::int64_t> step;
  std::optional<double> scale;  ///< pixels a point; empty: what the display says
  int width = 1440;             ///< of the window or picture, pixels
  int height = 900;
  std::string screenshot;                 ///< a PNG to write instead of opening a window
  std::string places;                     ///< with `screenshot`: a JSON file of where the controls are
  bool timing = false;                    ///< says on standard error when the first frame was there
  std::vector<std::string> view_options;  ///< switches that are on, and choices as "name=value"
  std::vector<std::string> clicks;        ///< with `screenshot`: the names of controls to click first, in order
  std::string hover;                      ///< with `screenshot`: the name of the control under the cursor
};

/// Puts a studio into the state that the options ask for. Returns an error line, empty if all went well.
std::string apply_options(Studio& studio, const StudioOptions& options);

/// Exit codes, as the command line program's.
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_bad_file = 3;

int run_window(const StudioOptions& options);
int run_screenshot(const StudioOptions& options);

}  // namespace tconv
