#include "core/zero_insertion.h"

#include <algorithm>
#include <array>

namespace tconv {
namespace {

using std::int64_t;
using Index3 = std::array<int64_t, 3>;

/// (N, C_in, spatial…) with `extent` as the spatial part, of which the layer has the last `dims`.
Shape map_shape(const LayerSpec& layer, const Index3& extent) {
  Shape shape = input_shape(layer);
  for (int axis = 0; axis < layer.dims; ++axis)
    shape[axis + 2] = extent[static_cast<std::size_t>(axis + 3 - layer.dims)];
  return shape;
}

/// The input cells laid out S apart, the first one at `begin`; what falls outside of `extent` is cropped.
Tensor laid_out(const LayerSpec& layer, const Tensor& input, const Index3& extent, const Index3& begin) {
  const auto axes = layer.as_3d();
  const Shape shape = map_shape(layer, extent);
  std::vector<float> map(static_cast<std::size_t>(shape.elements()), 0.0F);
  const float* from = input.data();
  for (int64_t plane = 0; plane < layer.batch * layer.in_channels; ++plane) {
    float* to = map.data() + plane * cell_count(extent);
    for (int64_t z = 0; z < axes[0].input; ++z) {
      for (int64_t y = 0; y < axes[1].input; ++y) {
        const int64_t pz = begin[0] + z * axes[0].stride;
        const int64_t py = begin[1] + y * axes[1].stride;
        const bool inside = pz >= 0 && pz < extent[0] && py >= 0 && py < extent[1];
        for (int64_t x = 0; x < axes[2].input; ++x, ++from) {
          const int64_t px = begin[2] + x * axes[2].stride;
          if (inside && px >= 0 && px < extent[2]) to[(pz * extent[1] + py) * extent[2] + px] = *from;
        }
      }
    }
  }
  return {shape, std::move(map)};
}

Index3 padded_extent(const LayerSpec& layer) {
  const auto axes = layer.as_3d();
  return {insertion_of(axes[0]).padded, insertion_of(axes[1]).padded, insertion_of(axes[2]).padded};
}

/// Adds one padded plane, slid over by one turned kernel, to the float64 sums of one output plane.
bool slide(const LayerSpec& layer, const float* map, const float* kernel, double* sums, const KeepGoing& keep_going) {
  const auto axes = layer.as_3d();
  const Index3 padded = padded_extent(layer);
  const Index3 out{output_size(axes[0]), output_size(axes[1]), output_size(axes[2])};
  for (int64_t kz = 0; kz < axes[0].kernel; ++kz) {
    for (int64_t ky = 0; ky < axes[1].kernel; ++ky) {
      if (keep_going && !keep_going()) return false;
      for (int64_t kx = 0; kx < axes[2].kernel; ++kx, ++kernel) {
        const double tap = *kernel;
        for (int64_t z = 0; z < out[0]; ++z) {
          for (int64_t y = 0; y < out[1]; ++y) {
            const int64_t row = (z + kz * axes[0].dilation) * padded[1] + y + ky * axes[1].dilation;
            const float* cells = map + row * padded[2] + kx * axes[2].dilation;
            double* sum = sums + (z * out[1] + y) * out[2];
            for (int64_t x = 0; x < out[2]; ++x) sum[x] += static_cast<double>(cells[x]) * tap;
          }
        }
      }
    }
  }
  return true;
}

}  // namespace

InsertionAxis insertion_of(const AxisSpec& axis) {
  InsertionAxis map{};
  const int64_t reach = axis.dilation * (axis.kernel - 1);
  map.zeros = axis.stride - 1;
  map.spread = (axis.input - 1) * axis.stride + 1;
  map.border_begin = reach - axis.padding_begin;
  map.border_end = reach - axis.padding_end + axis.output_padding;
  map.padded = map.spread + map.border_begin + map.border_end;
  return map;
}

std::optional<int64_t> input_at(const AxisSpec& axis, int64_t position) {
  const int64_t at = position - insertion_of(axis).border_begin;
  if (at < 0 || at % axis.stride != 0 || at / axis.stride >= axis.input) return std::nullopt;
  return at / axis.stride;
}

int64_t padded_position(const AxisSpec& axis, int64_t input_cell) {
  return insertion_of(axis).border_begin + input_cell * axis.stride;
}

Tensor zero_inserted(const LayerSpec& layer, const Tensor& input) {
  const auto axes = layer.as_3d();
  return laid_out(layer, input,
                  {insertion_of(axes[0]).spread, insertion_of(axes[1]).spread, insertion_of(axes[2]).spread}, {});
}

Tensor zero_padded(const LayerSpec& layer, const Tensor& input) {
  const auto axes = layer.as_3d();
  return laid_out(layer, input, padded_extent(layer),
                  {padded_position(axes[0], 0), padded_position(axes[1], 0), padded_position(axes[2], 0)});
}

Tensor flipped(const Tensor& weight) {
  int64_t kernel = 1;
  for (int axis = 2; axis < weight.shape().rank(); ++axis) kernel *= weight.shape()[axis];
  std::vector<float> values(weight.values().begin(), weight.values().end());
  // Reversing all axes of a row-major plane is reversing the plane.
  for (auto plane = values.begin(); plane != values.end(); plane += kernel) std::reverse(plane, plane + kernel);
  return {weight.shape(), std::move(values)};
}

int64_t real_products(const LayerSpec& layer, const std::array<int64_t, 3>& output) {
  const auto axes = layer.as_3d();
  int64_t product = 1;
  for (std::size_t a = 0; a < 3; ++a) {
    int64_t met = 0;
    for (int64_t tap = 0; tap < axes[a].kernel; ++tap) {
      met += input_at(axes[a], output[a] + tap * axes[a].dilation).has_value() ? 1 : 0;
    }
    product *= met;
  }
  return product;
}

std::optional<Tensor> insert_zeros(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                   const Tensor& bias, const KeepGoing& keep_going) {
  const Tensor map = zero_padded(layer, input);
  const Tensor turned = flipped(weight);
  const Shape shape = output_shape(layer);
  const int64_t in_per_group = layer.in_channels / layer.groups;
  const int64_t out_per_group = layer.out_channels / layer.groups;
  const int64_t map_size = cell_count(padded_extent(layer));
  const int64_t kernel_size = turned.size() / (layer.in_channels * out_per_group);
  std::vector<float> output(static_cast<std::size_t>(shape.elements()));
  std::vector<double> sums(output.size() / static_cast<std::size_t>(layer.batch * layer.out_channels));
  auto written = output.begin();
  for (int64_t n = 0; n < layer.batch; ++n) {
    for (int64_t o = 0; o < layer.out_channels; ++o) {
      std::ranges::fill(sums, bias.empty() ? 0.0 : static_cast<double>(bias[o]));
      const int64_t group = o / out_per_group;
      for (int64_t c = group * in_per_group; c < (group + 1) * in_per_group; ++c) {
        const float* plane = map.data() + (n * layer.in_channels + c) * map_size;
        const float* kernel = turned.data() + (c * out_per_group + o % out_per_group) * kernel_size;
        if (!slide(layer, plane, kernel, sums.data(), keep_going)) return std::nullopt;
      }
      written = std::ranges::transform(sums, written, [](double sum) { return static_cast<float>(sum); }).out;
    }
  }
  return Tensor(shape, std::move(output));
}

}  // namespace tconv
