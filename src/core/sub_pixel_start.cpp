#include "core/sub_pixel_start.h"

#include <algorithm>

#include "core/pattern.h"

namespace tconv {

using std::int64_t;

Tensor sub_pixel_filters(const ShuffleSpec& spec, int64_t in_channels, int64_t kernel, FilterStart start,
                         std::uint32_t seed) {
  const int64_t channels = spec.out_channels * spec.group();
  std::vector<int64_t> extents(static_cast<std::size_t>(spec.dims) + 2, kernel);
  extents[0] = channels;
  extents[1] = in_channels;
  const Shape shape(extents);
  const std::vector<int64_t> stride(static_cast<std::size_t>(spec.dims), 1);
  const Tensor drawn = make_array(Pattern{"random", seed, {}}, shape, stride);
  if (start == FilterStart::random) return drawn;
  const int64_t filter = drawn.size() / channels;
  std::vector<float> values(drawn.values().begin(), drawn.values().end());
  for (int64_t channel = 0; channel < channels; ++channel) {
    const int64_t first = shuffle_source(spec, {shuffle_target(spec, {channel, {}}).channel, {}}).channel;
    std::copy_n(drawn.data() + first * filter, filter, values.begin() + channel * filter);
  }
  return {shape, std::move(values)};
}

Tensor sub_pixel_flat_response(const ShuffleSpec& spec, const Tensor& filters, int64_t cells) {
  const int64_t channels = filters.shape()[0];
  const int64_t filter = filters.size() / channels;
  std::vector<int64_t> extents(static_cast<std::size_t>(spec.dims) + 2, cells);
  extents[0] = 1;
  extents[1] = channels;
  const Shape shape(extents);
  const int64_t plane = shape.elements() / channels;
  std::vector<float> low;
  low.reserve(static_cast<std::size_t>(shape.elements()));
  for (int64_t channel = 0; channel < channels; ++channel) {
    double sum = 0;
    for (int64_t tap = 0; tap < filter; ++tap) sum += static_cast<double>(filters[channel * filter + tap]);
    low.insert(low.end(), static_cast<std::size_t>(plane), static_cast<float>(sum));
  }
  return pixel_shuffle({shape, std::move(low)}, spec.factor, spec.order);
}

}  // namespace tconv
