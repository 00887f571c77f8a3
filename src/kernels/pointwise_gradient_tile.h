#pragma once
// The innermost loop of the gradient of the weight of layers of one tap.

#include <cstdint>
#include <span>

namespace tconv {

/// One call: sums[r][c] = or += Σ_p rows[r][p] · columns[p][c] over neighbouring cells p.
struct PointwiseOuterTile {
  const float* rows;  ///< the first cell of the first row's channel
  std::int64_t row_stride;
  int row_count;         ///< at most the shape's
  const float* columns;  ///< [cell][column], as many as the shape's vectors have
  std::int64_t cells;    ///< so many products are added up one after the other
  float* sums;           ///< of `row_count` rows, columns side by side
  std::int64_t sums_stride;
  bool add;
  std::int64_t ahead;  ///< floats from the rows to what is brought nearer meanwhile
};

struct PointwiseOuterShape {
  int rows;
  int vectors;
  void (*run)(const PointwiseOuterTile&);
};

/// Those of the instruction set in use: for each number of vectors up to the most some numbers of rows.
std::span<const PointwiseOuterShape> pointwise_outer_shapes();

/// to[i] = Σ_p from[p · stride + i], p in [0, parts), in float64.
void add_parts(const float* from, std::int64_t stride, std::int64_t parts, std::int64_t count, float* to);

}  // namespace tconv
