#include "kernels/wide_stride_row.h"

#include <algorithm>
#include <numeric>

namespace tconv {

WideRow::WideRow(const AxisPlan& axis, int vector_lanes)
    : lanes(vector_lanes),
      stride(axis.stride),
      padding(axis.padding),
      output(axis.output),
      vectors(axis.output / lanes),
      rest(axis.output % lanes),
      reads(reads_of()),
      variants(stride / std::gcd(stride, lanes)),
      kernel_(axis.kernel),
      dilation_(axis.dilation) {
  for (std::int64_t tap = 0; tap < kernel_; ++tap) {
    const std::int64_t level = tap * dilation_ / stride;
    if (levels.empty() || levels.back() != level) levels.push_back(level);
  }
  windows = variants == 1 || stride % lanes == 0 ? variants : 1;
  numbers = own_windows() ? lanes : (stride + lanes - 1 + 3) / 4 * 4;

  margin = std::max<std::int64_t>(0, levels.back() - padding / stride);
  cells_apart = variants * lanes / stride;
  for (std::int64_t variant = 0; rest > 0 && vectors > 0 && variant < variants; ++variant) {
    if ((output - lanes - variant * lanes) % stride == 0) last_variant = variant;
  }
  const std::int64_t most =
      (axis.output - 1 + padding) / stride + (reads == WideReads::one ? 1 : inputs_read) - levels.front();
  row_length = margin + std::max(axis.input, most);
}

WideReads WideRow::reads_of() const {
  constexpr std::int64_t lanes_of_two = 16;
  if (stride % lanes == 0 && padding % lanes == 0) return WideReads::one;
  if (lanes == lanes_of_two && stride == lanes / 2 && padding % stride == 0) return WideReads::two;
  return WideReads::any;
}

std::int64_t WideRow::first_number(std::int64_t variant) const { return own_windows() ? 0 : phase(variant); }

std::vector<std::int32_t> WideRow::order(std::int64_t variant) const {
  std::vector<std::int32_t> order(static_cast<std::size_t>(lanes));
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    if (reads == WideReads::two) {
      order[static_cast<std::size_t>(cell_of(lane))] = static_cast<std::int32_t>(lane);
    } else {
      order[static_cast<std::size_t>(lane)] = static_cast<std::int32_t>((phase(variant) + lane) / stride);
    }
  }
  return order;
}

std::vector<std::int32_t> WideRow::taps(std::int64_t level, std::int64_t window) const {
  const std::int64_t first = own_windows() ? phase(window) : 0;
  std::vector<std::int32_t> taps;
  for (std::int64_t i = 0; i < numbers; ++i) {
    const std::int64_t reach = level * stride + (first + cell_of(i)) % stride;  // k·D
    const bool hit = reach % dilation_ == 0 && reach / dilation_ < kernel_;
    taps.push_back(hit ? static_cast<std::int32_t>(reach / dilation_) : -1);
  }
  return taps;
}

}  // namespace tconv
