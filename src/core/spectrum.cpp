#include "core/spectrum.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>

#include "core/evenness.h"
#include "core/playback.h"

namespace tconv {
namespace {

using std::int64_t;
using Complex = std::complex<double>;

std::size_t place(int64_t index) { return static_cast<std::size_t>(index); }

/// The discrete Fourier transform of rows × cols numbers, in place; DC comes first. False when told to stop.
bool transform(std::vector<Complex>& plane, int64_t rows, int64_t cols, const KeepGoing& keep_going) {
  Eigen::FFT<double> fft;
  std::vector<Complex> from;
  std::vector<Complex> to(place(std::max(rows, cols)));
  constexpr int64_t lines_between_questions = 32;
  const auto lines = [&](int64_t count, int64_t length, int64_t step, int64_t next_line) {
    if (length == 1) return true;
    from.resize(place(length));
    for (int64_t line = 0; line < count; ++line) {
      if (line % lines_between_questions == 0 && keep_going && !keep_going()) return false;
      Complex* first = plane.data() + line * next_line;
      for (int64_t i = 0; i < length; ++i) from[place(i)] = first[i * step];
      fft.fwd(to.data(), from.data(), length);
      for (int64_t i = 0; i < length; ++i) first[i * step] = to[place(i)];
    }
    return true;
  };
  return lines(rows, cols, 1, cols) && lines(cols, rows, cols, 1);
}

/// Calls `use(index with DC in the middle, index with DC first)` for each number of a plane.
template <typename Use>
void for_centred(int64_t rows, int64_t cols, Use use) {
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t from_row = (row + rows - rows / 2) % rows;
    for (int64_t col = 0; col < cols; ++col) {
      use(place(row * cols + col), place(from_row * cols + (col + cols - cols / 2) % cols));
    }
  }
}

/// Where on a circle of `points` the numbers come to lie that are `spacing` apart: only that counts at the sampled ω.
std::vector<int64_t> folded(int64_t count, int64_t spacing, int64_t points) {
  std::vector<int64_t> at(place(count));
  int64_t next = 0;
  for (int64_t& one : at) {
    one = next;
    next = (next + spacing % points) % points;
  }
  return at;
}

/// e^(−2πi·j/count), j = 0 … count − 1; exact at the quarters of the circle, so that sums vanish which should.
std::vector<Complex> roots(int64_t count) {
  std::vector<Complex> all(place(count));
  for (int64_t j = 0; j < count; ++j) {
    const int64_t quarters = 4 * j / count;
    const double rest = 2 * std::numbers::pi * static_cast<double>(4 * j - quarters * count) /
                        (4 * static_cast<double>(count));  // 0 … π/2
    constexpr std::array<Complex, 4> turns{Complex{1, 0}, {0, -1}, {-1, 0}, {0, 1}};
    all[place(j)] = turns[place(quarters)] * Complex{std::cos(rest), -std::sin(rest)};
  }
  return all;
}

/// Sums over all axes of a (z, y, x) block but one; `visit` as by `sum_along`.
std::vector<double> sums_along(std::span<const float> block, const std::array<int64_t, 3>& size, std::size_t axis) {
  std::vector<double> sums(place(size[axis]), 0.0);
  std::array<int64_t, 3> at{};
  std::size_t flat = 0;
  for (at[0] = 0; at[0] < size[0]; ++at[0]) {
    for (at[1] = 0; at[1] < size[1]; ++at[1]) {
      for (at[2] = 0; at[2] < size[2]; ++at[2]) sums[place(at[axis])] += static_cast<double>(block[flat++]);
    }
  }
  return sums;
}

std::array<int64_t, 3> kernel_size(const LayerSpec& layer) {
  const auto axes = layer.as_3d();
  return {axes[0].kernel, axes[1].kernel, axes[2].kernel};
}

/// The taps of one pair of channels; empty when none join them.
std::span<const float> pair_taps(const LayerSpec& layer, const Tensor& weight, int64_t in_channel,
                                 int64_t out_channel) {
  if (!joined(layer, in_channel, out_channel)) return {};
  const auto size = kernel_size(layer);
  const int64_t first = flat_weight(layer, in_channel, out_channel, {0, 0, 0});
  return weight.values().subspan(place(first), place(size[0] * size[1] * size[2]));
}

int64_t largest_prime_factor(int64_t n) {
  int64_t largest = 1;
  for (int64_t factor = 2; n > 1; ++factor) {
    if (factor * factor > n) factor = n;
    while (n % factor == 0) {
      n /= factor;
      largest = factor;
    }
  }
  return largest;
}

/// The library's transform of n numbers takes n times the largest prime factor's time.
int64_t transformed_length(int64_t length, int64_t most) {
  constexpr int64_t always_quick = 256;
  constexpr int64_t largest_factor = 31;
  length = std::min(length, most);
  while (length > always_quick && largest_prime_factor(length) > largest_factor) --length;
  return length;
}

}  // namespace

