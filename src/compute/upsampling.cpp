#include "compute/upsampling.h"

#include <algorithm>
#include <cmath>

#include "core/resize.h"

namespace tconv {

using std::int64_t;

int64_t crop_for(double drift) {
  const auto whole = static_cast<int64_t>(std::ceil(std::abs(drift) - 0.5));
  return drift < 0 ? -whole : whole;
}

Tensor windowed(const Tensor& from, const Sizes& begin, const Sizes& size) {
  Shape shape = from.shape();
  const int dims = shape.rank() - 2;
  for (int a = 0; a < dims; ++a) shape[a + 2] = size[static_cast<std::size_t>(a)];
  if (shape == from.shape() && std::ranges::all_of(begin, [](int64_t at) { return at == 0; })) return from;
  std::vector<float> values(static_cast<std::size_t>(shape.elements()), 0.0F);
  const int64_t cols = size.back();
  const int64_t rows = shape.elements() / cols;
  const int64_t from_cols = from.shape()[shape.rank() - 1];
  const int64_t first = std::max<int64_t>(0, -begin.back());
  const int64_t last = std::min(cols, from_cols - begin.back());
  for (int64_t row = 0; row < rows && first < last; ++row) {
    int64_t rest = row;
    int64_t source = 0;
    int64_t scale = 1;
    bool inside = true;
    for (int a = shape.rank() - 2; a >= 0; --a) {
      const int64_t at = rest % shape[a] + (a >= 2 ? begin[static_cast<std::size_t>(a - 2)] : 0);
      rest /= shape[a];
      inside = inside && at >= 0 && at < from.shape()[a];
      source += at * scale;
      scale *= from.shape()[a];
    }
    if (!inside) continue;
    const float* begin_of_row = from.data() + source * from_cols + begin.back();
    std::copy(begin_of_row + first, begin_of_row + last, values.begin() + row * cols + first);
  }
  return {shape, std::move(values)};
}

std::optional<Tensor> painted(LayerSpec layer, const Tensor& input, const Tensor& weight, const Sizes& begin,
                              const Sizes& size, const KeepGoing& keep_going) {
  Sizes missing;
  for (std::size_t a = 0; a < size.size(); ++a) {
    AxisSpec& axis = layer.axes[a];
    axis.padding_begin = std::max<int64_t>(0, begin[a]);
    axis.padding_end = 0;
    axis.padding_end = std::max<int64_t>(0, output_size(axis) - (size[a] - std::max<int64_t>(0, -begin[a])));
    missing.push_back(std::min<int64_t>(0, begin[a]));
  }
  const auto output = scatter_add(layer, input, weight, {}, keep_going);
  if (!output) return std::nullopt;
  return windowed(*output, missing, size);
}

Tensor block_means(const Tensor& map, const Sizes& blocks) {
  Tensor result = map;
  // Blocks that are no cubes: mean of one axis after the other, each as a map of its own.
  if (std::ranges::all_of(blocks, [&](int64_t block) { return block == blocks[0]; })) {
    return box_downscale(map, blocks[0]);
  }
  for (std::size_t a = 0; a < blocks.size(); ++a) {
    Shape shape = result.shape();
    const int axis = static_cast<int>(a) + 2;
    int64_t inner = 1;
    for (int i = axis + 1; i < shape.rank(); ++i) inner *= shape[i];
    shape[axis] /= blocks[a];
    std::vector<float> values(static_cast<std::size_t>(shape.elements()));
    for (int64_t flat = 0; flat < shape.elements(); ++flat) {
      const int64_t first = flat / inner * blocks[a] * inner + flat % inner;
      double sum = 0;
      for (int64_t i = 0; i < blocks[a]; ++i) sum += static_cast<double>(result[first + i * inner]);
      values[static_cast<std::size_t>(flat)] = static_cast<float>(sum / static_cast<double>(blocks[a]));
    }
    result = Tensor(shape, std::move(values));
  }
  return result;
}

LayerSpec as_convolution(LayerSpec layer, const Sizes& cells) {
  for (std::size_t a = 0; a < cells.size(); ++a) {
    layer.axes[a] = {.input = cells[a], .kernel = layer.axes[a].kernel, .stride = 1};
  }
  return layer;
}

Tensor repeated(const Tensor& weight, int64_t times) {
  Shape shape = weight.shape();
  const int64_t filters = shape[0] * shape[1];
  const int64_t taps = weight.size() / filters;
  shape[1] *= times;
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(shape.elements()));
  for (int64_t filter = 0; filter < filters; ++filter) {
    for (int64_t i = 0; i < times; ++i) {
      values.insert(values.end(), weight.data() + filter * taps, weight.data() + (filter + 1) * taps);
    }
  }
  return {shape, std::move(values)};
}

Tensor every_channel(const Tensor& from, int64_t step) {
  Shape shape = from.shape();
  const int64_t plane = from.size() / shape[1];
  shape[1] /= step;
  std::vector<float> values;
  for (int64_t c = 0; c < shape[1]; ++c) {
    values.insert(values.end(), from.data() + c * step * plane, from.data() + (c * step + 1) * plane);
  }
  return {shape, std::move(values)};
}

Gain gain_of(const LayerSpec& layer, const Tensor& weight, int64_t out_channel) {
  const int64_t per_group = layer.out_channels / layer.groups;
  const int64_t inputs = layer.in_channels / layer.groups;
  const int64_t taps = weight.size() / (weight.shape()[0] * weight.shape()[1]);
  double sum = 0;
  double magnitude = 0;
  for (int64_t in = out_channel / per_group * inputs; in < (out_channel / per_group + 1) * inputs; ++in) {
    const int64_t first = (in * per_group + out_channel % per_group) * taps;
    for (int64_t tap = 0; tap < taps; ++tap) {
      sum += static_cast<double>(weight[first + tap]);
      magnitude += std::abs(static_cast<double>(weight[first + tap]));
    }
  }
  double phases = 1;
  for (const AxisSpec& axis : layer.spatial()) phases *= static_cast<double>(axis.stride);
  return {sum / phases, std::isfinite(sum) && std::abs(sum) > 1e-3 * magnitude};
}

}  // namespace tconv
