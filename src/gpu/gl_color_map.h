#pragma once
// Numbers on the device become pictures there: nothing is read back to draw a map.

#include <cstdint>
#include <vector>

#include "figure/color_scale.h"
#include "gpu/gl_device.h"

namespace tconv {

/// RGBA8 pixels on the device, undefined until they are written. To be destroyed while its context is current.
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

/// Colours width × height numbers, row by row. `averaged`: see ColorScale::entries. What is drawn afterwards with the
/// texture shows them.
void color_map_on(GlDevice& device, const GlBuffer& values, const ColorScale& scale, bool averaged,
                  const GlTexture& to);

}  // namespace tconv
