#pragma once

#include <iosfwd>
#include <vector>

#include "compute/backend.h"

namespace tconv {

/// The program `tconv`: data goes to `out`, messages to `err`, one line per problem. `argv[0]` is not looked at.
/// `devices`: what can compute layers beside the CPU. Returns the exit code, see ExitCode in command.h. Throws nothing.
int run_cli(int argc, const char* const* argv, std::ostream& out, std::ostream& err,
            const std::vector<Device>& devices = {});

}  // namespace tconv
