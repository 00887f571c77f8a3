#pragma once

#include <iosfwd>

namespace tconv {

/// The program `tconv`: data goes to `out`, messages to `err`, one line per problem. `argv[0]` is not looked at.
/// Returns the exit code, see ExitCode in command.h. Throws nothing.
int run_cli(int argc, const char* const* argv, std::ostream& out, std::ostream& err);

}  // namespace tconv
