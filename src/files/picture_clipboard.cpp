#include "files/picture_clipboard.h"

#include <cstdlib>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "files/child_process.h"

namespace tconv {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

struct Tool {
  const char* desktop;  // the variable that says that it runs
  const char* program;
  std::vector<std::string> arguments;
};

}  // namespace

void copy_png(std::string_view png, const Progress& progress) {
  const Tool tools[] = {{"WAYLAND_DISPLAY", "wl-copy", {"--type", "image/png"}},
                        {"DISPLAY", "xclip", {"-selection", "clipboard", "-t", "image/png", "-i"}}};
  bool desktop = false;
  for (const Tool& tool : tools) {
    if (!is_set(tool.desktop)) continue;
    desktop = true;
    const auto program = find_program(tool.program);
    if (!program) continue;
    ChildProcess process(*program, tool.arguments);
    const bool taken = process.write(std::as_bytes(std::span(png)), progress);
    process.close_stdin();
    // The tool goes on in the background, with the picture, once its first process has ended.
    if (process.wait(progress) == 0 && taken) return;
    const std::string why = process.last_error_line();
    throw std::runtime_error(std::string("The picture was not copied: ") + tool.program +
                             (why.empty() ? " failed" : ": " + why));
  }
  throw std::runtime_error(
      desktop ? "Copying pictures needs wl-copy (Wayland) or xclip (X11): install wl-clipboard or xclip"
              : "There is no desktop whose clipboard could take a picture");
}

}  // namespace tconv
