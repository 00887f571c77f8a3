#include "kernels/wide_stride_cost.h"

#include <algorithm>
#include <cmath>

#include "core/integers.h"
#include "kernels/wide_stride_tile.h"

namespace tconv {
namespace {

/// Pairs of an output cell of an axis and a tap that reaches it.
double landings(const AxisPlan& axis) {
  double pairs = 0;
  for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
    // 0 <= S·i + below < O
    const std::int64_t below = tap * axis.dilation - axis.padding;
    const std::int64_t first = below >= 0 ? 0 : ceil_div(-below, axis.stride);
    const std::int64_t last = below >= axis.output ? 0 : ceil_div(axis.output - below, axis.stride);
    pairs += static_cast<double>(std::max<std::int64_t>(0, std::min(last, axis.input) - first));
  }
  return pairs;
}

/// Of one vector, in a tile.
double cycles_of_product(const LayerPlan& plan, const WideRow& row) {
  const int lanes = static_cast<int>(row.lanes);
  const std::int64_t channels = ceil_div(plan.group_out(), ceil_div(plan.group_out(), wide_channels(lanes)));
  const auto c = static_cast<double>(channels);
  const double p = wide_positions(lanes, static_cast<int>(channels));
  // Two multiply-adds and two loads a cycle; the inputs' lanes also have to be put in order.
  double cycles = std::max({c * p / 2 / 0.85, (c + p) / 2, row.reads != WideReads::any ? 0 : (c * p + p) / 3});

  // What a tile reads: weights that begin anywhere lie in one cache line more; so do the inputs.
  const double line = 64;
  const double weights = c * (static_cast<double>(lanes) * 4 + (row.windows == row.variants ? 0 : line));
  const double in_row = std::max(1.0, static_cast<double>(row.vectors) / static_cast<double>(row.variants));
  const double rows = std::ceil(p / in_row);
  const double row_inputs = std::min(p, in_row) * static_cast<double>(row.cells_apart) * 4 + line;
  const double y_taps = std::ceil(static_cast<double>(plan.y().kernel) / static_cast<double>(plan.y().stride));
  const double levels = static_cast<double>(row.levels.size());
  const double inputs = row_inputs * (rows + y_taps - 1) / y_taps / levels;
  const double z_taps = std::ceil(static_cast<double>(plan.z().kernel) / static_cast<double>(plan.z().stride));
  const double bytes = (weights + inputs) * static_cast<double>(plan.group_in()) * levels * y_taps * z_taps;
  if (bytes > 32 * 1024) cycles = std::max(cycles, (weights + inputs) / 32);  // of the level 2 cache
  return cycles / (c * p);
}

}  // namespace

std::int64_t wide_rows_together(const LayerPlan& plan, const WideRow& row) {
  constexpr std::int64_t inputs_in_cache = 48 * 1024;  // floats
  const std::int64_t of_row = plan.group_in() * plan.z().input * row.row_length;
  return std::clamp<std::int64_t>(inputs_in_cache / of_row, 1, plan.y().quotients);
}

double wide_stride_cycles(const LayerPlan& plan, const WideRow& row) {
  const double outputs = static_cast<double>(plan.batch * plan.out_channels * (row.vectors + (row.rest > 0 ? 1 : 0)));
  const double terms = static_cast<double>(plan.group_in()) * static_cast<double>(row.levels.size());
  const double products = outputs * landings(plan.z()) * landings(plan.y()) * terms * cycles_of_product(plan, row);
  const double sums = outputs * static_cast<double>(plan.z().output * plan.y().output) * 3;
  const double bytes = 4.0 * static_cast<double>(plan.input_size() + plan.weight_size() + plan.output_size());
  const double memory = memory_cycles(bytes);
  // Every block of rows reads all weights again; products wait for them.
  const double weights = 4.0 * static_cast<double>(plan.weight_size() / plan.x().kernel * row.windows * row.numbers) *
                         static_cast<double>(row.levels.size());
  const double blocks = static_cast<double>(plan.batch * ceil_div(plan.y().quotients, wide_rows_together(plan, row)));
  const double again = weights > 16e6 ? 6 : 16;  // bytes a cycle of memory and of the level 3 cache
  const double reading = weights > 1e6 ? weights / 6 + weights / again * (blocks - 1) : 0;
  return std::max(products + sums, memory) + 0.2 * std::min(products + sums, memory) + reading + 1000;
}

}  // namespace tconv
