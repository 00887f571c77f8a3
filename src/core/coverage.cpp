#include "core/coverage.h"

#include <algorithm>
#include <numeric>

namespace tconv {

using std::int64_t;

std::vector<int64_t> phase_counts(const AxisSpec& axis) {
  std::vector<int64_t> counts(static_cast<std::size_t>(axis.stride), 0);
  for (int64_t tap = 0; tap < axis.kernel; ++tap) ++counts[static_cast<std::size_t>(tap * axis.dilation % axis.stride)];
  return counts;
}

bool is_even(const AxisSpec& axis) {
  return axis.stride == 1 || (std::gcd(axis.stride, axis.dilation) == 1 && axis.kernel % axis.stride == 0);
}

bool is_even(const LayerSpec& layer) {
  return std::ranges::all_of(layer.spatial(), [](const AxisSpec& axis) { return is_even(axis); });
}

double phase_variance(const AxisSpec& axis) {
  const auto counts = phase_counts(axis);
  const auto phases = static_cast<double>(counts.size());
  const double mean = static_cast<double>(axis.kernel) / phases;
  double sum = 0;
  for (const int64_t count : counts) sum += (static_cast<double>(count) - mean) * (static_cast<double>(count) - mean);
  return sum / phases;
}

int64_t gap(const AxisSpec& axis) { return axis.dilation == 1 ? std::max<int64_t>(0, axis.stride - axis.kernel) : 0; }

std::vector<int64_t> axis_coverage(const AxisSpec& axis) {
  const int64_t size = output_size(axis);
  std::vector<int64_t> counts(static_cast<std::size_t>(std::max<int64_t>(0, size)), 0);
  for (int64_t tap = 0; tap < axis.kernel; ++tap) {
    for (int64_t cell = 0; cell < axis.input; ++cell) {
      const int64_t place = cell * axis.stride + tap * axis.dilation - axis.padding_begin;
      if (place >= 0 && place < size) ++counts[static_cast<std::size_t>(place)];
    }
  }
  return counts;
}

}  // namespace tconv
