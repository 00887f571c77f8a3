#pragma once
// Stacks of layers as files, *.stack.json, and those that are built in (assets/stacks/<id>.stack.json). Version 1:
//
//   {
//     "format": "tconv-stack", "version": 1,
//     "title": "DCGAN 4×4", "note": "what it is, in a sentence or two",
//     "dims": 2, "input": 7, "channels": 1024,
//     "layers": [
//       {"name": "up1", "kind": "transposed", "out_channels": 512, "kernel": 2, "stride": 2, "bias": true},
//       {"name": "conv1", "kind": "convolution", "joined": 512, "out_channels": 512, "kernel": 3, "padding": 1},
//       {"name": "resize", "kind": "nearest", "factor": 2}, {"name": "shuffle", "kind": "shuffle", "factor": 2}
//     ]
//   }
//
// A layer's numbers are named as in scenario files; what is left out keeps its usual value (kernel and stride 1,
// padding 0, groups 1, no bias). Input sizes and input channels follow from what comes before. "joined" channels are
// concatenated to what comes in, as a skip connection does.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/stack.h"

namespace tconv {

inline constexpr int stack_version = 1;

struct StackFile {
  std::string title;
  std::string note;  ///< may be empty
  Stack stack;
};

/// Throws FileError with one line: `name`, the place, the rule and what was found. Layers that break a layer's rules
/// are no error here: `report_on` names them.
StackFile parse_stack(std::string_view json, std::string_view name);

struct BuiltInStack {
  std::string id;     ///< "dcgan-4x4"
  std::string title;  ///< "DCGAN 4×4"
};

/// In the order of their ids.
std::vector<BuiltInStack> built_in_stacks();
bool is_built_in_stack(std::string_view id);
/// Of an id in `built_in_stacks`.
StackFile built_in_stack(std::string_view id);

/// One name: a built-in stack or a .stack.json file. Otherwise each name is a scenario, as load_document takes it, and
/// their layers follow each other. Throws FileError.
StackFile load_stack(std::span<const std::string> names);
/// Whether `name` is a stack and no scenario.
bool names_stack(std::string_view name);

}  // namespace tconv
