#include "core/sizes.h"

#include <algorithm>
#include <cstdint>

#include "core/coverage.h"

namespace tconv {

using std::int64_t;

int64_t forward_output_size(const AxisSpec& axis, int64_t n) {
  const int64_t room = n + axis.padding_begin + axis.padding_end - stamp_extent(axis);
  return room < 0 ? 0 : room / axis.stride + 1;
}

SizeRange legal_outputs(const AxisSpec& axis) {
  AxisSpec smallest = axis;
  smallest.output_padding = 0;
  const int64_t first = output_size(smallest);
  return {std::max<int64_t>(1, first), first + axis.stride - 1};
}

SizeRange forward_inputs(const AxisSpec& axis) {
  // forward_output_size(n) == I  ⟺  (I−1)·S <= n + P − D(K−1) − 1 <= I·S − 1
  const int64_t least = (axis.input - 1) * axis.stride + stamp_extent(axis) - axis.padding_begin - axis.padding_end;
  return {std::max<int64_t>(1, least), least + axis.stride - 1};
}

SizeTerms size_terms(const AxisSpec& axis) {
  using wide = __int128;
  const auto saturated = [](wide value) {
    constexpr wide most = INT64_MAX;
    return static_cast<int64_t>(std::clamp(value, -most, most));
  };
  return {saturated((static_cast<wide>(axis.input) - 1) * axis.stride),
          saturated(-(static_cast<wide>(axis.padding_begin) + axis.padding_end)),
          saturated(static_cast<wide>(axis.dilation) * (static_cast<wide>(axis.kernel) - 1)),
          saturated(axis.output_padding)};
}

std::string output_padding_reason(const AxisSpec& axis) {
  const int64_t bound = std::max(axis.stride, axis.dilation);
  const auto text = [](int64_t value) { return std::to_string(value); };
  if (axis.output_padding < 0) return "output_padding adds cells at the end, so it cannot be below 0.";
  if (axis.output_padding >= bound) {
    return "PyTorch refuses output_padding " + text(axis.output_padding) +
           ": it must be less than max(stride, dilation) = " + text(bound) + ".";
  }
  if (axis.output_padding >= axis.stride) {
    return "PyTorch accepts output_padding " + text(axis.output_padding) + " because dilation " + text(axis.dilation) +
           " exceeds stride " + text(axis.stride) + "; no forward convolution of this shape collapses that size onto " +
           text(axis.input) + ".";
  }
  if (axis.stride == 1) {
    return "With stride 1 the convolution back leads from one size only, so there is nothing for output_padding to "
           "choose" +
           (bound > 1 ? "; PyTorch takes up to " + text(bound - 1) + " because of dilation " + text(axis.dilation) + "."
                      : std::string("."));
  }
  return "A convolution with stride " + text(axis.stride) + " brings " + text(axis.stride) +
         " neighbouring sizes to the same " + text(axis.input) + "; output_padding 0 to " + text(axis.stride - 1) +
         " chooses which one comes back.";
}

std::vector<LayerChoice> find_layers(int64_t from, int64_t to, int64_t largest_kernel) {
  std::vector<LayerChoice> found;
  if (from < 1 || to < 1) return found;
  const auto consider = [&](int64_t kernel, int64_t stride) {
    AxisSpec axis{.input = from, .kernel = kernel, .stride = stride};
    const int64_t excess = output_size(axis) - to;  // what 2P − OP has to take away
    axis.padding_begin = axis.padding_end = excess > 0 ? (excess + 1) / 2 : 0;
    axis.output_padding = 2 * axis.padding_begin - excess;
    if (axis.output_padding < stride && axis.padding_begin < kernel) found.push_back({axis, is_even(axis)});
  };
  for (int64_t stride = std::max<int64_t>(1, to / from); stride <= to && found.empty(); ++stride) {
    const int64_t last = std::max(largest_kernel, stride + 2);
    for (int64_t kernel = stride; kernel <= last; ++kernel) consider(kernel, stride);
    if (2 * stride > last) consider(2 * stride, stride);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const LayerChoice& a, const LayerChoice& b) { return a.even && !b.even; });
  return found;
}

}  // namespace tconv
