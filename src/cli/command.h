#pragma once
// One file per command, <name>_command.cpp: it defines `Command <name>_command()`.

#include <CLI/CLI.hpp>
#include <functional>
#include <iosfwd>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "compute/backend.h"

namespace tconv {

enum class ExitCode {
  done = 0,
  could_not = 1,  ///< asked rightly, but no memory, no room on the disk, a closed pipe, …
  usage = 2,      ///< a wrong command line, or a layer that is not legal
  bad_file = 3    ///< a file that is missing, broken or of the wrong kind
};

/// Thrown by a command; each line is printed behind the command's name.
class CliError : public std::runtime_error {
 public:
  CliError(ExitCode code, std::vector<std::string> lines)
      : std::runtime_error(lines.empty() ? "" : lines.front()), code_(code), lines_(std::move(lines)) {}

  ExitCode code() const { return code_; }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  ExitCode code_;
  std::vector<std::string> lines_;
};

inline CliError usage_error(std::string line) { return {ExitCode::usage, {std::move(line)}}; }

/// What a command does once its options are read; it writes its data to the stream. Besides CliError it may throw
/// FileError (exit code 3) and any other std::exception (exit code 1).
using Action = std::function<void(std::ostream& out)>;

struct Command {
  std::string_view name;
  std::string_view help;  ///< one sentence
  /// Adds the command's options to `app`, which outlives the action.
  std::function<Action(CLI::App& app)> prepare;
};

/// Every command, in the order of the help text. `devices`: see run_cli.
std::vector<Command> listed_commands(const std::vector<Device>& devices);

}  // namespace tconv
