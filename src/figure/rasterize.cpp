#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <vector>

#include "figure/cell_spans.h"
#include "figure/color_map.h"
#include "figure/color_scale.h"

namespace tconv {

// Cells to pixels: the hot path of live maps. What depends only on a pixel's column or only on its row is worked out
// once; the loops over cells add floats of one row to another, which compilers vectorize.

std::shared_ptr<Raster> blank_raster(int width, int height) {
  static std::atomic<std::uint64_t> last_id{0};
  auto raster = std::make_shared<Raster>();
  raster->width = std::max(width, 0);
  raster->height = std::max(height, 0);
  raster->rgba.resize(static_cast<std::size_t>(raster->width) * static_cast<std::size_t>(raster->height) * 4);
  raster->id = ++last_id;
  return raster;
}

namespace {

void add_row(std::span<float> sum, const float* row, float weight) {
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * row[i];
}

// Four rows at a time: the sum is loaded and stored once for all of them.
void add_rows(std::span<float> sum, const float* row, std::size_t stride, float weight) {
  const float* b = row + stride;
  const float* c = b + stride;
  const float* d = c + stride;
  for (std::size_t i = 0; i < sum.size(); ++i)
    sum[i] += (weight * row[i] + weight * b[i]) + (weight * c[i] + weight * d[i]);
}

// Draws one plane's averages, one row of pixels after the other.
class Sampler {
 public:
  Sampler(const PlaneView& plane, const Rect& window, int width, int height)
      : plane_(plane),
        columns_(cell_spans(window.x, window.w, width, static_cast<double>(plane.cols))),
        rows_(cell_spans(window.y, window.h, height, static_cast<double>(plane.rows))),
        line_(static_cast<std::size_t>(width)) {
    const auto inside = [](const CellSpan& span) { return span.count > 0; };
    const auto first = std::find_if(columns_.begin(), columns_.end(), inside);
    if (first == columns_.end()) return;
    const auto last = std::find_if(columns_.rbegin(), columns_.rend(), inside);
    begin_ = static_cast<std::size_t>(first - columns_.begin());
    end_ = static_cast<std::size_t>(columns_.rend() - last);
    first_cell_ = first->first;
    single_ = std::all_of(columns_.begin(), columns_.end(), [](const CellSpan& span) { return span.count <= 1; });
    sum_.resize(static_cast<std::size_t>(last->first + last->count - first_cell_));
  }

  /// The pixels inside the plane: those of columns begin() … end() - 1 in rows that are not `outside`.
  std::size_t begin() const { return begin_; }
  std::size_t end() const { return end_; }
  bool outside(int y) const { return row(y).count == 0; }
  /// Whether pixels of this row are averages of several cells.
  bool averages(int y) const { return !single_ || row(y).count > 1; }
  bool same_as_above(int y) const { return y > 0 && row(y) == row(y - 1); }

  /// The averages of one row of pixels, indexed by column.
  const float* line(int y) {
    const float* cells = row_average(row(y));
    for (std::size_t x = begin_; x < end_; ++x) {
      const CellSpan& span = columns_[x];
      const float* at = cells + (span.first - first_cell_);
      line_[x] = single_ || span.count == 1 ? *at : average(at, span);
    }
    return line_.data();
  }

 private:
  const CellSpan& row(int y) const { return rows_[static_cast<std::size_t>(y)]; }
  const float* cells_of(std::int64_t row) const { return plane_.values.data() + row * plane_.cols + first_cell_; }

  static float average(const float* cells, const CellSpan& span) {
    double sum = span.first_weight * static_cast<double>(cells[0]);
    double middle = 0;
    for (std::int64_t i = 1; i + 1 < span.count; ++i) middle += static_cast<double>(cells[i]);
    sum += span.weight * middle;
    return static_cast<float>(sum + span.last_weight * static_cast<double>(cells[span.count - 1]));
  }

  const float* row_average(const CellSpan& span) {
    if (span.count == 1) return cells_of(span.first);
    const auto stride = static_cast<std::size_t>(plane_.cols);
    const auto weight = static_cast<float>(span.weight);
    std::fill(sum_.begin(), sum_.end(), 0.0F);
    add_row(sum_, cells_of(span.first), static_cast<float>(span.first_weight));
    const std::int64_t last = span.first + span.count - 1;
    std::int64_t r = span.first + 1;
    for (; r + 4 <= last; r += 4) add_rows(sum_, cells_of(r), stride, weight);
    for (; r < last; ++r) add_row(sum_, cells_of(r), weight);
    add_row(sum_, cells_of(last), static_cast<float>(span.last_weight));
    return sum_.data();
  }

