#include "gpu/gl_color_map.h"

#include <epoxy/gl.h>

#include <bit>
#include <cmath>
#include <limits>

#include "compute/backend.h"
#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;

/// The float that a shader compares with instead of a double, for values that are floats: no value lies between them.
float bound(double value, bool below) {
  const auto near = static_cast<float>(value);
  if (below && static_cast<double>(near) < value) return std::nextafter(near, INFINITY);
  if (!below && static_cast<double>(near) > value) return std::nextafter(near, -INFINITY);
  return near;
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

void color_map_on(GlDevice& device, const GlBuffer& values, const ColorScale& scale, bool averaged,
                  const GlTexture& to) {
  const auto program = device.shaders().program("color_map", {{"KIND", static_cast<int>(scale.kind())}});
  const double first = scale.transformed(scale.range().low);
  const double each = 255 / (scale.transformed(scale.range().high) - first);
  const auto nearest = static_cast<float>(first);
  program->set(0, to.width(), to.height());
  program->set(1, nearest, static_cast<float>(first - static_cast<double>(nearest)));
  // Of very small ranges more than a float holds: in two factors.
  const double root = std::exp2(std::floor(std::log2(each) / 2));
  program->set(2, scale.constant() ? 0.0F : static_cast<float>(root), static_cast<float>(each / root));
  const auto [under, over] = scale.bounds(averaged);
  const bool log = scale.kind() == ScaleKind::log;
  // Shaders may take what is smaller than the smallest normal number for 0.
  const float below = bound(under, true);
  program->set(3, log ? std::max(std::numeric_limits<float>::min(), below) : below, bound(over, false));
  program->set(4, static_cast<float>(log ? scale.range().low : scale.threshold()));
  const auto colors = scale.table();
  static_assert(std::endian::native == std::endian::little && sizeof(Color) == 4, "the shader finds red lowest");
  const GlBuffer table = device.make_buffer(static_cast<int64_t>(sizeof(colors)), colors.data());
  device.bind_storage(0, values);
  device.bind_storage(1, table);
  glBindImageTexture(0, to.name(), 0, GL_FALSE, 0, GL_WRITE_ONLY, GL_RGBA8);
  glMemoryBarrier(GL_SHADER_IMAGE_ACCESS_BARRIER_BIT);  // the frame before may still draw from it
  device.dispatch(*program, ceil_div(to.width(), 16), ceil_div(to.height(), 8), 1);
  glMemoryBarrier(GL_TEXTURE_FETCH_BARRIER_BIT);
}

}  // namespace tconv
