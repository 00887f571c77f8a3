#include "cli/color_flags.h"

#include "export/color_flags.h"

namespace tconv {

void ColorFlags::add(CLI::App& app) { flags_.add(app, color_flags()); }

void ColorFlags::apply(Document& document) const {
  std::vector<std::string> lines;
  Presentation presentation = flags_.read(document.presentation, lines);
  if (!lines.empty()) throw CliError(ExitCode::usage, std::move(lines));
  document.presentation = std::move(presentation);
}

}  // namespace tconv
