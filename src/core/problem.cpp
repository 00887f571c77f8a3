#include "core/problem.h"

namespace tconv {

std::string to_line(const Problem& problem) {
  std::string line = problem.field;
  if (problem.axis >= 0) line += " (axis " + std::to_string(problem.axis) + ")";
  line += ": " + problem.rule + ", found " + problem.found;
  if (problem.nearest) line += "; nearest legal value: " + std::to_string(*problem.nearest);
  return line;
}

}  // namespace tconv
