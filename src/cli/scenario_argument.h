#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "document/document.h"

namespace tconv {

/// The positional argument [SCENARIO]; `text` must outlive the parsing.
void add_scenario_argument(CLI::App& app, std::string& text);

/// What it names; the built-in example when it was left out. Throws FileError.
Document document_of_argument(const std::string& text);

}  // namespace tconv
