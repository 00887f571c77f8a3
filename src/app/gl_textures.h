#pragma once

#include <epoxy/gl.h>

#include <map>
#include <memory>
#include <string>

#include "gpu/gl_map_pictures.h"
#include "ui/canvas.h"

namespace tconv {

/// Rasters, and maps that lie on the device, as OpenGL textures, kept while they are drawn. For the window's thread,
/// while its context is current.
class GlTextures : public TextureStore {
 public:
  ~GlTextures() override;
  std::uintptr_t texture(const Raster& raster) override;
  std::uintptr_t device_texture(const DevicePicture& picture) override;
  std::string trouble() const override { return trouble_; }
  /// Frees what was not asked for since the last call; once a frame.
  void end_frame();

 private:
  struct Entry {
    GLuint name = 0;
    bool used = true;
  };
  std::map<std::uint64_t, Entry> entries_;
  std::unique_ptr<GlMapPictures> maps_;  ///< once there is a first one
  std::string trouble_;
};

}  // namespace tconv
