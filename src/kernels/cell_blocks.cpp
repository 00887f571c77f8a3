#include "kernels/cell_blocks.h"

#include <algorithm>

#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;

/// Cells of g from the first that some stamps reach to the last.
int64_t span(const AxisPlan& axis, int64_t cells, int64_t taps) {
  return (cells - 1) * axis.stride + (taps - 1) * axis.dilation + 1;
}

/// From one row or plane to the next: an odd number of cache lines, lest they meet in the same few places of a cache.

int64_t evenly(int64_t all, int64_t most) { return ceil_div(all, ceil_div(all, std::max<int64_t>(1, most))); }

}  // namespace

void fetch_floats(const float* from, int64_t count) {
  for (int64_t i = 0; i < count; i += 16) __builtin_prefetch(from + i, 0, 2);
}

CellBlocks::CellBlocks(const LayerPlan& layer, int64_t most_cells)
    : z_(layer.z().input),
      y_(layer.y().input),
      x_(layer.x().input),
      planes_(layer.batch * z_),
      rows_(evenly(y_, most_cells / x_)),
      columns_(evenly(x_, most_cells)) {
  in_plane_ = ceil_div(y_, rows_);
  in_row_ = ceil_div(x_, columns_);
}

CellBlock CellBlocks::at(int64_t index) const {
  const int64_t x = index % in_row_ * columns_;
  index /= in_row_;
  const int64_t y = index % in_plane_ * rows_;
  index /= in_plane_;
  return {index / z_, index % z_, y, std::min(rows_, y_ - y), x, std::min(columns_, x_ - x)};
}

CoveredGradient::CoveredGradient(const LayerPlan& layer, const CellBlocks& blocks, int64_t taps)
    : layer_(layer),
      row_(odd_cache_lines(span(layer.x(), blocks.columns(), layer.x().kernel))),
      plane_(odd_cache_lines(span(layer.y(), blocks.rows(), taps) * row_)) {}

void CoveredGradient::copy(const float* grad_output, int64_t group, const CellBlock& block, int64_t first,
                           int64_t count, int64_t tap, int64_t taps, float* to) const {
  const AxisPlan& z = layer_.z();
  const AxisPlan& y = layer_.y();
  const AxisPlan& x = layer_.x();
  const int64_t channel = block.sample * layer_.out_channels + group * layer_.group_out();
  const int64_t first_y = block.y * y.stride + tap * y.dilation - y.padding;
  const int64_t rows = span(y, block.rows, taps);
  const int64_t first_x = block.x * x.stride - x.padding;
  const int64_t columns = span(x, block.columns, x.kernel);
  const int64_t begin = std::clamp<int64_t>(-first_x, 0, columns);
  const int64_t end = std::clamp<int64_t>(x.output - first_x, begin, columns);
  for (int64_t plane = first; plane < first + count; ++plane, to += plane_) {
    const int64_t at_z = block.z * z.stride + plane % z.kernel * z.dilation - z.padding;
    const float* const from =
        grad_output + ((channel + plane / z.kernel) * z.output + at_z) * y.output * x.output + first_x;
    for (int64_t r = 0; r < rows; ++r) {
      float* const row = to + r * row_;
      const int64_t at_y = first_y + r;
      if (at_z < 0 || at_z >= z.output || at_y < 0 || at_y >= y.output) {
        std::fill_n(row, columns, 0.0F);
        continue;
      }
      std::fill_n(row, begin, 0.0F);
      std::copy(from + at_y * x.output + begin, from + at_y * x.output + end, row + begin);
      std::fill(row + end, row + columns, 0.0F);
    }
  }
}

void CoveredGradient::fetch(const float* grad_output, int64_t group, const CellBlock& block, int64_t plane, int64_t tap,
                            int64_t taps) const {
  const AxisPlan& z = layer_.z();
  const AxisPlan& y = layer_.y();
  const AxisPlan& x = layer_.x();
  const int64_t at_z = block.z * z.stride + plane % z.kernel * z.dilation - z.padding;
  if (at_z < 0 || at_z >= z.output) return;
  const int64_t channel = block.sample * layer_.out_channels + group * layer_.group_out() + plane / z.kernel;
  const int64_t first = std::max<int64_t>(0, block.y * y.stride + tap * y.dilation - y.padding);
  const int64_t last =
      std::min(y.output, block.y * y.stride + tap * y.dilation - y.padding + span(y, block.rows, taps));
  const float* const from = grad_output + (channel * z.output + at_z) * y.output * x.output;
  fetch_floats(from + first * x.output, (last - first) * x.output);
}

}  // namespace tconv
