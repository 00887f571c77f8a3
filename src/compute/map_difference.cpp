#include "compute/map_difference.h"

#include <cmath>
#include <limits>

namespace tconv {

using std::int64_t;

namespace {

/// Calls `use` with every place that lies further than `margin` (z, y, x) from the borders.
template <typename Use>
void for_each_inside(const Shape& shape, const Margin& margin, Use use) {
  std::array<int64_t, 3> extent{1, 1, 1};
  for (int a = 2; a < shape.rank(); ++a) extent[static_cast<std::size_t>(a + 3 - shape.rank())] = shape[a];
  for (int64_t plane = 0; plane < shape[0] * shape[1]; ++plane) {
    for (int64_t z = margin[0]; z < extent[0] - margin[0]; ++z) {
      for (int64_t y = margin[1]; y < extent[1] - margin[1]; ++y) {
        for (int64_t x = margin[2]; x < extent[2] - margin[2]; ++x) {
          use(((plane * extent[0] + z) * extent[1] + y) * extent[2] + x);
        }
      }
    }
  }
}

}  // namespace

std::optional<double> psnr(const Tensor& output, const Tensor& truth, const Margin& margin) {
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  double squares = 0;
  int64_t count = 0;
  for_each_inside(truth.shape(), margin, [&](int64_t flat) {
    const auto value = static_cast<double>(truth[flat]);
    const double error = static_cast<double>(output[flat]) - value;
    squares += error * error;
    low = std::min(low, value);
    high = std::max(high, value);
    ++count;
  });
  if (count == 0 || !(high > low) || !std::isfinite(squares)) return std::nullopt;
  return 10 * std::log10((high - low) * (high - low) / (squares / static_cast<double>(count)));
}

Tensor mean_difference(const Tensor& a, const Tensor& b) {
  Shape shape = a.shape();
  const int64_t channels = shape[1];
  shape[1] = 1;
  const int64_t plane = shape.elements();
  std::vector<float> values(static_cast<std::size_t>(plane));
  for (int64_t i = 0; i < plane; ++i) {
    double sum = 0;
    for (int64_t c = 0; c < channels; ++c) {
      sum += static_cast<double>(a[c * plane + i]) - static_cast<double>(b[c * plane + i]);
    }
    values[static_cast<std::size_t>(i)] = static_cast<float>(sum / static_cast<double>(channels));
  }
  return {shape, std::move(values)};
}

double root_mean_square(const Tensor& map, const Margin& margin) {
  double squares = 0;
  int64_t count = 0;
  for_each_inside(map.shape(), margin, [&](int64_t flat) {
    squares += static_cast<double>(map[flat]) * static_cast<double>(map[flat]);
    ++count;
  });
  return count > 0 ? std::sqrt(squares / static_cast<double>(count)) : 0;
}

}  // namespace tconv
