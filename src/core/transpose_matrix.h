#pragma once
// The third way: the convolution as a sparse matrix C, the transposed convolution as Cᵀ.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "core/layer_spec.h"
#include "core/scatter_add.h"
#include "core/tensor.h"

namespace tconv {

/// Compressed rows with shared, immutable storage: copies are cheap.
class SparseMatrix {
 public:
  SparseMatrix() = default;
  /// `row_begin`: rows + 1 places in `columns` and `values`; columns ascend within a row (asserted in debug builds).
  SparseMatrix(std::int64_t cols, std::vector<std::int64_t> row_begin, std::vector<std::int32_t> columns,
               std::vector<float> values);

  std::int64_t rows() const;
  std::int64_t cols() const;
  std::int64_t nonzeros() const;  ///< stored entries; an entry whose weight happens to be 0 counts
  /// The columns, ascending, and the values of one row.
  std::span<const std::int32_t> columns(std::int64_t row) const;
  std::span<const float> values(std::int64_t row) const;

  SparseMatrix transposed() const;
  /// Products with a vector, in float64, rounded once; sizes must fit (asserted).
  std::vector<float> times(std::span<const float> vector) const;
  std::vector<float> transposed_times(std::span<const float> vector) const;

 private:
  struct Storage;
  std::shared_ptr<const Storage> storage_;
};

/// C of one sample: row (c, i…) is an input cell, column (o, j…) an output cell, both row-major over all channels;
/// C[(c, i), (o, i·S + k·D − P)] = w[c, o, k] where the two channels lie in one group and the place is not cropped. The
/// transposed convolution is y = Cᵀ·x; C itself is the forward convolution that it is the transpose of. More than
/// 2^31 − 1 non-zeros are a programming error (asserted): see `matrix_nonzeros` first.
SparseMatrix convolution_matrix(const LayerSpec& layer, const Tensor& weight);

/// What `convolution_matrix` would store, without making it. Saturates.
std::int64_t matrix_nonzeros(const LayerSpec& layer);

/// ⟨a, b⟩ in float64; equal lengths (asserted).
double dot(std::span<const float> a, std::span<const float> b);

/// The layer computed this way; see `scatter_add`, which it must equal. One pair of channels after the
/// other, so that only the matrix of a pair is held; one with more than 2^31 − 1 non-zeros is a programming error.
std::optional<Tensor> transpose_matrix(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                       const Tensor& bias, const KeepGoing& keep_going);

}  // namespace tconv
