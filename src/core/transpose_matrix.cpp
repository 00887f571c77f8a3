#include "core/transpose_matrix.h"

#include <Eigen/SparseCore>
#include <algorithm>
#include <cassert>

#include "core/playback.h"

namespace tconv {
namespace {

using std::int64_t;
using Rows = Eigen::SparseMatrix<float, Eigen::RowMajor, std::int32_t>;

}  // namespace

struct SparseMatrix::Storage {
  int64_t rows = 0;
  int64_t cols = 0;
  std::vector<std::int32_t> row_begin;
  std::vector<std::int32_t> columns;
  std::vector<float> values;

  Eigen::Map<const Rows> map() const {
    return {static_cast<Eigen::Index>(rows),
            static_cast<Eigen::Index>(cols),
            static_cast<Eigen::Index>(values.size()),
            row_begin.data(),
            columns.data(),
            values.data()};
  }
};

SparseMatrix::SparseMatrix(int64_t cols, std::vector<int64_t> row_begin, std::vector<std::int32_t> columns,
                           std::vector<float> values) {
  assert(!row_begin.empty() && columns.size() == values.size() && values.size() <= INT32_MAX);
  auto storage = std::make_shared<Storage>();
  storage->rows = static_cast<int64_t>(row_begin.size()) - 1;
  storage->cols = cols;
  storage->row_begin.assign(row_begin.begin(), row_begin.end());
  storage->columns = std::move(columns);
  storage->values = std::move(values);
  storage_ = std::move(storage);
}

int64_t SparseMatrix::rows() const { return storage_ ? storage_->rows : 0; }
int64_t SparseMatrix::cols() const { return storage_ ? storage_->cols : 0; }
int64_t SparseMatrix::nonzeros() const { return storage_ ? static_cast<int64_t>(storage_->values.size()) : 0; }

std::span<const std::int32_t> SparseMatrix::columns(int64_t row) const {
  const auto begin = static_cast<std::size_t>(storage_->row_begin[static_cast<std::size_t>(row)]);
  const auto end = static_cast<std::size_t>(storage_->row_begin[static_cast<std::size_t>(row) + 1]);
  return std::span(storage_->columns).subspan(begin, end - begin);
}

std::span<const float> SparseMatrix::values(int64_t row) const {
  const auto begin = static_cast<std::size_t>(storage_->row_begin[static_cast<std::size_t>(row)]);
  const auto end = static_cast<std::size_t>(storage_->row_begin[static_cast<std::size_t>(row) + 1]);
  return std::span(storage_->values).subspan(begin, end - begin);
}

SparseMatrix SparseMatrix::transposed() const {
  if (!storage_) return {};
  const Rows turned = storage_->map().transpose();
  auto storage = std::make_shared<Storage>();
  storage->rows = turned.rows();
  storage->cols = turned.cols();
  storage->row_begin.assign(turned.outerIndexPtr(), turned.outerIndexPtr() + turned.rows() + 1);
  storage->columns.assign(turned.innerIndexPtr(), turned.innerIndexPtr() + turned.nonZeros());
  storage->values.assign(turned.valuePtr(), turned.valuePtr() + turned.nonZeros());
  SparseMatrix result;
  result.storage_ = std::move(storage);
  return result;
}

namespace {

std::vector<float> rounded(const Eigen::VectorXd& sums) {
  std::vector<float> values(static_cast<std::size_t>(sums.size()));
  std::ranges::transform(sums, values.begin(), [](double sum) { return static_cast<float>(sum); });
  return values;
}

Eigen::VectorXd widened(std::span<const float> vector) {
  return Eigen::Map<const Eigen::VectorXf>(vector.data(), static_cast<Eigen::Index>(vector.size())).cast<double>();
}

}  // namespace

std::vector<float> SparseMatrix::times(std::span<const float> vector) const {
  assert(static_cast<int64_t>(vector.size()) == cols());
  if (!storage_) return {};
  return rounded(storage_->map().cast<double>() * widened(vector));
}

std::vector<float> SparseMatrix::transposed_times(std::span<const float> vector) const {
  assert(static_cast<int64_t>(vector.size()) == rows());
  if (!storage_) return {};
  return rounded(storage_->map().cast<double>().transpose() * widened(vector));
}

namespace {

/// The taps [first, last] of one input cell that land inside the cropped output, and where tap 0 would.
struct TapRange {
  int64_t first;
  int64_t last;
  int64_t origin;
};

TapRange taps_that_land(const AxisSpec& axis, int64_t cell) {
  // 0 <= origin + tap·D < O
  const int64_t origin = cell * axis.stride - axis.padding_begin;
  const int64_t room = output_size(axis) - 1 - origin;
  return {.first = origin >= 0 ? 0 : (-origin + axis.dilation - 1) / axis.dilation,
          .last = room < 0 ? -1 : std::min(axis.kernel - 1, room / axis.dilation),
          .origin = origin};
}

}  // namespace

SparseMatrix convolution_matrix(const LayerSpec& layer, const Tensor& weight) {
  const auto axes = layer.as_3d();
  const int64_t in_per_group = layer.in_channels / layer.groups;
  const int64_t out_per_group = layer.out_channels / layer.groups;
  const std::array<int64_t, 3> size{output_size(axes[0]), output_size(axes[1]), output_size(axes[2])};
  const int64_t plane = size[0] * size[1] * size[2];
  const auto count = static_cast<std::size_t>(matrix_nonzeros(layer));
  std::vector<int64_t> row_begin{0};
  std::vector<std::int32_t> columns;
  std::vector<float> values;
  row_begin.reserve(static_cast<std::size_t>(layer.in_channels * axes[0].input * axes[1].input * axes[2].input) + 1);
  columns.reserve(count);
  values.reserve(count);
  for (int64_t c = 0; c < layer.in_channels; ++c) {
    const int64_t first_out = c / in_per_group * out_per_group;
    for (int64_t z = 0; z < axes[0].input; ++z) {
      const TapRange zs = taps_that_land(axes[0], z);
      for (int64_t y = 0; y < axes[1].input; ++y) {
        const TapRange ys = taps_that_land(axes[1], y);
        for (int64_t x = 0; x < axes[2].input; ++x) {
          const TapRange xs = taps_that_land(axes[2], x);
          for (int64_t o = first_out; o < first_out + out_per_group; ++o) {
            for (int64_t kz = zs.first; kz <= zs.last; ++kz) {
              for (int64_t ky = ys.first; ky <= ys.last; ++ky) {
                const int64_t jz = zs.origin + kz * axes[0].dilation;
                const int64_t jy = ys.origin + ky * axes[1].dilation;
                const int64_t row = o * plane + (jz * size[1] + jy) * size[2] + xs.origin;
                const float* taps = weight.data() + flat_weight(layer, c, o, {kz, ky, 0});
                for (int64_t kx = xs.first; kx <= xs.last; ++kx) {
                  columns.push_back(static_cast<std::int32_t>(row + kx * axes[2].dilation));
                  values.push_back(taps[kx]);
                }
              }
            }
          }
          row_begin.push_back(static_cast<int64_t>(values.size()));
        }
      }
    }
  }
  return {layer.out_channels * plane, std::move(row_begin), std::move(columns), std::move(values)};
}

int64_t matrix_nonzeros(const LayerSpec& layer) {
  constexpr __int128 cap = static_cast<__int128>(1) << 62;
  __int128 product = layer.in_channels;
  product = std::min(cap, product * (layer.out_channels / layer.groups));
  for (const AxisSpec& axis : layer.spatial()) {
    __int128 pairs = 0;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      const CellRange cells = cells_that_land(axis, tap);
      pairs += std::max<int64_t>(0, cells.last - cells.first + 1);
    }
    product = std::min(cap, product * pairs);
  }
  return static_cast<int64_t>(product);
}

