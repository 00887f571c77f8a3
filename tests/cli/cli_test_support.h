#pragma once
// Runs `tconv` inside the test, and as a process where exit codes and standard streams are the question.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cli/cli.h"
#include "core/tensor.h"
#include "files/npy.h"
#include "support/own_places.h"
#include "support/temp_dir.h"
#include "support/words.h"

namespace tconv::test {

using Words = std::vector<std::string>;  // of a command line

struct CliRun {
  int code = -1;
  std::string out;
  std::string err;
};

inline CliRun run(const Words& arguments, const std::vector<Device>& devices = {}) {
  std::vector<const char*> argv{"tconv"};
  for (const std::string& argument : arguments) argv.push_back(argument.c_str());
  std::ostringstream out;
  std::ostringstream err;
  CliRun result;
  result.code = run_cli(static_cast<int>(argv.size()), argv.data(), out, err, devices);
  result.out = out.str();
  result.err = err.str();
  return result;
}

/// The exit code of a shell command line in which `$TCONV` is the built program; 128 + n where signal n ended it.
inline int shell(const std::string& command) {
  const int status = std::system(("TCONV='" + program("tconv") + "'; " + command).c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// The exit code of a process of the program that is interrupted a while after its start, of work that takes longer;
/// 128 + n where signal n ended it. However long the start takes: the signal is blocked for it, and waits.
/// `err` is the file that gets its standard error.
inline int interrupted(Words arguments, const std::string& err = "/dev/null") {
  const std::string path = program("tconv");
  arguments.insert(arguments.begin(), "tconv");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  sigset_t signals;
  sigset_t before;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigprocmask(SIG_BLOCK, &signals, &before);  // outlives fork and exec; the program waits for it with `sigwait`
  const pid_t child = ::fork();
  if (child == 0) {
    const int nowhere = ::open("/dev/null", O_WRONLY);
    ::dup2(nowhere, STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDERR_FILENO);
    ::execv(path.c_str(), argv.data());
    ::_exit(127);
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  ::kill(child, SIGINT);
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// What a terminal shows of the standard error of a process of the program, which is interrupted once `words` stand
/// there. Empty where there are no terminals.
inline std::string seen_on_terminal(std::vector<std::string> arguments, std::string_view words) {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) return {};
  const int shown = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  const std::string path = program("tconv");
  arguments.insert(arguments.begin(), "tconv");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
    ::dup2(shown, STDERR_FILENO);
    ::close(shown);
    ::close(terminal);
    ::execv(path.c_str(), argv.data());
    ::_exit(127);
  }
  ::close(shown);
  std::string seen;
  bool interrupted = false;
  char bytes[256];
  // Fails once nobody has the other end open any more.
  for (ssize_t got = 0; (got = ::read(terminal, bytes, sizeof bytes)) > 0;) {
    seen.append(bytes, static_cast<std::size_t>(got));
    if (interrupted || seen.find(words) == std::string::npos) continue;
    ::kill(child, SIGINT);
    interrupted = true;
  }
  ::close(terminal);
  int status = 0;
  ::waitpid(child, &status, 0);
  return seen;
}

/// "1,2,3", as flags take one number per axis.
inline std::string list(const std::vector<std::int64_t>& numbers) {
  std::string text;
  for (const std::int64_t number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Fails unless the run said `code` with nothing on stdout, and each of `parts` stands in the line of its place. There
/// are as many lines as parts, each prefixed with the command.
inline void expect_refusal(const CliRun& result, int code, const std::string& prefix,
                           const std::vector<std::string>& parts) {
  EXPECT_EQ(result.code, code) << result.err;
  EXPECT_EQ(result.out, "");
  const auto lines = lines_of(result.err);
  ASSERT_EQ(lines.size(), parts.size()) << result.err;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_TRUE(lines[i].starts_with(prefix)) << lines[i];
    EXPECT_TRUE(contains(lines[i], parts[i])) << lines[i] << "\nlacks: " << parts[i];
  }
}

/// Writes `values` (as many as the shape holds, or one for all) as a .npy file.
inline std::string save(const TempDir& dir, std::string_view name, const Shape& shape, std::vector<float> values) {
  const auto count = static_cast<std::size_t>(shape.elements());
  if (values.size() == 1) values.assign(count, values.front());
  write_npy(dir / name, Tensor(shape, std::move(values)));
  return (dir / name).string();
}

}  // namespace tconv::test
