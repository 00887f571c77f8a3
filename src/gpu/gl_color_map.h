#pragma once
// Numbers on the device become pictures there: nothing is read back to draw a map.

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "gpu/gl_device.h"

namespace tconv {

/// A colour scale as numbers: what figure/color_scale gives, which this does not know.
struct GlColorScale {
  /// Entries of red, green, blue, alpha, the first lowest: 256 of the map (all the middle one if the ends are one
  /// value), then those of NaN, +∞, −∞, under and over, as `ColorScale::table`.
  std::array<std::uint32_t, 261> table{};
  enum class Kind { linear, log, symlog } kind = Kind::linear;
  double low = 0;  ///< the ends; of a log scale both positive
  double high = 1;
  double threshold = 1;                                     ///< of symlog, see ColorScale::threshold
  double under = -std::numeric_limits<double>::infinity();  ///< finite values below are under; of a log scale all that
                                                            ///< are not positive, too
  double over = std::numeric_limits<double>::infinity();    ///< finite values above are over
};

/// A plane of numbers within a buffer.
struct GlPlane {
  std::int64_t first = 0;  ///< its first number, counted from the buffer's begin
  std::int64_t rows = 0;
  std::int64_t cols = 0;
};

/// RGBA8 pixels on the device. To be destroyed while its context is current.
class GlTexture {
 public:
  /// Throws BackendError when it is larger than the driver allows.
  GlTexture(GlDevice& device, int width, int height);
  ~GlTexture();
  GlTexture(const GlTexture&) = delete;
  GlTexture& operator=(const GlTexture&) = delete;

  unsigned name() const { return name_; }
  int width() const { return width_; }
  int height() const { return height_; }
  /// width × height × 4 bytes, row by row: for tests.
  std::vector<std::uint8_t> pixels() const;

 private:
  unsigned name_ = 0;
  int width_;
  int height_;
};

/// Which part of a plane becomes which part of a picture: a level of a tile pyramid has 2ⁿ cells a pixel.
struct GlRegion {
  std::array<std::int64_t, 2> cell{};    ///< x, y: where the first pixel begins
  std::int64_t step = 1;                 ///< cells a pixel, along both axes
  std::array<std::int64_t, 2> pixel{};   ///< x, y: the first one written
  std::array<std::int64_t, 2> pixels{};  ///< how many; those whose cells begin beyond the plane are left as they are
  bool mean = true;  ///< of all step × step cells of the plane, as `rasterize` has it; else of the middle one
};

/// Colours a region. What is drawn afterwards with the texture shows it.
void color_map_on(GlDevice& device, const GlBuffer& values, const GlPlane& plane, const GlColorScale& scale,
                  const GlRegion& region, const GlTexture& to);

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

}  // namespace tconv
