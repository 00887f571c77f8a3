#pragma once
// The innermost loops of the gradient of the weight by tiles.

#include <cstdint>

namespace tconv {

/// One call: sums[r · sums_step + c] = or += Σ_p x[p · x_step + r] · g[p · g_step + c], p in [0, count). The columns of
/// g and sums are read and written in whole vectors.
struct OuterPanel {
  const float* x;
  std::int64_t x_step;
  const float* g;
  std::int64_t g_step;
  std::int64_t count;
  std::int64_t rows;
  std::int64_t columns;
  float* sums;
  std::int64_t sums_step;
  bool add;
};
void run_outer_panel(const OuterPanel& panel);

/// Columns that stay in registers together; more are better cut at multiples of them.
std::int64_t outer_panel_columns();

}  // namespace tconv
