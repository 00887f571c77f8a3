#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "document/document.h"

namespace tconv {

/// The positional argument [SCENARIO].
class ScenarioArgument {
 public:
  /// `app` then points into this object, which must not move.
  void add(CLI::App& app);

  /// The document that was named; the built-in example when none was. Throws FileError.
  Document load() const;

 private:
  std::string text_;
  CLI::Option* option_ = nullptr;
};

}  // namespace tconv
