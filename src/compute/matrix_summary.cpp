#include "compute/matrix_summary.h"

#include <algorithm>
#include <cmath>

namespace tconv {
namespace {

using std::int64_t;

/// The product with each sample of `map` (N, …), in `shape`, whose first extent is N too.
template <typename Product>
Tensor each_sample(const Tensor& map, const Shape& shape, const Product& product) {
  const auto samples = static_cast<std::size_t>(shape[0]);
  const std::size_t size = map.values().size() / samples;
  std::vector<float> all;
  all.reserve(static_cast<std::size_t>(shape.elements()));
  for (std::size_t n = 0; n < samples; ++n) {
    const std::vector<float> one = product(map.values().subspan(n * size, size));
    all.insert(all.end(), one.begin(), one.end());
  }
  return {shape, std::move(all)};
}

Tensor ramp(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
  return {shape, std::move(values)};
}

void count(const SparseMatrix& matrix, MatrixSummary& summary) {
  std::vector<int64_t> per_output(static_cast<std::size_t>(matrix.cols()));
  summary.per_input.least = matrix.cols();
  for (int64_t row = 0; row < matrix.rows(); ++row) {
    const auto columns = matrix.columns(row);
    const auto entries = static_cast<int64_t>(columns.size());
    summary.per_input = {std::min(summary.per_input.least, entries), std::max(summary.per_input.most, entries)};
    summary.zero_weights += std::ranges::count(matrix.values(row), 0.0F);
    for (const std::int32_t column : columns) ++per_output[static_cast<std::size_t>(column)];
  }
  const auto [least, most] = std::ranges::minmax(per_output);
  summary.per_output = {least, most};
}

float largest_weight(const SparseMatrix& matrix) {
  float largest = 0;
  for (int64_t row = 0; row < matrix.rows(); ++row) {
    for (const float value : matrix.values(row)) {
      if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
    }
  }
  return largest;
}

MatrixPattern pattern_of(const SparseMatrix& matrix) {
  MatrixPattern pattern{
      std::min(matrix.rows(), MatrixPattern::most_blocks), std::min(matrix.cols(), MatrixPattern::most_blocks), {}};
  pattern.levels.resize(static_cast<std::size_t>(pattern.rows * pattern.cols));
  std::vector<std::uint16_t> block(static_cast<std::size_t>(matrix.cols()));
  for (int64_t col = 0; col < matrix.cols(); ++col) {
    block[static_cast<std::size_t>(col)] = static_cast<std::uint16_t>(col * pattern.cols / matrix.cols());
  }
  const float largest = largest_weight(matrix);
  for (int64_t row = 0; row < matrix.rows(); ++row) {
    std::uint8_t* line = pattern.levels.data() + row * pattern.rows / matrix.rows() * pattern.cols;
    const auto columns = matrix.columns(row);
    const auto values = matrix.values(row);
    for (std::size_t k = 0; k < columns.size(); ++k) {
      // Not a number and infinity have no strength, but an entry is there.
      const float part = largest > 0 ? std::abs(values[k]) / largest : 0;
      const auto level = static_cast<std::uint8_t>(part <= 1 ? 1 + static_cast<int>(part * 254) : 1);
      std::uint8_t& there = line[block[static_cast<std::size_t>(columns[k])]];
      there = std::max(there, level);
    }
  }
  return pattern;
}

}  // namespace

MatrixSummary summary_of(const LayerSpec& layer, const SparseMatrix& matrix, const Tensor& input) {
  MatrixSummary summary;
  if (matrix.rows() == 0) return summary;
  count(matrix, summary);
  summary.pattern = pattern_of(matrix);
  const auto up = [&](std::span<const float> x) { return matrix.transposed_times(x); };
  const auto down = [&](std::span<const float> y) { return matrix.times(y); };
  LayerSpec one = layer;
  one.batch = 1;
  summary.up = each_sample(input, output_shape(layer), up);
  summary.up_down = each_sample(summary.up, input_shape(layer), down);
  summary.ramp = ramp(output_shape(one));
  summary.down = each_sample(summary.ramp, input_shape(one), down);
  summary.down_up = each_sample(summary.down, output_shape(one), up);
  return summary;
}

}  // namespace tconv
