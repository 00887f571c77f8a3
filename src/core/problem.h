#pragma once
// What is wrong with a layer, as a value: the core neither prints nor aborts.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tconv {

/// One broken rule. `field` is a field's name as in `AxisSpec`, `LayerSpec` and the command line with '_' ("stride",
/// "output_padding", "groups", "weight", …).
struct Problem {
  std::string field;
  int axis = -1;                        ///< spatial axis, 0 outermost; -1 where the rule is not about one axis
  std::string rule;                     ///< "must be at least 1", "must be less than max(stride, dilation) = 2"
  std::string found;                    ///< what was there, in words or as a number
  std::optional<std::int64_t> nearest;  ///< the value of that field nearest to the one found that keeps this
                                        ///< rule, all others kept; empty: there is none

  bool operator==(const Problem&) const = default;
};

/// One line: "stride (axis 1): must be at least 1, found 0; nearest legal value: 1".
std::string to_line(const Problem& problem);

}  // namespace tconv