double dot(std::span<const float> a, std::span<const float> b) {
  assert(a.size() == b.size());
  return widened(a).dot(widened(b));
}

std::optional<Tensor> transpose_matrix(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                       const Tensor& bias, const KeepGoing& keep_going) {
  // The matrix of one pair of channels at a time: all of them have the same pattern, and a layer with many channels
  // would not fit into memory as a whole.
  LayerSpec pair = layer;
  pair.batch = pair.in_channels = pair.out_channels = pair.groups = 1;
  const Shape shape = output_shape(layer);
  const int64_t in_per_group = layer.in_channels / layer.groups;
  const int64_t out_per_group = layer.out_channels / layer.groups;
  const int64_t cells = input_shape(pair).elements();
  const int64_t plane = output_shape(pair).elements();
  const Shape kernel_shape = weight_shape(pair);
  const int64_t taps = kernel_shape.elements();
  Eigen::MatrixXd sums = Eigen::MatrixXd::Zero(plane, layer.batch * layer.out_channels);
  for (int64_t c = 0; c < layer.in_channels; ++c) {
    const int64_t first_out = c / in_per_group * out_per_group;
    for (int64_t o = first_out; o < first_out + out_per_group; ++o) {
      const float* kernel = weight.data() + (c * out_per_group + o - first_out) * taps;
      const SparseMatrix matrix = convolution_matrix(pair, Tensor(kernel_shape, {kernel, kernel + taps}));
      for (int64_t n = 0; n < layer.batch; ++n) {
        const float* x = input.data() + (n * layer.in_channels + c) * cells;
        auto column = sums.col(n * layer.out_channels + o);
        for (int64_t row = 0; row < cells; ++row) {
          if (row % 256 == 0 && keep_going && !keep_going()) return std::nullopt;
          const auto places = matrix.columns(row);
          const auto entries = matrix.values(row);
          const double value = x[row];
          for (std::size_t k = 0; k < places.size(); ++k) {
            column[places[k]] += value * static_cast<double>(entries[k]);
          }
        }
      }
    }
  }
  std::vector<float> output(static_cast<std::size_t>(shape.elements()));
  for (int64_t map = 0; map < sums.cols(); ++map) {
    const double offset = bias.empty() ? 0.0 : static_cast<double>(bias[map % layer.out_channels]);
    for (int64_t cell = 0; cell < plane; ++cell) {
      output[static_cast<std::size_t>(map * plane + cell)] = static_cast<float>(sums(cell, map) + offset);
    }
  }
  return Tensor(shape, std::move(output));
}

}  // namespace tconv
