// The command line program: composes nothing but standard streams and the commands.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>

#include "cli/cli.h"
#include "cli/interrupt.h"

namespace {

/// A standard stream that the caller closed would lend its number to the next file opened, and what is meant for the
/// stream would land in that file. Read-only, so that writing to it fails as it should.
void occupy_closed_streams() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDONLY) < 0) return;
  }
}

/// The first signal lets the work stop by itself, with no file half-written; another one ends the program at once.
void on_interrupt(int signal) {
  tconv::interrupt();
  std::signal(signal, SIG_DFL);
}

}  // namespace

int main(int argc, char** argv) {
  occupy_closed_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an exit code, not a death
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, on_interrupt);
  return tconv::run_cli(argc, argv, std::cout, std::cerr);
}
