#pragma once
// What the decoder stack view is about: the stack that is chosen, followed through.

#include <string>
#include <vector>

#include "document/stack_file.h"
#include "views/wording.h"

namespace tconv {

struct StackScene {
  explicit StackScene(const ViewInput& in);

  std::string preset;     ///< id of a built-in stack; "this" for the document's layer
  std::int64_t depth;     ///< how many times the document's layer is there
  std::int64_t then = 0;  ///< kernel of the convolution that is appended; 0: none
  StackFile file;
  StackReport report;     ///< may end before the stack does: `report.problems` says why
  std::int64_t mend = 0;  ///< the kernel of an appended convolution that evens the counts; 0: unknown, 1: none needed
  int axis = 0;           ///< which axis' profile is shown
  bool axes_alike = true;

  bool is_preset() const { return preset != "this"; }
  /// "up1", "layer 2".
  std::string name_of(std::size_t depth) const;
  /// The depths whose profiles are shown: all of a few, else the last before each enlarging layer and the end.
  std::vector<std::size_t> shown_depths() const;
};

/// What the scene is chosen by.
std::vector<OptionRule> stack_options();

/// Groups of chips with their names, one group to a line; returns the y below.
double add_stack_chips(Figure& figure, const ViewInput& in, const StackScene& scene, Point at, double width);

}  // namespace tconv
