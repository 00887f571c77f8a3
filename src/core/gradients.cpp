#include "core/gradients.h"

#include <algorithm>
#include <array>

namespace tconv {
namespace {

using std::int64_t;

/// Walks the rows of all (input cell, output cell) pairs that one tap joins: use(first input cell, first output cell,
/// how many); the following ones are 1 and S further on.
template <typename Use>
void for_each_row(const std::array<AxisSpec, 3>& axes, const std::array<int64_t, 3>& tap, const Use& use) {
  std::array<CellRange, 3> cells{};
  const auto out = [&](std::size_t a, int64_t cell) {
    return cell * axes[a].stride + tap[a] * axes[a].dilation - axes[a].padding_begin;
  };
  for (std::size_t a = 0; a < 3; ++a) cells[a] = cells_that_land(axes[a], tap[a]);
  if (cells[2].first > cells[2].last) return;
  const int64_t height = output_size(axes[1]);
  const int64_t width = output_size(axes[2]);
  for (int64_t z = cells[0].first; z <= cells[0].last; ++z) {
    for (int64_t y = cells[1].first; y <= cells[1].last; ++y) {
      use((z * axes[1].input + y) * axes[2].input + cells[2].first,
          (out(0, z) * height + out(1, y)) * width + out(2, cells[2].first), cells[2].last - cells[2].first + 1);
    }
  }
}

struct Sizes {
  explicit Sizes(const LayerSpec& layer)
      : axes(layer.as_3d()),
        in_per_group(layer.in_channels / layer.groups),
        out_per_group(layer.out_channels / layer.groups) {
    for (const AxisSpec& axis : axes) {
      cells *= axis.input;
      plane *= output_size(axis);
      taps *= axis.kernel;
    }
  }

  std::array<AxisSpec, 3> axes;
  int64_t in_per_group;
  int64_t out_per_group;
  int64_t cells = 1;
  int64_t plane = 1;
  int64_t taps = 1;

  std::array<int64_t, 3> tap(int64_t flat) const {
    return {flat / (axes[1].kernel * axes[2].kernel), flat / axes[2].kernel % axes[1].kernel, flat % axes[2].kernel};
  }
};

}  // namespace

std::optional<Tensor> convolve(const LayerSpec& layer, const Tensor& map, const Tensor& weight,
                               const KeepGoing& keep_going) {
  const Sizes size(layer);
  std::vector<float> result;
  result.reserve(static_cast<std::size_t>(layer.batch * layer.in_channels * size.cells));
  std::vector<double> sums(static_cast<std::size_t>(size.cells));
  for (int64_t n = 0; n < layer.batch; ++n) {
    for (int64_t c = 0; c < layer.in_channels; ++c) {
      std::ranges::fill(sums, 0.0);
      const int64_t first_out = c / size.in_per_group * size.out_per_group;
      for (int64_t o = 0; o < size.out_per_group; ++o) {
        if (keep_going && !keep_going()) return std::nullopt;
        const float* plane = map.data() + (n * layer.out_channels + first_out + o) * size.plane;
        for (int64_t k = 0; k < size.taps; ++k) {
          const double tap = weight[(c * size.out_per_group + o) * size.taps + k];
          for_each_row(size.axes, size.tap(k), [&](int64_t in, int64_t out, int64_t count) {
            const int64_t stride = size.axes[2].stride;
            for (int64_t x = 0; x < count; ++x) {
              sums[static_cast<std::size_t>(in + x)] += static_cast<double>(plane[out + x * stride]) * tap;
            }
          });
        }
      }
      for (const double sum : sums) result.push_back(static_cast<float>(sum));
    }
  }
  return Tensor(input_shape(layer), std::move(result));
}

std::optional<Tensor> weight_gradient(const LayerSpec& layer, const Tensor& input, const Tensor& grad_output,
                                      const KeepGoing& keep_going) {
  const Sizes size(layer);
  std::vector<float> result;
  result.reserve(static_cast<std::size_t>(layer.in_channels * size.out_per_group * size.taps));
  for (int64_t c = 0; c < layer.in_channels; ++c) {
    const int64_t first_out = c / size.in_per_group * size.out_per_group;
    for (int64_t o = 0; o < size.out_per_group; ++o) {
      if (keep_going && !keep_going()) return std::nullopt;
      for (int64_t k = 0; k < size.taps; ++k) {
        double sum = 0;
        for (int64_t n = 0; n < layer.batch; ++n) {
          const float* x = input.data() + (n * layer.in_channels + c) * size.cells;
          const float* g = grad_output.data() + (n * layer.out_channels + first_out + o) * size.plane;
          for_each_row(size.axes, size.tap(k), [&](int64_t in, int64_t out, int64_t count) {
            const int64_t stride = size.axes[2].stride;
            for (int64_t i = 0; i < count; ++i) {
              sum += static_cast<double>(x[in + i]) * static_cast<double>(g[out + i * stride]);
            }
          });
        }
        result.push_back(static_cast<float>(sum));
      }
    }
  }
  return Tensor(weight_shape(layer), std::move(result));
}

Tensor bias_gradient(const LayerSpec& layer, const Tensor& grad_output) {
  const Sizes size(layer);
  std::vector<double> sums(static_cast<std::size_t>(layer.out_channels));
  const float* g = grad_output.data();
  for (int64_t n = 0; n < layer.batch; ++n) {
    for (double& sum : sums) {
      for (int64_t cell = 0; cell < size.plane; ++cell) sum += static_cast<double>(*g++);
    }
  }
  return {Shape{layer.out_channels}, std::vector<float>(sums.begin(), sums.end())};
}

std::optional<Gradients> gradients(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                   const Tensor& grad_output, const KeepGoing& keep_going) {
  auto of_input = convolve(layer, grad_output, weight, keep_going);
  if (!of_input) return std::nullopt;
  auto of_weight = weight_gradient(layer, input, grad_output, keep_going);
  if (!of_weight) return std::nullopt;
  return Gradients{*std::move(of_input), *std::move(of_weight),
                   layer.bias ? bias_gradient(layer, grad_output) : Tensor()};
}

Fans fans_of(const LayerSpec& layer) {
  double taps = 1;
  double steps = 1;
  for (const AxisSpec& axis : layer.spatial()) {
    taps *= static_cast<double>(axis.kernel);
    steps *= static_cast<double>(axis.stride);
  }
  const auto groups = static_cast<double>(layer.groups);
  const auto in = static_cast<double>(layer.in_channels);
  const double out_per_group = static_cast<double>(layer.out_channels) / groups;
  return {.in_by_shape = out_per_group * taps,
          .out_by_shape = in * taps,
          .in = in / groups * taps / steps,
          .out = out_per_group * taps};
}

}  // namespace tconv
