#include "core/equal_layers.h"

#include <algorithm>
#include <array>

namespace tconv {
namespace {

using std::int64_t;

int64_t times(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

/// How one axis of a kernel becomes another: new tap t is the sum of the old taps first(t) … last(t).
struct AxisChange {
  AxisSpec axis;
  struct Sources {
    int64_t first;
    int64_t last;
  };
  std::vector<Sources> sources;  ///< one per new tap
};

/// The axis with `kernel` taps whose stamps, cropped by `crop_begin` in front, leave exactly I·S cells.
AxisSpec enlarged(const AxisSpec& axis, int64_t kernel, int64_t crop_begin) {
  AxisSpec result{.input = axis.input, .kernel = kernel, .stride = axis.stride, .padding_begin = crop_begin};
  result.padding_end = output_size(result) - axis.input * axis.stride;
  return result;
}

std::vector<double> changed(const std::vector<double>& from, std::size_t outer, int64_t taps, std::size_t inner,
                            const AxisChange& change) {
  const std::size_t wanted = change.sources.size();
  std::vector<double> to(outer * wanted * inner, 0.0);
  for (std::size_t o = 0; o < outer; ++o) {
    for (std::size_t t = 0; t < wanted; ++t) {
      double* sum = to.data() + (o * wanted + t) * inner;
      for (int64_t tap = change.sources[t].first; tap <= change.sources[t].last; ++tap) {
        const double* row = from.data() + (o * static_cast<std::size_t>(taps) + static_cast<std::size_t>(tap)) * inner;
        for (std::size_t i = 0; i < inner; ++i) sum[i] += row[i];
      }
    }
  }
  return to;
}

std::optional<EqualLayer> with_axes(const LayerSpec& layer, const Tensor& weight,
                                    AxisChange (*change_of)(const AxisSpec&)) {
  EqualLayer result{.layer = layer, .weight = {}};
  std::vector<AxisChange> changes;
  for (AxisSpec& axis : result.layer.spatial()) {
    if (axis.kernel > most_equal_weights || times(axis.kernel, axis.stride) > most_equal_weights) return std::nullopt;
    changes.push_back(change_of(axis));
    axis = changes.back().axis;
  }
  if (!validate(result.layer).empty()) return std::nullopt;
  const Shape shape = weight_shape(result.layer);
  if (shape.elements() > most_equal_weights) return std::nullopt;

  std::vector<double> values(weight.values().begin(), weight.values().end());
  auto outer = static_cast<std::size_t>(weight.shape()[0] * weight.shape()[1]);
  std::size_t inner = values.size() / outer;
  for (std::size_t a = 0; a < changes.size(); ++a) {
    const int64_t taps = layer.axes[a].kernel;
    inner /= static_cast<std::size_t>(taps);
    values = changed(values, outer, taps, inner, changes[a]);
    outer *= changes[a].sources.size();
  }
  result.weight = Tensor(shape, std::vector<float>(values.begin(), values.end()));
  return result;
}

AxisChange box_then_kernel(const AxisSpec& axis) {
  const int64_t kernel = axis.kernel + axis.stride - 1;
  AxisChange change{enlarged(axis, kernel, (axis.kernel - 1) / 2), {}};
  for (int64_t tap = 0; tap < kernel; ++tap) {
    change.sources.push_back({std::max<int64_t>(0, tap - axis.stride + 1), std::min(tap, axis.kernel - 1)});
  }
  return change;
}

AxisChange every_tap_repeated(const AxisSpec& axis) {
  const int64_t kernel = axis.kernel * axis.stride;
  AxisChange change{enlarged(axis, kernel, (axis.kernel - 1) / 2 * axis.stride), {}};
  for (int64_t tap = 0; tap < kernel; ++tap) change.sources.push_back({tap / axis.stride, tap / axis.stride});
  return change;
}

/// Of a kernel of the layer's size on a map of `cells` of input channels, `filters` times.
Cost cost(const LayerSpec& layer, int64_t cells, int64_t filters) {
  const int64_t outputs = times(layer.out_channels / layer.groups, filters);
  int64_t weights = times(layer.in_channels, outputs);
  for (const AxisSpec& axis : layer.spatial()) weights = times(weights, axis.kernel);
  const int64_t biases = layer.bias ? times(layer.out_channels, filters) : 0;
  return {weights > INT64_MAX - biases ? INT64_MAX : weights + biases, times(layer.batch, times(weights, cells))};
}

int64_t input_cells(const LayerSpec& layer) {
  int64_t cells = 1;
  for (const AxisSpec& axis : layer.spatial()) cells = times(cells, axis.input);
  return cells;
}

int64_t stride_product(const LayerSpec& layer) {
  int64_t product = 1;
  for (const AxisSpec& axis : layer.spatial()) product = times(product, axis.stride);
  return product;
}

}  // namespace

std::optional<EqualLayer> resize_then_conv(const LayerSpec& layer, const Tensor& weight) {
  return with_axes(layer, weight, box_then_kernel);
}

std::optional<EqualLayer> conv_then_shuffle(const LayerSpec& layer, const Tensor& weight) {
  return with_axes(layer, weight, every_tap_repeated);
}

Cost cost_of(const LayerSpec& layer) { return cost(layer, input_cells(layer), 1); }

Cost cost_of_resize_then_conv(const LayerSpec& layer) {
  return cost(layer, times(input_cells(layer), stride_product(layer)), 1);
}

Cost cost_of_conv_then_shuffle(const LayerSpec& layer) {
  return cost(layer, input_cells(layer), stride_product(layer));
}

}  // namespace tconv
