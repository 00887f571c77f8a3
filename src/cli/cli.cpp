#include "cli/cli.h"

#include <algorithm>
#include <new>
#include <ostream>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "core/names.h"
#include "files/file_error.h"

// The build sets it to the project's version.
#ifndef TCONV_VERSION
#define TCONV_VERSION "0.1.0"
#endif

namespace tconv {
namespace {

constexpr const char* about =
    "Transposed convolution: sizes, numbers and pictures.\n"
    "Exit codes: 0 done, 1 could not, 2 wrong usage or illegal layer, 3 bad file.";

/// A problem is one line whatever a file name or an argument holds.
std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (char& c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return text;
}

/// CLI11 stops at the first option that is missing; a person wants to know all of them.
std::vector<std::string> missing_options(const CLI::App& app) {
  std::vector<std::string> lines;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_required() && option->count() == 0) lines.push_back(option->get_name() + " is required");
  }
  return lines;
}

/// CLI11's own message names them last to first.
std::string joined(const std::vector<std::string>& arguments) {
  std::string text;
  for (const std::string& argument : arguments) text += (text.empty() ? "" : " ") + argument;
  return text;
}

struct Registered {
  Command command;
  CLI::App* app;
  Action action;
};

class Program {
 public:
  Program(std::ostream& out, std::ostream& err, const std::vector<Device>& devices) : out_(out), err_(err) {
    app_.set_version_flag("--version", "tconv " TCONV_VERSION, "print the version and exit");
    app_.require_subcommand(0, 1);
    for (const Command& command : listed_commands(devices)) {
      CLI::App* app = app_.add_subcommand(std::string(command.name), std::string(command.help));
      commands_.push_back({command, app, command.prepare(*app)});
    }
  }

  ExitCode run(int argc, const char* const* argv) {
    if (argc < 2) {
      err_ << app_.help();
      return ExitCode::usage;
    }
    ExitCode code = ExitCode::done;
    try {
      require_known_command(argv[1]);
      app_.parse(argc, argv);
      for (const Registered& registered : commands_) {
        if (registered.app->parsed()) registered.action(out_);
      }
      if (app_.get_subcommands().empty()) throw usage_error("name a command: " + listed(command_names()));
    } catch (const CLI::CallForHelp&) {
      out_ << app_.help();
    } catch (const CLI::CallForVersion& version) {
      out_ << version.what() << "\n";
    } catch (const CLI::RequiredError& error) {
      const auto lines = missing_options(current_app());
      code = fail(ExitCode::usage, lines.empty() ? std::vector<std::string>{error.what()} : lines);
    } catch (const CLI::ExtrasError&) {
      code = fail(ExitCode::usage, {"not expected: " + joined(current_app().remaining())});
    } catch (const CLI::ParseError& error) {
      code = fail(ExitCode::usage, {error.what()});
    } catch (const CliError& error) {
      code = fail(error.code(), error.lines());
    } catch (const FileError& error) {
      code = fail(ExitCode::bad_file, {error.what()});
    } catch (const std::bad_alloc&) {
      code = fail(ExitCode::could_not, {"not enough memory"});
    } catch (const std::exception& error) {
      code = fail(ExitCode::could_not, {error.what()});
    }
    out_.flush();
    if (!out_ && code == ExitCode::done) code = fail(ExitCode::could_not, {"standard output cannot be written"});
    return code;
  }

 private:
  std::vector<std::string_view> command_names() const {
    std::vector<std::string_view> names;
    for (const Registered& registered : commands_) names.push_back(registered.command.name);
    return names;
  }

  /// CLI11 would call it an unexpected argument.
  void require_known_command(std::string_view argument) const {
    const auto names = command_names();
    if (argument.starts_with("-") || std::ranges::find(names, argument) != names.end()) return;
    throw usage_error("there is no command " + quoted(argument) + "; " + suggestion(argument, names));
  }

  const CLI::App& current_app() const {
    const auto chosen = app_.get_subcommands();
    return chosen.empty() ? app_ : *chosen.front();
  }

  ExitCode fail(ExitCode code, const std::vector<std::string>& lines) {
    if (!may_tell()) return code;
    const CLI::App& app = current_app();
    const std::string prefix = &app == &app_ ? "tconv: " : "tconv " + app.get_name() + ": ";
    for (const std::string& line : lines) err_ << prefix << one_line(line) << "\n";
    err_.flush();
    return code;
  }

  CLI::App app_{about, "tconv"};
  std::vector<Registered> commands_;
  std::ostream& out_;
  std::ostream& err_;
};

}  // namespace

int run_cli(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
            const std::vector<Device>& devices) {
  return static_cast<int>(Program(out, err, devices).run(argc, argv));
}

}  // namespace tconv
