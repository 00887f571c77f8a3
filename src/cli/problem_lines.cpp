#include "cli/problem_lines.h"

#include "cli/command.h"

namespace tconv {
namespace {

/// `--padding` sets both ends: a slip in it is one problem to the person who wrote it.
bool is_other_end(const Problem& begin, Problem end) {
  if (begin.field != "padding_begin" || end.field != "padding_end") return false;
  end.field = begin.field;
  return begin == end;
}

}  // namespace

void require_none(const std::vector<Problem>& problems) {
  if (problems.empty()) return;
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < problems.size(); ++i) {
    Problem problem = problems[i];
    if (i + 1 < problems.size() && is_other_end(problem, problems[i + 1])) {
      problem.field = "padding";
      ++i;
    }
    lines.push_back(to_line(problem));
  }
  throw CliError(ExitCode::usage, std::move(lines));
}

}  // namespace tconv
