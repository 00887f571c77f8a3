#include "kernels/wide_stride_row.h"

#include <algorithm>
#include <numeric>

namespace tconv {

WideRow::WideRow(const AxisPlan& axis, int vector_lanes)
    : lanes(vector_lanes),
      stride(axis.stride),
      padding(axis.padding),
      vectors(axis.output / lanes),
      rest(axis.output % lanes),
      repeat(stride % lanes == 0 && padding % lanes == 0),
      variants(stride / std::gcd(stride, lanes)),
      kernel_(axis.kernel),
      dilation_(axis.dilation) {
  for (std::int64_t tap = 0; tap < kernel_; ++tap) {
    const std::int64_t level = tap * dilation_ / stride;
    if (levels.empty() || levels.back() != level) levels.push_back(level);
  }
  if (variants == 1) turned_ = padding % stride;
  weights = variants == 1 || repeat ? std::lcm(stride, lanes) : stride + lanes - 1;
  weights = (weights + 3) / 4 * 4;

  margin = std::max<std::int64_t>(0, levels.back() - padding / stride);
  cells_apart = variants * lanes / stride;
  const std::int64_t most = (axis.output - 1 + padding) / stride + (repeat ? 1 : inputs_read) - levels.front();
  row_length = margin + std::max(axis.input, most);
  // Rows that lie a multiple of 4096 bytes apart would share a few places of the cache.
  row_length = (row_length + 15) / 16 * 16;
  if (row_length % 32 == 0) row_length += 16;
}

std::int64_t WideRow::first_weight(std::int64_t variant) const {
  return (variant * lanes + padding - turned_) % stride;
}

std::int64_t WideRow::first_input(std::int64_t variant) const { return margin + (variant * lanes + padding) / stride; }

std::vector<std::int32_t> WideRow::order(std::int64_t variant) const {
  std::vector<std::int32_t> order(static_cast<std::size_t>(lanes));
  const std::int64_t phase = (variant * lanes + padding) % stride;
  for (std::int64_t lane = 0; lane < lanes; ++lane) {
    order[static_cast<std::size_t>(lane)] = static_cast<std::int32_t>((phase + lane) / stride);
  }
  return order;
}

std::vector<std::int32_t> WideRow::taps(std::int64_t level) const {
  std::vector<std::int32_t> by_phase(static_cast<std::size_t>(stride), -1);
  for (std::int64_t tap = 0; tap < kernel_; ++tap) {
    if (tap * dilation_ / stride != level) continue;
    by_phase[static_cast<std::size_t>(tap * dilation_ % stride)] = static_cast<std::int32_t>(tap);
  }
  std::vector<std::int32_t> taps(static_cast<std::size_t>(weights));
  for (std::size_t i = 0; i < taps.size(); ++i) {
    taps[i] = by_phase[(i + static_cast<std::size_t>(turned_)) % static_cast<std::size_t>(stride)];
  }
  return taps;
}

}  // namespace tconv
