#include "core/pixel_shuffle.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace tconv {
namespace {

using std::int64_t;

int64_t saturating_product(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<int64_t>::max() : product;
}

/// The multiples of `step` around `value` in words, and the nearest: 6 of 4 → "4 or 8", 4.
std::pair<std::string, int64_t> multiples_around(int64_t value, int64_t step) {
  const int64_t below = value / step * step;
  if (below < step) return {std::to_string(step), step};
  if (below > std::numeric_limits<int64_t>::max() - step) return {std::to_string(below), below};
  const int64_t above = below + step;
  return {std::to_string(below) + " or " + std::to_string(above), value - below <= above - value ? below : above};
}

Problem not_a_multiple(const char* field, int axis, const std::string& of, int64_t value, int64_t step) {
  const auto [words, nearest] = multiples_around(value, step);
  return {field, axis, "must be a multiple of " + of + ", such as " + words, std::to_string(value), nearest};
}

/// The extents (C, D, H, W) of one sample, 1 for the axes that it lacks.
std::array<int64_t, 4> sample_extents(const Shape& shape) {
  std::array<int64_t, 4> extents{shape[1], 1, 1, 1};
  for (int axis = 2; axis < shape.rank(); ++axis)
    extents[static_cast<std::size_t>(axis + 4 - shape.rank())] = shape[axis];
  return extents;
}

Shape with_extents(const Shape& like, int64_t channels, int64_t (*size)(int64_t, int64_t), int64_t factor) {
  Shape shape = like;
  shape[1] = channels;
  for (int axis = 2; axis < shape.rank(); ++axis) shape[axis] = size(shape[axis], factor);
  return shape;
}

/// Copies one sample between its small array (many channels) and its large one, plane by plane of the small one.
template <typename Copy>
void for_each_pair(const ShuffleSpec& spec, const std::array<int64_t, 4>& low, Copy copy) {
  const ShuffleSpec& s = spec;
  const int64_t step_z = s.dims > 2 ? s.factor : 1;
  const int64_t step_y = s.dims > 1 ? s.factor : 1;
  const int64_t high_y = low[2] * step_y;
  const int64_t high_x = low[3] * s.factor;
  int64_t from = 0;
  for (int64_t channel = 0; channel < low[0]; ++channel) {
    const ShufflePlace corner = shuffle_target(spec, {channel, {}});
    for (int64_t z = 0; z < low[1]; ++z) {
      for (int64_t y = 0; y < low[2]; ++y) {
        const int64_t plane = corner.channel * low[1] * step_z + z * step_z + corner.at[0];
        int64_t to = (plane * high_y + y * step_y + corner.at[1]) * high_x + corner.at[2];
        for (int64_t x = 0; x < low[3]; ++x, ++from, to += s.factor) copy(from, to);
      }
    }
  }
}

}  // namespace

int64_t ShuffleSpec::group() const {
  int64_t cells = 1;
  for (int axis = 0; axis < dims; ++axis) cells = saturating_product(cells, factor);
  return cells;
}

ShufflePlace shuffle_source(const ShuffleSpec& spec, const ShufflePlace& output) {
  int64_t inside = 0;  // row-major place in the super-pixel
  ShufflePlace source;
  for (std::size_t a = static_cast<std::size_t>(3 - spec.dims); a < 3; ++a) {
    inside = inside * spec.factor + output.at[a] % spec.factor;
    source.at[a] = output.at[a] / spec.factor;
  }
  source.channel = spec.order == ChannelOrder::crd ? output.channel * spec.group() + inside
                                                   : inside * spec.out_channels + output.channel;
  return source;
}

ShufflePlace shuffle_target(const ShuffleSpec& spec, const ShufflePlace& input) {
  const bool crd = spec.order == ChannelOrder::crd;
  int64_t inside = crd ? input.channel % spec.group() : input.channel / spec.out_channels;
  ShufflePlace target;
  target.channel = crd ? input.channel / spec.group() : input.channel % spec.out_channels;
  for (std::size_t a = 3; a-- > static_cast<std::size_t>(3 - spec.dims);) {
    target.at[a] = input.at[a] * spec.factor + inside % spec.factor;
    inside /= spec.factor;
  }
  return target;
}

std::vector<Problem> validate_shuffle(const Shape& input, int64_t factor, bool inverse, const Limits& limits) {
  if (input.rank() < 3 || input.rank() > 5) {
    return {
        {"input", -1, "must have 3, 4 or 5 axes: N, C and 1 to 3 spatial ones", "shape " + input.text(), std::nullopt}};
  }
  if (input.checked_elements().value_or(0) < 1) {
    return {{"input", -1, "must have at least one cell on every axis", "shape " + input.text(), std::nullopt}};
  }
  if (factor < 1) return {{"factor", -1, "must be at least 1", std::to_string(factor), 1}};
  if (factor > limits.axis_number) {
    return {{"factor", -1, "may be at most " + std::to_string(limits.axis_number), std::to_string(factor),
             limits.axis_number}};
  }
  std::vector<Problem> problems;
  if (inverse) {
    for (int axis = 2; axis < input.rank(); ++axis) {
      if (input[axis] % factor == 0) continue;
      problems.push_back(not_a_multiple("input", axis - 2, "factor = " + std::to_string(factor), input[axis], factor));
    }
    return problems;
  }
  const ShuffleSpec spec{.factor = factor, .dims = input.rank() - 2};
  const int64_t group = spec.group();
  if (input[1] % group != 0) {
    static constexpr std::array<const char*, 3> powers{"factor = ", "factor² = ", "factor³ = "};
    const std::string power = powers[static_cast<std::size_t>(spec.dims - 1)] + std::to_string(group);
    problems.push_back(not_a_multiple("channels", -1, power, input[1], group));
  }
  return problems;
}

Tensor pixel_shuffle(const Tensor& input, int64_t factor, ChannelOrder order) {
  const int dims = input.shape().rank() - 2;
  ShuffleSpec spec{.factor = factor, .dims = dims, .out_channels = 1, .order = order};
  spec.out_channels = input.shape()[1] / spec.group();
  const Shape shape = with_extents(
      input.shape(), spec.out_channels, [](int64_t size, int64_t r) { return size * r; }, factor);
  std::vector<float> values(static_cast<std::size_t>(input.size()));
  const int64_t sample = input.size() / input.shape()[0];
  for (int64_t n = 0; n < input.shape()[0]; ++n) {
    const float* low = input.data() + n * sample;
    float* high = values.data() + n * sample;
    for_each_pair(spec, sample_extents(input.shape()), [&](int64_t from, int64_t to) { high[to] = low[from]; });
  }
  return {shape, std::move(values)};
}

Tensor pixel_unshuffle(const Tensor& input, int64_t factor, ChannelOrder order) {
  const int dims = input.shape().rank() - 2;
  const ShuffleSpec spec{.factor = factor, .dims = dims, .out_channels = input.shape()[1], .order = order};
  const Shape shape = with_extents(
      input.shape(), spec.out_channels * spec.group(), [](int64_t size, int64_t r) { return size / r; }, factor);
  std::vector<float> values(static_cast<std::size_t>(input.size()));
  const int64_t sample = input.size() / input.shape()[0];
  for (int64_t n = 0; n < input.shape()[0]; ++n) {
    const float* high = input.data() + n * sample;
    float* low = values.data() + n * sample;
    for_each_pair(spec, sample_extents(shape), [&](int64_t from, int64_t to) { low[from] = high[to]; });
  }
  return {shape, std::move(values)};
}

}  // namespace tconv
