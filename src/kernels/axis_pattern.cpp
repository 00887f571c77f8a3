#include "kernels/axis_pattern.h"

namespace tconv {

AxisPattern pattern_of(const AxisPlan& axis) {
  const std::int64_t offsets = axis.most_offset - axis.least_offset + 1;
  if (axis.stride > 4 || offsets > 8 || axis.input_planes > 1) return 0;
  AxisPattern pattern = 0;
  for (std::size_t phase = 0; phase < axis.phases.size(); ++phase) {
    for (const AxisPlan::Tap& tap : axis.phases[phase]) {
      pattern |= AxisPattern{1} << (4 * static_cast<std::size_t>(tap.offset - axis.least_offset) + phase);
    }
  }
  for (std::int64_t offset = 0; offset < offsets; ++offset) {
    if ((pattern >> (4 * offset) & 15) == 0) return 0;
  }
  return pattern;
}

}  // namespace tconv
