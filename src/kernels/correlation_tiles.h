#pragma once
// The innermost loops of the gradient of the weight: inner products of lines of inputs with shifted lines of output
// gradients, some lines × shifted lines of them in registers.

#include <cstdint>
#include <span>

namespace tconv {

/// One call: sums[a·a_stride + places[c]] = or +=
/// Σ x[a·x_stride + n·x_plane + r·x_row + p] · g[columns[c] + n·g_plane + r·g_row + p],
/// n in [0, planes), r in [0, rows), p in [0, positions).
struct CorrelationTile {
  const float* x;
  std::int64_t x_stride;
  std::int64_t x_row;
  std::int64_t x_plane;
  const float* g;
  const std::int64_t* columns;  ///< `column_count` of them
  std::int64_t g_row;
  std::int64_t g_plane;
  std::int64_t planes;
  std::int64_t rows;
  std::int64_t positions;  ///< a multiple of the vector's lanes
  float* sums;
  bool add;
  std::int64_t a_stride;
  const std::int64_t* places;
  int a_count, column_count;  ///< at least 1, at most the shape's
};

struct CorrelationShape {
  int a, columns;
  void (*run)(const CorrelationTile&);
};

/// Those of the instruction set in use.
std::span<const CorrelationShape> correlation_shapes();

}  // namespace tconv
