#include "compute/method.h"

#include <algorithm>
#include <array>

#include "core/phases.h"
#include "core/transpose_matrix.h"
#include "core/zero_insertion.h"

namespace tconv {
namespace {

constexpr __int128 cap = static_cast<__int128>(1) << 62;

__int128 times(__int128 a, __int128 b) { return a == 0 || b <= cap / a ? a * b : cap; }

std::int64_t nothing_more(const LayerSpec&) { return 0; }

/// The padded map and the turned kernel.
std::int64_t insertion_bytes(const LayerSpec& layer) {
  __int128 cells = times(layer.batch, layer.in_channels);
  for (const AxisSpec& axis : layer.spatial()) cells = times(cells, insertion_of(axis).padded);
  __int128 taps = times(layer.in_channels, layer.out_channels / layer.groups);
  for (const AxisSpec& axis : layer.spatial()) taps = times(taps, axis.kernel);
  return static_cast<std::int64_t>(times(cells + taps, 4));
}

/// The matrix of one pair of channels (8 bytes an entry, as much again while it is made) and float64 sums of all maps.
std::int64_t matrix_bytes(const LayerSpec& layer) {
  LayerSpec pair = layer;
  pair.in_channels = pair.out_channels = pair.groups = 1;
  __int128 sums = times(layer.batch, layer.out_channels);
  for (const AxisSpec& axis : layer.spatial()) sums = times(sums, output_size(axis));
  return static_cast<std::int64_t>(std::min(cap, times(matrix_nonzeros(pair), 16) + times(sums, 8)));
}

constexpr std::array table{
    Method{"paint", "Painting (scatter_add)", &scatter_add, &nothing_more},
    Method{"insert-zeros", "Inserting zeros", &insert_zeros, &insertion_bytes},
    Method{"matrix", "Transposed matrix", &transpose_matrix, &matrix_bytes},
    Method{"phases", "Phases", &interleave_phases, &nothing_more},
};

}  // namespace

std::span<const Method> methods() { return table; }

const Method* find_method(std::string_view id) {
  const auto found = std::ranges::find(table, id, &Method::id);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace tconv
