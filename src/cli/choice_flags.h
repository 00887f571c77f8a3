#pragma once
// Flags from a table of export/choice_flag.h on a command's line.

#include <CLI/CLI.hpp>
#include <deque>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "export/choice_flag.h"

namespace tconv {

/// Calls `check`; the lines of a CliError that it throws are added to `lines`, so that every wrong flag is named and
/// not only the first.
template <typename Check>
void collect(std::vector<std::string>& lines, Check check) {
  try {
    check();
  } catch (const CliError& error) {
    lines.insert(lines.end(), error.lines().begin(), error.lines().end());
  }
}

template <typename Choices>
class ChoiceFlags {
 public:
  /// `app` then points into this object, which must not move. Flags that `left_out` names are not added.
  void add(CLI::App& app, const std::vector<ChoiceFlag<Choices>>& flags, std::string_view left_out = {}) {
    for (const ChoiceFlag<Choices>& flag : flags) {
      if (flag.name == left_out) continue;
      const std::string name(flag.name);
      const std::string help(flag.help);
      Given& given = given_.emplace_back();
      given.flag = &flag;
      if (flag.value.empty()) {
        given.option = app.add_flag(name, help);
      } else if (flag.many) {
        given.option = app.add_option(name, given.texts, help)->allow_extra_args(false);
      } else {
        given.option = app.add_option(name, given.text, help);
      }
      if (!flag.value.empty()) given.option->type_name(std::string(flag.value));
    }
  }

  bool has(std::string_view name) const {
    for (const Given& given : given_) {
      if (given.flag->name == name) return given.option->count() > 0;
    }
    return false;
  }

  /// The choices that were made, from `choices` on; what is wrong is added to `lines`.
  Choices read(Choices choices, std::vector<std::string>& lines) const {
    for (const Given& given : given_) {
      if (given.option->count() == 0) continue;
      for (const std::string& text : given.flag->many ? given.texts : std::vector<std::string>{given.text}) {
        try {
          given.flag->read(choices, text);
        } catch (const std::invalid_argument& error) {
          lines.push_back(std::string(given.flag->name) + ": " + error.what());
        }
      }
    }
    return choices;
  }

 private:
  struct Given {
    const ChoiceFlag<Choices>* flag = nullptr;
    CLI::Option* option = nullptr;
    std::string text;
    std::vector<std::string> texts;
  };
  std::deque<Given> given_;
};

}  // namespace tconv