  PlaneView plane_;
  std::vector<CellSpan> columns_;
  std::vector<CellSpan> rows_;
  std::vector<float> line_;
  std::vector<float> sum_;  // of the rows in one pixel, for the cells from first_cell_ on
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::int64_t first_cell_ = 0;
  bool single_ = true;
};

// Entry of the table of 256 colours with NaN's after them. `value - low` is taken in double: it cannot overflow.
void to_entries(const float* values, std::size_t count, double low, double scale, std::int32_t* entries) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(values[i]);
    double t = (value - low) * scale + 0.5;
    t = t > 0.5 ? t : 0.5;
    t = t < 255.5 ? t : 255.5;
    entries[i] = value == value ? static_cast<std::int32_t>(t) : 256;
  }
}

// Calls `draw(y, pixels)` for each row inside the plane, with the place of its first pixel inside; a row that shows
// the same cells as the one above it is copied.
template <typename Draw>
void draw_rows(Raster& raster, const Sampler& sampler, Draw draw) {
  const std::size_t row_bytes = static_cast<std::size_t>(raster.width) * 4;
  if (sampler.begin() == sampler.end()) return;
  for (int y = 0; y < raster.height; ++y) {
    if (sampler.outside(y)) continue;
    std::uint8_t* row = raster.rgba.data() + static_cast<std::size_t>(y) * row_bytes;
    if (sampler.same_as_above(y)) {
      std::memcpy(row, row - row_bytes, row_bytes);
    } else {
      draw(y, row + sampler.begin() * 4);
    }
  }
}

/// Draws a plane with a table of colours; `entries_of(values, count, averaged, entries)` chooses from it.
template <std::size_t size, typename EntriesOf>
std::shared_ptr<const Raster> colored(const PlaneView& plane, const Rect& window, int width, int height,
                                      const std::array<Color, size>& table, EntriesOf entries_of) {
  auto raster = blank_raster(width, height);
  if (raster->rgba.empty()) return raster;
  Sampler sampler(plane, window, width, height);
  std::vector<std::int32_t> entries(static_cast<std::size_t>(width));
  draw_rows(*raster, sampler, [&](int y, std::uint8_t* pixels) {
    const std::size_t count = sampler.end() - sampler.begin();
    entries_of(sampler.line(y) + sampler.begin(), count, sampler.averages(y), entries.data());
    static_assert(sizeof(Color) == 4);
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(pixels + i * 4, &table[static_cast<std::size_t>(entries[i])], 4);
    }
  });
  return raster;
}

}  // namespace

std::shared_ptr<const Raster> rasterize(const PlaneView& plane, const Rect& window, int width, int height,
                                        const ColorMap& map, const ValueRange& range) {
  std::array<Color, 257> table{};
  const bool constant = range.low == range.high;
  for (std::size_t i = 0; i < 256; ++i) table[i] = constant ? map.at(0.5) : map.colors[i];
  table[256] = nan_color;
  const double scale = constant ? 0 : 255 / (range.high - range.low);
  return colored(plane, window, width, height, table,
                 [&](const float* values, std::size_t count, bool /*averaged*/, std::int32_t* entries) {
                   to_entries(values, count, range.low, scale, entries);
                 });
}

std::shared_ptr<const Raster> rasterize(const PlaneView& plane, const Rect& window, int width, int height,
                                        const ColorScale& scale) {
  return colored(plane, window, width, height, scale.table(),
                 [&](const float* values, std::size_t count, bool averaged, std::int32_t* entries) {
                   scale.entries(values, count, averaged, entries);
                 });
}

std::shared_ptr<const Raster> rasterize_rgb(const std::array<PlaneView, 3>& planes, const Rect& window, int width,
                                            int height, const ValueRange& range) {
  auto raster = blank_raster(width, height);
  if (raster->rgba.empty()) return raster;
  std::array<Sampler, 3> samplers{Sampler(planes[0], window, width, height), Sampler(planes[1], window, width, height),
                                  Sampler(planes[2], window, width, height)};
  std::array<std::vector<std::int32_t>, 3> entries;
  for (auto& row : entries) row.resize(static_cast<std::size_t>(width));
  const double scale = range.high > range.low ? 255 / (range.high - range.low) : 0;
  draw_rows(*raster, samplers[0], [&](int y, std::uint8_t* pixels) {
    const std::size_t begin = samplers[0].begin();
    const std::size_t count = samplers[0].end() - begin;
    for (std::size_t c = 0; c < 3; ++c) {
      to_entries(samplers[c].line(y) + begin, count, range.low, scale, entries[c].data());
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::int32_t r = entries[0][i];
      const std::int32_t g = entries[1][i];
      const std::int32_t b = entries[2][i];
      const Color color = std::max({r, g, b}) > 255 ? nan_color
                                                    : Color{static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g),
                                                            static_cast<std::uint8_t>(b)};
      std::memcpy(pixels + i * 4, &color, 4);
    }
  });
  return raster;
}

}  // namespace tconv