std::vector<double> response(std::span<const double> values, int64_t spacing, int64_t points) {
  std::vector<Complex> circle(place(points));
  const auto at = folded(static_cast<int64_t>(values.size()), spacing, points);
  for (std::size_t k = 0; k < values.size(); ++k) circle[place(at[k])] += values[k];
  transform(circle, 1, points, {});
  std::vector<double> magnitudes(circle.size());
  for_centred(1, points, [&](std::size_t to, std::size_t from) { magnitudes[to] = std::abs(circle[from]); });
  return magnitudes;
}

NumberPlane response(const NumberPlane& taps, std::array<int64_t, 2> spacing, int64_t rows, int64_t cols) {
  std::vector<Complex> circle(place(rows * cols));
  const auto to_row = folded(taps.rows, spacing[0], rows);
  const auto to_col = folded(taps.cols, spacing[1], cols);
  for (std::size_t y = 0; y < to_row.size(); ++y) {
    for (std::size_t x = 0; x < to_col.size(); ++x) {
      circle[place(to_row[y] * cols + to_col[x])] += taps.values[y * to_col.size() + x];
    }
  }
  transform(circle, rows, cols, {});
  NumberPlane magnitudes{std::vector<double>(circle.size()), rows, cols};
  for_centred(rows, cols, [&](std::size_t to, std::size_t from) { magnitudes.values[to] = std::abs(circle[from]); });
  return magnitudes;
}

double frequency_of(int64_t index, int64_t points) {
  return 2 * std::numbers::pi * static_cast<double>(index - points / 2) / static_cast<double>(points);
}

double sample_of(double frequency, int64_t points) {
  return frequency / (2 * std::numbers::pi) * static_cast<double>(points) + static_cast<double>(points / 2);
}

std::vector<double> axis_taps(const LayerSpec& layer, const Tensor& weight, int64_t in_channel, int64_t out_channel,
                              int axis) {
  const auto taps = pair_taps(layer, weight, in_channel, out_channel);
  const auto size = kernel_size(layer);
  const auto of_three = place(axis + 3 - layer.dims);
  if (taps.empty()) return std::vector<double>(place(size[of_three]), 0.0);
  return sums_along(taps, size, of_three);
}

NumberPlane plane_taps(const LayerSpec& layer, const Tensor& weight, int64_t in_channel, int64_t out_channel) {
  const auto taps = pair_taps(layer, weight, in_channel, out_channel);
  const auto size = kernel_size(layer);
  const auto slice = place(size[1] * size[2]);
  NumberPlane plane{std::vector<double>(slice, 0.0), size[1], size[2]};
  for (std::size_t i = 0; i < taps.size(); ++i) plane.values[i % slice] += static_cast<double>(taps[i]);
  return plane;
}

std::vector<double> axis_cells(const LayerSpec& layer, const Tensor& input, int64_t batch, int64_t channel, int axis) {
  const auto axes = layer.as_3d();
  const std::array<int64_t, 3> size{axes[0].input, axes[1].input, axes[2].input};
  const int64_t cells = size[0] * size[1] * size[2];
  const auto block = input.values().subspan(place((batch * layer.in_channels + channel) * cells), place(cells));
  return sums_along(block, size, place(axis + 3 - layer.dims));
}

bool has_few_images(const LayerSpec& layer) {
  constexpr int64_t most = 1024;
  int64_t phases = 1;
  for (const AxisSpec& axis : layer.spatial()) {
    if (axis.stride > most / phases) return false;
    phases *= axis.stride;
  }
  return true;
}

