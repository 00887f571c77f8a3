// The command line program: composes standard streams, devices and the commands.

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "cli/cli.h"
#include "cli/interrupt.h"
#include "files/atomic_file.h"
#include "gpu/gl_backend.h"

namespace {

/// A standard stream that the caller closed would lend its number to the next file opened, and what is meant for the
/// stream would land in that file. Read-only, so that writing to it fails as it should.
void occupy_closed_streams() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", O_RDONLY) < 0) return;
  }
}

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz";
constexpr auto patience = std::chrono::milliseconds(25);

/// A signal lets the work stop by itself, with no file half-written. What does not notice within `patience` is left as
/// it is, and what it has not finished is removed; `words` tell of it.
void watch_signals(std::string words) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // of all threads to come: one alone waits for them
  std::thread([signals, words = std::move(words)]() mutable {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) return;
    tconv::interrupt();
    std::this_thread::sleep_for(patience);
    if (!tconv::may_tell()) {  // the work has told, and ends
      words.clear();
      std::this_thread::sleep_for(patience);
    }
    // What is said there of the work that goes on, see WaitingLine.
    if (!words.empty() && ::isatty(STDERR_FILENO) != 0) words.insert(0, "\r" + std::string(72, ' ') + "\r");
    tconv::remove_unfinished_files();
    if (::write(STDERR_FILENO, words.data(), words.size()) < 0) errno = 0;
    ::_exit(1);
  }).detach();
}

/// What can compute beside the CPU.
std::vector<tconv::Device> devices() {
  return {{"gpu", [] { return tconv::gl_backend(); }}};
}

}  // namespace

int main(int argc, char** argv) {
  occupy_closed_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that went away is an exit code, not a death
  // As the command itself says it where it stops in time.
  const bool has_command = argc > 1 && std::string_view(argv[1]).find_first_not_of(letters) == std::string_view::npos;
  watch_signals("tconv" + (has_command ? " " + std::string(argv[1]) : "") + ": cancelled\n");
  return tconv::run_cli(argc, argv, std::cout, std::cerr, devices());
}
