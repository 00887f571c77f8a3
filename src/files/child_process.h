#pragma once
// Other programs that are given bytes: video encoders, clipboard tools.

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "files/progress.h"

namespace tconv {

/// Where the program `name` lies, by the environment's PATH as a shell looks it up; `name` itself when it has a '/' and
/// is a program. Nothing when there is none that may be run.
std::optional<std::filesystem::path> find_program(std::string_view name);

/// A program that runs beside this one. It reads what `write` gives it, its output goes nowhere, and what it says on
/// its error output is kept. No shell is between: arguments arrive as they are. It is ended, and with it what it has
/// started, when this object goes while it still runs.
class ChildProcess {
 public:
  /// Starts it. Throws std::runtime_error with one line when it cannot be started.
  ChildProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments);
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) noexcept;
  ~ChildProcess();

  /// Returns when the program has been given all bytes, asking `progress` every 10 ms whether to stop. False when the
  /// program reads no more: it has ended or closed its input. Nothing can be written after close_stdin.
  bool write(std::span<const std::byte> bytes, const Progress& progress);
  /// The program has got all that it gets.
  void close_stdin();

  /// Waits at most so long for its end: its exit code, or 128 and the signal's number as shells have it; nothing while
  /// it still runs. Programs that it leaves behind, as clipboard tools do, are not waited for.
  std::optional<int> wait_for(std::chrono::milliseconds time);
  /// Waits for its end, asking `progress` every 10 ms whether to stop.
  int wait(const Progress& progress);
  /// Ends it at once, and what it has started and not left behind.
  void kill();

  /// What it said on its error output, the last 16 KiB.
  const std::string& errors() const;
  /// The last line of that, without what is not printable; empty if there is none.
  std::string last_error_line() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tconv