ImageGains image_gains(const LayerSpec& layer, const Tensor& weight, int64_t in_channel, int64_t out_channel) {
  ImageGains gains;
  double& magnitude = gains.magnitude;
  for (const float tap : pair_taps(layer, weight, in_channel, out_channel)) {
    magnitude += std::abs(static_cast<double>(tap));
  }
  gains.finite = std::isfinite(magnitude);

  // A tap at k·D turns by 2πm·k·D/S at an image, which depends on its phase k·D mod S alone.
  const auto sums = phase_sums(layer, weight, in_channel, out_channel);
  std::vector<Complex> at_images(sums.begin(), sums.end());
  int64_t step = 1;
  for (std::size_t axis = layer.spatial().size(); axis-- > 0;) {
    const int64_t stride = layer.axes[axis].stride;
    const auto turn = roots(stride);
    std::vector<Complex> next(at_images.size());
    for (int64_t i = 0; i < static_cast<int64_t>(next.size()); ++i) {
      const int64_t m = i / step % stride;
      const int64_t first = i - m * step;
      for (int64_t phase = 0; phase < stride; ++phase) {
        next[place(i)] += at_images[place(first + phase * step)] * turn[place(m * phase % stride)];
      }
    }
    at_images = std::move(next);
    step *= stride;
  }

  constexpr double rounding = 1e-6;
  gains.dc = std::abs(at_images[0]);
  if (gains.dc <= rounding * magnitude) gains.dc = 0;
  for (std::size_t i = 1; i < at_images.size(); ++i) {
    ImageGain image;
    auto rest = static_cast<int64_t>(i);
    for (std::size_t axis = layer.spatial().size(); axis-- > 0;) {
      image.m[axis] = rest % layer.axes[axis].stride;
      rest /= layer.axes[axis].stride;
    }
    image.gain = std::abs(at_images[i]);
    image.removed = image.gain <= rounding * magnitude;
    if (image.removed) image.gain = 0;
    image.part = image.removed ? 0 : image.gain / gains.dc;
    if (!image.removed) ++gains.passed;
    // Equal but for rounding is no larger: an image and its mirror image are equal.
    if (!gains.images.empty() && image.gain > gains.images[gains.worst].gain * (1 + 1e-9)) gains.worst = i - 1;
    gains.images.push_back(image);
  }
  return gains;
}

double ideal_tap(int64_t n, int64_t stride) {
  if (n % stride == 0) return n == 0 ? 1 : 0;
  const double angle = std::numbers::pi * static_cast<double>(n) / static_cast<double>(stride);
  return std::sin(angle) / angle;
}

double ideal_response(double frequency, int64_t stride) {
  const double edge = std::numbers::pi / static_cast<double>(stride);
  const auto gain = static_cast<double>(stride);
  // At stride 1 nothing lies beyond the edge.
  if (stride == 1 || std::abs(frequency) < edge) return gain;
  return std::abs(frequency) == edge ? gain / 2 : 0;
}

std::vector<float> levels_of(std::span<const double> magnitudes) {
  const double largest = magnitudes.empty() ? 0 : *std::ranges::max_element(magnitudes);
  std::vector<float> levels(magnitudes.size(), static_cast<float>(lowest_level));
  if (largest == 0) return levels;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    levels[i] = static_cast<float>(std::max(lowest_level, 20 * std::log10(magnitudes[i] / largest)));
  }
  return levels;
}

LogSpectrum spectrum_part(int64_t rows, int64_t cols) {
  LogSpectrum spectrum;
  spectrum.rows = transformed_length(rows, largest_spectrum_side);
  spectrum.cols = transformed_length(cols, rows == 1 ? largest_spectrum_line : largest_spectrum_side);
  spectrum.first_row = (rows - spectrum.rows) / 2;
  spectrum.first_col = (cols - spectrum.cols) / 2;
  return spectrum;
}

std::optional<LogSpectrum> log_spectrum(std::span<const float> plane, int64_t rows, int64_t cols,
                                        const KeepGoing& keep_going) {
  LogSpectrum spectrum = spectrum_part(rows, cols);
  std::vector<Complex> values;
  values.reserve(place(spectrum.rows * spectrum.cols));
  for (int64_t row = 0; row < spectrum.rows; ++row) {
    for (int64_t col = 0; col < spectrum.cols; ++col) {
      const auto value =
          static_cast<double>(plane[place((row + spectrum.first_row) * cols + col + spectrum.first_col)]);
      spectrum.finite = spectrum.finite && std::isfinite(value);
      values.emplace_back(value);
    }
  }
  spectrum.levels.assign(values.size(), static_cast<float>(lowest_level));
  if (!spectrum.finite) return spectrum;
  if (!transform(values, spectrum.rows, spectrum.cols, keep_going)) return std::nullopt;
  std::vector<double> magnitudes(values.size());
  for_centred(spectrum.rows, spectrum.cols,
              [&](std::size_t to, std::size_t from) { magnitudes[to] = std::abs(values[from]); });
  spectrum.largest = *std::ranges::max_element(magnitudes);
  spectrum.levels = levels_of(magnitudes);
  return spectrum;
}

}  // namespace tconv
