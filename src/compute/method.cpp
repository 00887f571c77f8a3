#include "compute/method.h"

#include <algorithm>
#include <array>

#include "core/phases.h"
#include "core/transpose_matrix.h"
#include "core/zero_insertion.h"
#include "kernels/prepared_layer.h"

namespace tconv {
namespace {

constexpr __int128 widest = static_cast<__int128>(1) << 62;

__int128 wide_times(__int128 a, __int128 b) { return a == 0 || b <= widest / a ? a * b : widest; }

std::int64_t nothing_more(const LayerSpec&) { return 0; }

/// The lists of phases and of their taps.
std::int64_t phases_bytes(const LayerSpec& layer) {
  constexpr std::int64_t smallest_list = 32;  // what an allocator takes for a list of one tap
  std::int64_t bytes = 0;                     // legal strides and kernels are far too small to leave 64 bits
  for (const AxisSpec& axis : layer.spatial()) {
    bytes += axis.stride * static_cast<std::int64_t>(sizeof(AxisPhase)) +
             std::min(axis.stride, axis.kernel) * smallest_list + axis.kernel * 16;
  }
  return bytes;
}

/// The padded map and the turned kernel.
std::int64_t insertion_bytes(const LayerSpec& layer) {
  __int128 cells = wide_times(layer.batch, layer.in_channels);
  for (const AxisSpec& axis : layer.spatial()) cells = wide_times(cells, insertion_of(axis).padded);
  __int128 taps = wide_times(layer.in_channels, layer.out_channels / layer.groups);
  for (const AxisSpec& axis : layer.spatial()) taps = wide_times(taps, axis.kernel);
  return static_cast<std::int64_t>(wide_times(cells + taps, 4));
}

/// The matrix of one pair of channels (8 bytes an entry, 12 a row while it is made) and float64 sums of all maps.
std::int64_t matrix_bytes(const LayerSpec& layer) {
  LayerSpec pair = layer;
  pair.in_channels = pair.out_channels = pair.groups = 1;
  __int128 sums = wide_times(layer.batch, layer.out_channels);
  for (const AxisSpec& axis : layer.spatial()) sums = wide_times(sums, output_size(axis));
  const std::int64_t entries = matrix_nonzeros(pair);
  if (entries > INT32_MAX) return INT64_MAX;
  __int128 rows = 1;
  for (const AxisSpec& axis : layer.spatial()) rows = wide_times(rows, axis.input);
  return static_cast<std::int64_t>(
      std::min(widest, wide_times(entries, 8) + wide_times(rows, 12) + wide_times(sums, 8)));
}

/// The weights once more, their few channels filled up to a vector's or their taps transformed, and the threads'
/// scratch. Painting's plane of float64 sums, which it does not need, more than makes up for what that leaves out.
std::int64_t fast_bytes(const LayerSpec& layer) {
  constexpr __int128 scratch = 32 << 20;
  __int128 weights = wide_times(layer.in_channels, layer.out_channels / layer.groups);
  for (const AxisSpec& axis : layer.spatial()) weights = wide_times(weights, axis.kernel);
  return static_cast<std::int64_t>(wide_times(weights, 8) + scratch);
}

constexpr std::array method_table{
    Method{"paint", "Painting (scatter_add)",
           "every input cell adds its products to the output cells that its stamp reaches", &scatter_add,
           &nothing_more},
    Method{"insert-zeros", "Inserting zeros",
           "zeros are put between the input's cells, and the turned kernel slides over them", &insert_zeros,
           &insertion_bytes},
    Method{"matrix", "Transposed matrix", "the transposed sparse matrix of a convolution, times every input map",
           &transpose_matrix, &matrix_bytes},
    Method{"phases", "Phases", "one small convolution of the input for every phase of the output, interleaved",
           &interleave_phases, &phases_bytes},
    Method{"fast", "Fast kernels", "", &fast_transposed_conv, &fast_bytes},
};
constexpr std::size_t plain_count = method_table.size() - 1;

}  // namespace

std::span<const Method> methods() { return method_table; }
std::span<const Method> plain_methods() { return std::span(method_table).first(plain_count); }

std::int64_t bytes_needed(const Method& method, const LayerSpec& layer) {
  const std::int64_t painting = memory_needed(layer);
  const std::int64_t more = method.extra_bytes(layer);
  return more > INT64_MAX - painting ? INT64_MAX : painting + more;
}

const Method* find_method(std::string_view id) {
  const auto found = std::ranges::find(method_table, id, &Method::id);
  return found == method_table.end() ? nullptr : &*found;
}

}  // namespace tconv
