#include "gpu/gl_color_map.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>
#include <vector>

#include "compute/backend.h"
#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;

int small(int64_t value) { return static_cast<int>(value); }

double transformed(const GlColorScale& scale, double value) {
  if (scale.kind == GlColorScale::Kind::linear) return value;
  if (scale.kind == GlColorScale::Kind::log) return std::log(value);
  const double magnitude = std::log10(1 + std::abs(value) / scale.threshold);
  return value < 0 ? -magnitude : magnitude;
}

/// The float that a shader compares with instead of a double, for values that are floats: no value lies between them.
float bound(double value, bool below) {
  const auto near = static_cast<float>(value);
  if (below && static_cast<double>(near) < value) return std::nextafter(near, INFINITY);
  if (!below && static_cast<double>(near) > value) return std::nextafter(near, -INFINITY);
  return near;
}

/// What a shader compares with. Averaging may move values beyond an end by a hundred thousandth: that is not under or
/// over.
std::pair<float, float> ends_of(const GlColorScale& scale, bool averaged) {
  const double rounding = averaged ? 1e-5 : 0;
  const double largest = std::max(std::abs(scale.low), std::abs(scale.high));
  const bool log = scale.kind == GlColorScale::Kind::log;
  const double under = scale.under - rounding * (log ? scale.low : largest);
  const double over = scale.over + rounding * largest;
  // Shaders may take what is smaller than the smallest normal number for 0.
  constexpr float smallest = std::numeric_limits<float>::min();
  return {log ? std::max(smallest, bound(under, true)) : bound(under, true), bound(over, false)};
}

}  // namespace

GlTexture::GlTexture(GlDevice& device, int width, int height) : width_(width), height_(height) {
  const int most = device.limits().texture_side;
  if (width < 1 || height < 1 || width > most || height > most) {
    throw BackendError("the GPU's pictures have 1 to " + std::to_string(most) + " pixels a side");
  }
  device.check("before making a picture");
  glGenTextures(1, &name_);
  glBindTexture(GL_TEXTURE_2D, name_);
  glTexStorage2D(GL_TEXTURE_2D, 1, GL_RGBA8, width, height);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
  glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
  try {
    device.check("making a picture");
  } catch (const BackendError&) {
    glDeleteTextures(1, &name_);
    throw;
  }
}

GlTexture::~GlTexture() { glDeleteTextures(1, &name_); }

std::vector<std::uint8_t> GlTexture::pixels() const {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) * 4);
  glMemoryBarrier(GL_TEXTURE_UPDATE_BARRIER_BIT);
  glBindTexture(GL_TEXTURE_2D, name_);
  glPixelStorei(GL_PACK_ALIGNMENT, 4);
  glGetTexImage(GL_TEXTURE_2D, 0, GL_RGBA, GL_UNSIGNED_BYTE, bytes.data());
  return bytes;
}

void color_map_on(GlDevice& device, const GlBuffer& values, const GlPlane& plane, const GlColorScale& scale,
                  const GlRegion& region, const GlTexture& to) {
  // Pixels that stand for cells beyond the plane have none to show.
  std::array<int64_t, 2> pixels{};
  const std::array<int64_t, 2> cells{plane.cols, plane.rows};
  for (std::size_t i = 0; i < 2; ++i) {
    pixels[i] = std::min(region.pixels[i], ceil_div(std::max<int64_t>(0, cells[i] - region.cell[i]), region.step));
  }
  if (pixels[0] < 1 || pixels[1] < 1) return;
  const auto program = device.shaders().program(
      "color_map", {{"KIND", static_cast<int>(scale.kind)}, {"MEAN", region.mean && region.step > 1 ? 1 : 0}});
  const double first = transformed(scale, scale.low);
  const double span = transformed(scale, scale.high) - first;
  const auto nearest = static_cast<float>(first);
  program->set(0, small(plane.first), small(plane.rows), small(plane.cols));
  program->set(1, small(region.cell[0]), small(region.cell[1]));
  program->set(2, small(region.step));
  program->set(3, small(region.pixel[0]), small(region.pixel[1]));
  program->set(4, small(pixels[0]), small(pixels[1]));
  program->set(5, nearest, static_cast<float>(first - static_cast<double>(nearest)));
  program->set(6, span > 0 && std::isfinite(255 / span) ? static_cast<float>(255 / span) : 0.0F);
  const auto [under, over] = ends_of(scale, region.mean && region.step > 1);
  program->set(7, under, over);
  program->set(8, static_cast<float>(scale.kind == GlColorScale::Kind::log ? scale.low : scale.threshold), 0.0F);
  const GlBuffer table = device.make_buffer(static_cast<int64_t>(sizeof(scale.table)), scale.table.data());
  device.bind_storage(0, values);
  device.bind_storage(1, table);
  glBindImageTexture(0, to.name(), 0, GL_FALSE, 0, GL_WRITE_ONLY, GL_RGBA8);
  device.dispatch(*program, ceil_div(pixels[0], 16), ceil_div(pixels[1], 8), 1);
  glMemoryBarrier(GL_TEXTURE_FETCH_BARRIER_BIT);
}

GlValueRange value_range_on(GlDevice& device, const GlBuffer& values, int64_t first, int64_t count) {
  std::array<std::uint32_t, 5> found{0xffffffffU, 0, 0, 0, 0};
  const GlBuffer result = device.make_buffer(static_cast<int64_t>(sizeof(found)), found.data());
  const auto program = device.shaders().program("value_range", {});
  program->set(0, small(first), small(count));
  device.bind_storage(0, values);
  device.bind_storage(3, result);
  constexpr int64_t groups_at_most = 1024;  // each adds to the same few numbers
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

}  // namespace tconv
