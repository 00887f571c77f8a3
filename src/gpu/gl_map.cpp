#include "gpu/gl_map.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "compute/backend.h"
#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t groups_at_most = 1024;  // of those that add to the same few numbers

/// As shaders/map_means.comp has it.
struct GpuSpan {
  std::int32_t first;
  std::int32_t count;
  float first_weight;
  float weight;
  float last_weight;
};
static_assert(sizeof(GpuSpan) == 20);

GlBuffer uploaded_spans(GlDevice& device, const std::vector<CellSpan>& spans) {
  std::vector<GpuSpan> copy;
  copy.reserve(spans.size());
  for (const CellSpan& span : spans) {
    copy.push_back({small(span.first), small(span.count), static_cast<float>(span.first_weight),
                    static_cast<float>(span.weight), static_cast<float>(span.last_weight)});
  }
  return device.make_buffer(static_cast<int64_t>(copy.size() * sizeof(GpuSpan)), copy.data());
}

}  // namespace

GlBuffer map_means_on(GlDevice& device, std::span<const GlMapPiece> pieces, const std::vector<CellSpan>& columns,
                      const std::vector<CellSpan>& rows) {
  const auto width = static_cast<int64_t>(columns.size());
  const auto height = static_cast<int64_t>(rows.size());
  GlBuffer pixels = device.make_buffer(width * height * int64_t{sizeof(float)});
  device.clear(pixels);
  if (width == 0 || height == 0) return pixels;
  const GlBuffer column_spans = uploaded_spans(device, columns);
  const GlBuffer row_spans = uploaded_spans(device, rows);
  const auto program = device.shaders().program("map_means", {});
  program->set(1, small(width), small(height));
  device.bind_storage(1, column_spans);
  device.bind_storage(2, row_spans);
  device.bind_storage(3, pixels);
  for (const GlMapPiece& piece : pieces) {
    program->set(0, small(piece.first_col), small(piece.first_row), small(piece.cols), small(piece.rows));
    device.bind_storage(0, *piece.values);
    device.dispatch(*program, ceil_div(width, 16), ceil_div(height, 8), 1);
  }
  return pixels;
}

GlValueRange value_range_on(GlDevice& device, const GlBuffer& values, int64_t first, int64_t count) {
  std::array<std::uint32_t, 5> found{0xffffffffU, 0, 0, 0, 0};
  const GlBuffer result = device.make_buffer(static_cast<int64_t>(sizeof(found)), found.data());
  const auto program = device.shaders().program("value_range", {});
  program->set(0, small(first), small(count));
  device.bind_storage(0, values);
  device.bind_storage(3, result);
  device.dispatch(*program, std::clamp<int64_t>(ceil_div(count, 256), 1, groups_at_most), 1, 1);
  device.read(result, 0, static_cast<int64_t>(sizeof(found)), found.data());
  const auto value_of = [](std::uint32_t ordered) {
    const std::uint32_t bits = (ordered & 0x80000000U) != 0 ? ordered & 0x7fffffffU : ~ordered;
    return static_cast<double>(std::bit_cast<float>(bits));
  };
  GlValueRange range{.nan = found[2], .plus_infinity = found[3], .minus_infinity = found[4]};
  range.any_finite = found[0] <= found[1];
  if (range.any_finite) {
    range.low = value_of(found[0]);
    range.high = value_of(found[1]);
  }
  return range;
}

void value_bins_on(GlDevice& device, const GlBuffer& values, int64_t count, double low, double high,
                   std::vector<int64_t>& bins) {
  const auto program = device.shaders().program("value_bins", {{"BINS", value_bins}});
  std::vector<std::uint32_t> counts(value_bins);
  const GlBuffer found = device.make_buffer(int64_t{value_bins} * 4, counts.data());
  const double each = value_bins / (high - low);
  program->set(0, small(count));
  program->set(1, static_cast<float>(low));
  // Of very small ranges more than a float holds: in two factors.
  const double root = std::isfinite(each) ? std::exp2(std::floor(std::log2(each) / 2)) : 0;
  program->set(2, static_cast<float>(root), root > 0 ? static_cast<float>(each / root) : 0.0F);
  device.bind_storage(0, values);
  device.bind_storage(3, found);
  device.dispatch(*program, std::clamp<int64_t>(ceil_div(count, 4096), 1, groups_at_most), 1, 1);
  device.read(found, 0, int64_t{value_bins} * 4, counts.data());
  bins.resize(value_bins);
  for (std::size_t i = 0; i < bins.size(); ++i) bins[i] += counts[i];
}

}  // namespace tconv
