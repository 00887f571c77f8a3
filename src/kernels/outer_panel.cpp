#include "kernels/outer_panel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/outer_panel.cpp"
#include <hwy/foreach_target.h>
// What lies below is compiled once for each instruction set.
#include <hwy/highway.h>

#include <algorithm>
#include <utility>

#include "core/integers.h"
#include "kernels/outer_sums-inl.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

#if HWY_TARGET <= HWY_AVX3
constexpr int most_vectors = 4;
constexpr int most_rows(int vectors) { return vectors == 4 ? 6 : 8; }
#else
constexpr int most_vectors = 2;
constexpr int most_rows(int vectors) { return vectors == 2 ? 6 : 8; }
#endif

template <int rows, int vectors>
HWY_NOINLINE void run_rows(const OuterPanel& panel) {
  const Floats d;
  Vector sums[rows][vectors];
  begin_outer(sums, panel.sums, panel.sums_step, panel.add);
  const float* HWY_RESTRICT x = panel.x;
  const float* HWY_RESTRICT g = panel.g;
  for (std::int64_t p = 0; p < panel.count; ++p, x += panel.x_step, g += panel.g_step) {
    add_outer(x, g, sums);
  }
  TCONV_UNROLL for (int row = 0; row < rows; ++row) {
    float* to = panel.sums + row * panel.sums_step;
    TCONV_UNROLL for (int v = 0; v < vectors; ++v, to += lanes) {
      hn::StoreU(panel.add ? hn::Add(sums[row][v], hn::LoadU(d, to)) : sums[row][v], d, to);
    }
  }
}

using RunRows = void (*)(const OuterPanel&);

template <int vectors, int... rows>
constexpr RunRows rows_of(std::int64_t wanted, std::integer_sequence<int, rows...>) {
  constexpr RunRows all[] = {&run_rows<rows + 1, vectors>...};
  return all[wanted - 1];
}
template <int vectors>
RunRows rows_of(std::int64_t rows) {
  return rows_of<vectors>(rows, std::make_integer_sequence<int, most_rows(vectors)>());
}
RunRows rows_of(std::int64_t rows, std::int64_t vectors) {
#if HWY_TARGET <= HWY_AVX3
  if (vectors == 4) return rows_of<4>(rows);
  if (vectors == 3) return rows_of<3>(rows);
#endif
  return vectors == 2 ? rows_of<2>(rows) : rows_of<1>(rows);
}

void run_panel(const OuterPanel& panel) {
  const std::int64_t vectors = ceil_div(panel.columns, lanes);
  for (std::int64_t v = 0; v < vectors;) {
    const std::int64_t some = std::min<std::int64_t>(most_vectors, vectors - v);
    // The fewest blocks of rows, all but equal: the columns of g stay in the level 1 cache for all of them.
    const std::int64_t most = most_rows(static_cast<int>(some));
    const std::int64_t blocks = ceil_div(panel.rows, most);
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t row = panel.rows * block / blocks;
      OuterPanel part = panel;
      part.x += row;
      part.g += v * lanes;
      part.sums += row * panel.sums_step + v * lanes;
      rows_of(panel.rows * (block + 1) / blocks - row, some)(part);
    }
    v += some;
  }
}

std::int64_t columns() { return most_vectors * lanes; }

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(run_panel);
HWY_EXPORT(columns);
}  // namespace

void run_outer_panel(const OuterPanel& panel) { HWY_DYNAMIC_DISPATCH(run_panel)(panel); }
std::int64_t outer_panel_columns() { return HWY_DYNAMIC_DISPATCH(columns)(); }

}  // namespace tconv
#endif
