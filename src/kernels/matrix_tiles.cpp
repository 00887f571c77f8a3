#include "kernels/matrix_tiles.h"

#include <hwy/targets.h>

#if HWY_ARCH_X86_64 && defined(__linux__)

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

// These instructions exist for one architecture alone, so that they are written in its own words.
#define TCONV_TILES __attribute__((target("amx-tile,amx-bf16")))

namespace tconv {
namespace {

using std::int64_t;
using std::uint32_t;

bool ask_for_tiles() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr unsigned bfloat16 = 1U << 22;
  constexpr unsigned tiles = 1U << 24;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0 || (d & bfloat16) == 0 || (d & tiles) == 0) return false;
  constexpr long arch_req_xcomp_perm = 0x1023;
  constexpr long tile_data = 18;
  return syscall(SYS_arch_prctl, arch_req_xcomp_perm, tile_data) == 0;
}

/// Eight tiles of 16 rows of 64 bytes, as the instruction reads it.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1;
  std::uint8_t start = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constinit const TileConfiguration configuration;

TCONV_TILES void configure() { _tile_loadconfig(&configuration); }
TCONV_TILES void release() { _tile_release(); }

constexpr int64_t chained_steps = 128;  // sums of so many are added up in the tiles, then apart, against rounding

/// One step, accumulators in tiles 0 to 3. Small products first or last make no difference: an instruction adds up 32
/// products before it rounds its sum to the accumulator.
template <bool half>
TCONV_TILES inline void multiply_step(const char* rows, const TileSide& row_side, const char* columns,
                                      const TileSide& column_side) {
#define TCONV_LOAD_ROWS(part)                                                                    \
  _tile_loadd(4, rows + (part)*row_side.part_bytes, row_side.row_bytes);                         \
  if constexpr (!half) {                                                                         \
    _tile_loadd(5, rows + (part)*row_side.part_bytes + row_side.half_bytes, row_side.row_bytes); \
  }
#define TCONV_LOAD_COLUMNS(part)                                                  \
  _tile_loadd(6, columns + (part)*column_side.part_bytes, column_side.row_bytes); \
  _tile_loadd(7, columns + (part)*column_side.part_bytes + column_side.half_bytes, column_side.row_bytes);
#define TCONV_MULTIPLY       \
  _tile_dpbf16ps(0, 4, 6);   \
  _tile_dpbf16ps(1, 4, 7);   \
  if constexpr (!half) {     \
    _tile_dpbf16ps(2, 5, 6); \
    _tile_dpbf16ps(3, 5, 7); \
  }
  TCONV_LOAD_ROWS(0)
  TCONV_LOAD_COLUMNS(2)
  TCONV_MULTIPLY
  TCONV_LOAD_COLUMNS(1)
  TCONV_MULTIPLY
  TCONV_LOAD_ROWS(1)
  TCONV_MULTIPLY
  TCONV_LOAD_COLUMNS(0)
  TCONV_MULTIPLY
  TCONV_LOAD_ROWS(2)
  TCONV_MULTIPLY
  TCONV_LOAD_ROWS(0)
  TCONV_MULTIPLY
#undef TCONV_LOAD_ROWS
#undef TCONV_LOAD_COLUMNS
#undef TCONV_MULTIPLY
}

template <bool half>
TCONV_TILES void multiply(const TileProduct& product) {
  alignas(64) float apart[tile_rows * tile_columns];
  const auto steps = static_cast<int64_t>(product.steps.size());
  const auto* const rows = static_cast<const char*>(product.rows.at);
  const auto* const columns = static_cast<const char*>(product.columns.at);
  for (int64_t first = 0; first == 0 || first < steps; first += chained_steps) {
    const int64_t last = std::min(steps, first + chained_steps);
    asm volatile("" ::: "memory");  // the tile instructions do not tell the compiler what they read and write
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int64_t step = first; step < last; ++step) {
      multiply_step<half>(rows + step * product.rows_step, product.rows,
                          columns + product.steps[static_cast<std::size_t>(step)], product.columns);
    }
    float* const to = first == 0 && !product.add ? product.results : apart;
    _tile_stored(0, to, 4 * tile_columns);
    _tile_stored(1, to + 16, 4 * tile_columns);
    if constexpr (!half) {
      _tile_stored(2, to + 16 * tile_columns, 4 * tile_columns);
      _tile_stored(3, to + 16 * tile_columns + 16, 4 * tile_columns);
    }
    asm volatile("" ::: "memory");
    if (to == product.results) continue;
    for (int64_t i = 0; i < (half ? 16 : tile_rows) * tile_columns; ++i) product.results[i] += apart[i];
  }
}

}  // namespace

bool matrix_tiles_there() {
  static const bool allowed = ask_for_tiles();
  return allowed && (hwy::SupportedTargets() & HWY_AVX3_DL) != 0;
}

TileUse::TileUse() {
  matrix_tiles_there();  // asks the system
  configure();
}
TileUse::~TileUse() { release(); }

void multiply_tiles(const TileProduct& product) {
  if (product.half) {
    multiply<true>(product);
  } else {
    multiply<false>(product);
  }
}

}  // namespace tconv

#undef TCONV_TILES

#else

#include <cstdlib>

namespace tconv {

bool matrix_tiles_there() { return false; }
TileUse::TileUse() = default;
TileUse::~TileUse() = default;
void multiply_tiles(const TileProduct&) { std::abort(); }

}  // namespace tconv

#endif
