#include "compute/ways.h"

#include <algorithm>
#include <cmath>

#include "compute/limits.h"
#include "compute/method.h"
#include "core/zero_insertion.h"

namespace tconv {
namespace {

using std::int64_t;

double largest_distance(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (int64_t i = 0; i < a.size(); ++i) {
    // Two infinities or two NaNs are no difference.
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    const double distance = std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i]));
    largest = std::isnan(distance) ? INFINITY : std::max(largest, distance);
  }
  return largest;
}

/// Nothing when told to stop.
std::optional<std::vector<LogSpectrum>> spectra_of(const Tensor& output, const KeepGoing& keep_going) {
  const Shape& shape = output.shape();
  const int rank = shape.rank();
  const int64_t rows = rank > 3 ? shape[rank - 2] : 1;
  const int64_t cols = shape[rank - 1];
  std::vector<LogSpectrum> spectra;
  int64_t left = largest_spectra;
  for (int64_t first = 0; first < output.size(); first += rows * cols) {
    const auto plane = output.values().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(rows * cols));
    auto spectrum = log_spectrum(plane, rows, cols, keep_going);
    if (!spectrum) return std::nullopt;
    left -= static_cast<int64_t>(spectrum->levels.size());
    if (left < 0) break;
    spectra.push_back(*std::move(spectrum));
  }
  return spectra;
}

/// float64 sums of float32 numbers.
Ways::InnerProducts inner_products_of(const Tensor& x, const Tensor& w, const Tensor& b, const Tensor& y,
                                      const Tensor& g, const Gradients& d) {
  const auto product = [](const Tensor& one, const Tensor& other) { return dot(one.values(), other.values()); };
  const auto norms = [&](const Tensor& one, const Tensor& other) {
    return std::sqrt(product(one, one)) * std::sqrt(product(other, other));
  };
  return {.y_g = product(y, g) - (b.empty() ? 0 : product(b, d.bias)),
          .x_dx = product(x, d.input),
          .w_dw = product(w, d.weight),
          .largest_possible = norms(y, g) + norms(x, d.input) + norms(w, d.weight)};
}

}  // namespace

double Ways::largest_difference() const {
  double largest = 0;
  for (const Difference& one : differences) largest = std::max(largest, one.largest);
  return largest;
}

const LogSpectrum* Ways::output_spectrum(int64_t batch, int64_t channel, int64_t slice) const {
  if (output_spectra.empty()) return nullptr;
  const Shape& shape = output.shape();
  const int64_t slices = shape.rank() == 5 ? shape[2] : 1;
  const auto plane = static_cast<std::size_t>((batch * shape[1] + channel) * slices + slice);
  return plane < output_spectra.size() ? &output_spectra[plane] : nullptr;
}

int64_t window_multiplications(const LayerSpec& layer) {
  constexpr __int128 cap = static_cast<__int128>(1) << 62;
  __int128 product = 1;
  const auto times = [&](int64_t factor) { product = std::min(cap, product * std::max<int64_t>(1, factor)); };
  times(layer.batch);
  times(layer.in_channels);
  times(layer.out_channels / std::max<int64_t>(1, layer.groups));
  for (const AxisSpec& axis : layer.spatial()) {
    times(output_size(axis));
    times(axis.kernel);
  }
  return static_cast<int64_t>(product);
}

bool matrix_is_made(const LayerSpec& layer) {
  LayerSpec sample = layer;
  sample.batch = 1;
  const auto fits = [](std::int64_t number) { return number <= largest_matrix; };
  return fits(matrix_nonzeros(layer)) && fits(input_shape(sample).elements()) && fits(output_shape(sample).elements());
}

int64_t ways_bytes(const LayerSpec& layer) {
  // What is kept beside the one that runs: its padded map, the painted output, the gradients.
  __int128 bytes = find_method("insert-zeros")->extra_bytes(layer);
  for (const Shape& shape : {output_shape(layer), input_shape(layer), weight_shape(layer)}) {
    bytes += static_cast<__int128>(shape.elements()) * 4;
  }
  int64_t running = 0;
  for (const Method& method : plain_methods()) running = std::max(running, bytes_needed(method, layer));
  return static_cast<int64_t>(std::min<__int128>(INT64_MAX, bytes + running));
}

std::optional<Ways> compute_ways(const Scenario& scenario, const Tensor& input, const Tensor& weight,
                                 const Tensor& bias, const KeepGoing& keep_going) {
  const LayerSpec& layer = scenario.layer;
  Ways ways;
  ways.grad_output = grad_output_of(scenario);
  if (matrix_is_made(layer)) ways.matrix = convolution_matrix(layer, weight);
  ways.matrix_summary = summary_of(layer, ways.matrix, input);
  if (evenness_is_quick(layer)) {
    ways.weights = weight_evenness(layer, weight);
    ways.flat = flat_evenness(layer, weight);
    ways.fixes = fixes_of(scenario, weight);
  }
  if (window_multiplications(layer) > longest_way || ways_bytes(layer) > current_limits().memory_bytes) return ways;
  ways.padded = zero_padded(layer, input);
  for (const Method& method : plain_methods()) {
    auto output = method.run(layer, input, weight, bias, keep_going);
    if (!output) return std::nullopt;
    if (ways.output.empty()) {
      ways.output = *std::move(output);
    } else {
      ways.differences.push_back({method.id, largest_distance(ways.output, *output)});
    }
  }
  auto spectra = spectra_of(ways.output, keep_going);
  if (!spectra) return std::nullopt;
  ways.output_spectra = *std::move(spectra);
  ways.gradients = gradients(layer, input, weight, ways.grad_output, keep_going);
  if (!ways.gradients) return std::nullopt;
  ways.inner_products = inner_products_of(input, weight, bias, ways.output, ways.grad_output, *ways.gradients);
  return ways;
}

}  // namespace tconv
