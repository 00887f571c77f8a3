#pragma once
// Maps that lie on the device: what pictures of them and scales for them need.

#include <cstdint>
#include <span>
#include <vector>

#include "figure/cell_spans.h"
#include "gpu/gl_device.h"

namespace tconv {

/// A part of a map: rows × cols cells in a buffer of their own, row by row.
struct GlMapPiece {
  const GlBuffer* values = nullptr;
  std::int64_t first_row = 0;
  std::int64_t first_col = 0;
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

/// For each pixel the cell, or the mean of the cells, that its spans name: rows.size() × columns.size() floats. NaN if
/// one of them is NaN or both infinities are among them, an infinity if one is; 0 where there is no cell. Throws
/// BackendError.
GlBuffer map_means_on(GlDevice& device, std::span<const GlMapPiece> pieces, const std::vector<CellSpan>& columns,
                      const std::vector<CellSpan>& rows);

/// What a colour scale must know; reads back 20 bytes.
struct GlValueRange {
  double low = 0;  ///< of the finite values; both 0 when there is none
  double high = 0;
  std::int64_t nan = 0;
  std::int64_t plus_infinity = 0;
  std::int64_t minus_infinity = 0;
  bool any_finite = false;
};
GlValueRange value_range_on(GlDevice& device, const GlBuffer& values, std::int64_t first, std::int64_t count);

/// Adds to `bins` how many of the first `count` values, of the finite ones, lie in each of `value_bins` equal parts of
/// low … high; what lies beyond counts with the nearest, and with the first when both ends are one value.
inline constexpr int value_bins = 4096;
void value_bins_on(GlDevice& device, const GlBuffer& values, std::int64_t count, double low, double high,
                   std::vector<std::int64_t>& bins);

}  // namespace tconv
