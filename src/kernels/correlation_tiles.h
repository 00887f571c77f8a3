#pragma once
// The innermost loops of the gradient of the weight: inner products of lines of inputs with shifted lines of output
// gradients, some channels × channels × shifts of them in registers.

#include <cstdint>
#include <span>

namespace tconv {

/// One call: sums[a·a_stride + b·b_stride + t_places[t]] = or += Σ_p x[a][p] · g[b][shift_t + p], p in [0, positions).
struct CorrelationTile {
  const float* x;
  std::int64_t x_stride;  ///< from one a to the next
  const float* g;
  std::int64_t g_stride;       ///< from one b to the next
  const std::int64_t* shifts;  ///< `t_count` of them
  std::int64_t positions;      ///< a multiple of the vector's lanes
  float* sums;
  bool add;
  std::int64_t a_stride, b_stride;
  const std::int64_t* t_places;   ///< where the sum of each shift goes: t·t_stride above, of any order
  int a_count, b_count, t_count;  ///< at least 1, at most the shape's
};

struct CorrelationShape {
  int a, b, t;
  void (*run)(const CorrelationTile&);
};

/// Those of the instruction set in use.
std::span<const CorrelationShape> correlation_shapes();

}  // namespace tconv
