#pragma once
// Runs `tconv` inside the test, and as a process where exit codes and standard streams are the question.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cli.h"
#include "core/tensor.h"
#include "files/npy.h"
#include "support/own_places.h"
#include "support/temp_dir.h"

namespace tconv::test {

struct CliRun {
  int code = -1;
  std::string out;
  std::string err;
};

inline CliRun run(const std::vector<std::string>& arguments, const std::vector<Device>& devices = {}) {
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

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

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
