#include "kernels/layer_plan.h"

#include <algorithm>

#include "core/integers.h"

namespace tconv {
namespace {

AxisPlan plan_of(const AxisSpec& axis) {
  AxisPlan plan;
  plan.input = axis.input;
  plan.output = output_size(axis);
  plan.kernel = axis.kernel;
  plan.stride = axis.stride;
  plan.padding = axis.padding_begin;
  plan.dilation = axis.dilation;
  plan.quotients = ceil_div(plan.output, axis.stride);
  plan.phases.resize(static_cast<std::size_t>(axis.stride));
  bool first = true;
  for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
    const std::int64_t below = tap * axis.dilation - axis.padding_begin;  // φ ≡ below (mod S)
    const std::int64_t phase = modulo(below, axis.stride);
    const std::int64_t offset = (phase - below) / axis.stride;
    plan.phases[static_cast<std::size_t>(phase)].push_back({tap, offset});
    plan.least_offset = first ? offset : std::min(plan.least_offset, offset);
    plan.most_offset = first ? offset : std::max(plan.most_offset, offset);
    first = false;
  }
  return plan;
}

AxisPlan gradient_plan_of(const AxisSpec& axis) {
  AxisPlan plan;
  plan.input = output_size(axis);
  plan.output = plan.quotients = axis.input;
  plan.kernel = axis.kernel;
  plan.padding = axis.padding_begin;
  plan.dilation = axis.dilation;
  plan.input_planes = axis.stride;
  plan.phases.resize(1);
  for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
    const std::int64_t at = tap * axis.dilation - axis.padding_begin;
    const std::int64_t plane = modulo(at, axis.stride);
    const std::int64_t offset = (at - plane) / axis.stride;
    plan.phases.front().push_back({tap, offset, plane});
    plan.least_offset = tap == 0 ? offset : std::min(plan.least_offset, offset);
    plan.most_offset = tap == 0 ? offset : std::max(plan.most_offset, offset);
  }
  return plan;
}

}  // namespace

AxisPlan unrolled(const AxisPlan& axis, std::int64_t cells) {
  AxisPlan plan = axis;
  plan.stride = plan.input_step = cells;
  plan.quotients = ceil_div(axis.output, cells);
  for (std::int64_t cell = 1; cell < cells; ++cell) {
    plan.phases.push_back(axis.phases.front());
    for (AxisPlan::Tap& tap : plan.phases.back()) tap.offset += cell;
  }
  plan.most_offset += cells - 1;
  return plan;
}

double LayerPlan::products() const {
  return static_cast<double>(input_size()) * static_cast<double>(group_out()) * static_cast<double>(taps());
}

std::vector<std::int64_t> reached_cells(const LayerPlan& plan) {
  std::vector<std::int64_t> reached;
  reached.reserve(static_cast<std::size_t>(plan.taps() * plan.input_cells()));
  const auto cell = [](const AxisPlan& axis, std::int64_t i, std::int64_t tap) {
    const std::int64_t o = i * axis.stride + tap * axis.dilation - axis.padding;
    return o < axis.output ? o : -1;
  };
  for (std::int64_t tap = 0; tap < plan.taps(); ++tap) {
    const std::int64_t tap_x = tap % plan.x().kernel;
    const std::int64_t tap_y = tap / plan.x().kernel % plan.y().kernel;
    const std::int64_t tap_z = tap / plan.x().kernel / plan.y().kernel;
    for (std::int64_t iz = 0; iz < plan.z().input; ++iz) {
      const std::int64_t z = cell(plan.z(), iz, tap_z);
      for (std::int64_t iy = 0; iy < plan.y().input; ++iy) {
        const std::int64_t y = cell(plan.y(), iy, tap_y);
        for (std::int64_t ix = 0; ix < plan.x().input; ++ix) {
          const std::int64_t x = cell(plan.x(), ix, tap_x);
          const bool inside = z >= 0 && y >= 0 && x >= 0;
          reached.push_back(inside ? (z * plan.y().output + y) * plan.x().output + x : -1);
        }
      }
    }
  }
  return reached;
}

LayerPlan plan_of(const LayerSpec& layer) {
  LayerPlan plan;
  const auto axes = layer.as_3d();
  std::ranges::transform(axes, plan.axes.begin(), [](const AxisSpec& axis) { return plan_of(axis); });
  plan.batch = layer.batch;
  plan.in_channels = layer.in_channels;
  plan.out_channels = layer.out_channels;
  plan.groups = layer.groups;
  return plan;
}

LayerPlan input_gradient_plan(const LayerSpec& layer) {
  LayerPlan plan;
  const auto axes = layer.as_3d();
  std::ranges::transform(axes, plan.axes.begin(), [](const AxisSpec& axis) { return gradient_plan_of(axis); });
  plan.batch = layer.batch;
  plan.in_channels = layer.out_channels;
  plan.out_channels = layer.in_channels;
  plan.groups = layer.groups;
  plan.weight_by_output = true;
  return plan;
}

}  // namespace tconv
