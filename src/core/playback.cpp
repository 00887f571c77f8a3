#include "core/playback.h"

#include <algorithm>

namespace tconv {
namespace {

using std::int64_t;
using Index3 = std::array<int64_t, 3>;

Index3 input_extents(const LayerSpec& layer) {
  const auto axes = layer.as_3d();
  return {axes[0].input, axes[1].input, axes[2].input};
}

int64_t flat(const Index3& at, const Index3& extent) { return (at[0] * extent[1] + at[1]) * extent[2] + at[2]; }

Index3 unflat(int64_t position, const Index3& extent) {
  return {position / (extent[1] * extent[2]), position / extent[2] % extent[1], position % extent[2]};
}

/// Column-major walks the axes the other way round: x slowest.
Index3 reversed(const Index3& v) { return {v[2], v[1], v[0]}; }

}  // namespace

int64_t flat_input(const LayerSpec& layer, const CellIndex& cell) {
  const Index3 extent = input_extents(layer);
  return (cell.batch * layer.in_channels + cell.channel) * cell_count(extent) + flat(cell.at, extent);
}

int64_t flat_output(const LayerSpec& layer, const CellIndex& cell) {
  const auto axes = layer.as_3d();
  const Index3 extent{output_size(axes[0]), output_size(axes[1]), output_size(axes[2])};
  return (cell.batch * layer.out_channels + cell.channel) * cell_count(extent) + flat(cell.at, extent);
}

int64_t flat_weight(const LayerSpec& layer, int64_t in_channel, int64_t out_channel, const Index3& tap) {
  const auto axes = layer.as_3d();
  const Index3 extent{axes[0].kernel, axes[1].kernel, axes[2].kernel};
  const int64_t per_group = layer.out_channels / layer.groups;
  return (in_channel * per_group + out_channel % per_group) * cell_count(extent) + flat(tap, extent);
}

bool joined(const LayerSpec& layer, int64_t in_channel, int64_t out_channel) {
  return in_channel / (layer.in_channels / layer.groups) == out_channel / (layer.out_channels / layer.groups);
}

int64_t step_count(const Scenario& scenario) { return input_shape(scenario.layer).checked_elements().value_or(0); }

CellIndex cell_of_step(const Scenario& scenario, int64_t step) {
  const LayerSpec& layer = scenario.layer;
  const Index3 extent = input_extents(layer);
  const int64_t index = step - 1;
  const int64_t place = index / layer.in_channels % cell_count(extent);
  CellIndex cell;
  cell.batch = index / layer.in_channels / cell_count(extent);
  cell.channel = index % layer.in_channels;
  cell.at =
      scenario.traversal == Traversal::row_major ? unflat(place, extent) : reversed(unflat(place, reversed(extent)));
  return cell;
}

int64_t step_of_cell(const Scenario& scenario, const CellIndex& cell) {
  const LayerSpec& layer = scenario.layer;
  const Index3 extent = input_extents(layer);
  const int64_t place =
      scenario.traversal == Traversal::row_major ? flat(cell.at, extent) : flat(reversed(cell.at), reversed(extent));
  return (cell.batch * cell_count(extent) + place) * layer.in_channels + cell.channel + 1;
}

Stamp stamp_of(const LayerSpec& layer, const Tensor& input, const CellIndex& cell) {
  const auto axes = layer.as_3d();
  Stamp stamp{.input = cell, .value = input[flat_input(layer, cell)]};
  for (std::size_t a = 0; a < 3; ++a) {
    stamp.begin[a] = cell.at[a] * axes[a].stride - axes[a].padding_begin;
    stamp.end[a] = stamp.begin[a] + stamp_extent(axes[a]);
  }
  return stamp;
}

std::optional<Frame> frame_at(const Scenario& scenario, const Tensor& input, const Tensor& weight, const Tensor& bias,
                              int64_t step, const KeepGoing& keep_going) {
  const LayerSpec& layer = scenario.layer;
  Frame frame;
  frame.step_count = step_count(scenario);
  frame.step = std::clamp<int64_t>(step, 0, frame.step_count);

  std::vector<std::uint8_t> painted;  // empty at the end: all cells
  if (frame.step < frame.step_count) {
    painted.assign(input.values().size(), 0);
    for (int64_t done = 1; done <= frame.step; ++done) {
      painted[static_cast<std::size_t>(flat_input(layer, cell_of_step(scenario, done)))] = 1;
    }
  }
  auto output = scatter_add_some(layer, input, weight, bias, painted, keep_going);
  if (!output) return std::nullopt;
  frame.output = *std::move(output);

  std::vector<float> gain(frame.output.values().size(), 0.0F);
  if (frame.step > 0) {
    frame.stamp = stamp_of(layer, input, cell_of_step(scenario, frame.step));
    const auto axes = layer.as_3d();
    const Index3 taps{axes[0].kernel, axes[1].kernel, axes[2].kernel};
    for (int64_t out = 0; out < layer.out_channels; ++out) {
      if (!joined(layer, frame.stamp->input.channel, out)) continue;
      for (int64_t t = 0; t < cell_count(taps); ++t) {
        const Index3 tap = unflat(t, taps);
        CellIndex cell{.batch = frame.stamp->input.batch, .channel = out, .at = {}};
        bool inside = true;
        for (std::size_t a = 0; a < 3; ++a) {
          cell.at[a] = frame.stamp->begin[a] + tap[a] * axes[a].dilation;
          inside = inside && cell.at[a] >= 0 && cell.at[a] < output_size(axes[a]);
        }
        if (!inside) continue;
        const float weight_value = weight[flat_weight(layer, frame.stamp->input.channel, out, tap)];
        gain[static_cast<std::size_t>(flat_output(layer, cell))] = frame.stamp->value * weight_value;
      }
    }
  }
  frame.gain = Tensor(frame.output.shape(), std::move(gain));
  return frame;
}

Frame frame_at(const Scenario& scenario, int64_t step) {
  return *frame_at(scenario, input_of(scenario), weight_of(scenario), bias_of(scenario), step, KeepGoing{});
}

std::vector<Product> products_of(const Scenario& scenario, const Tensor& input, const Tensor& weight,
                                 const CellIndex& output) {
  const LayerSpec& layer = scenario.layer;
  const auto axes = layer.as_3d();
  // Per axis, the (input cell, tap) pairs that meet at the output cell.
  std::array<std::vector<std::array<int64_t, 2>>, 3> pairs;
  for (std::size_t a = 0; a < 3; ++a) {
    for (int64_t tap = 0; tap < axes[a].kernel; ++tap) {
      const int64_t start = output.at[a] + axes[a].padding_begin - tap * axes[a].dilation;
      if (start < 0 || start % axes[a].stride != 0 || start / axes[a].stride >= axes[a].input) continue;
      pairs[a].push_back({start / axes[a].stride, tap});
    }
  }
  std::vector<Product> products;
  for (int64_t c = 0; c < layer.in_channels; ++c) {
    if (!joined(layer, c, output.channel)) continue;
    for (const auto& z : pairs[0]) {
      for (const auto& y : pairs[1]) {
        for (const auto& x : pairs[2]) {
          Product product{.input = {output.batch, c, {z[0], y[0], x[0]}}, .tap = {z[1], y[1], x[1]}};
          product.input_value = input[flat_input(layer, product.input)];
          product.tap_value = weight[flat_weight(layer, c, output.channel, product.tap)];
          product.step = step_of_cell(scenario, product.input);
          products.push_back(product);
        }
      }
    }
  }
  std::ranges::sort(products, {}, &Product::step);
  return products;
}

}  // namespace tconv
