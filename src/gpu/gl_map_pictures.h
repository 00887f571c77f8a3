#pragma once
// Parts of large maps as textures of a window, drawn from where the device has them.

#include <memory>
#include <vector>

#include "figure/device_picture.h"
#include "gpu/gl_color_map.h"
#include "gpu/gl_large_map.h"

namespace tconv {

/// For the window's thread, while its context is current; that of the maps shares objects with it.
class GlMapPictures {
 public:
  explicit GlMapPictures(GlDeviceOptions options = {});

  /// A texture's name, valid during this frame. Pictures stay while they are asked for. Throws BackendError, also for
  /// maps of another device.
  unsigned texture(const DevicePicture& picture);
  /// Frees what was not asked for since the last call; once a frame.
  void end_frame();

 private:
  struct Entry {
    DevicePicture picture;
    std::unique_ptr<GlTexture> texture;
    bool used = false;
  };
  void draw(const DevicePicture& picture, const GlTexture& to);

  GlDevice device_;
  std::vector<Entry> entries_;
  std::weak_ptr<GlMapYard> yard_;  ///< of the last map
};

}  // namespace tconv
