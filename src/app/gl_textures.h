#pragma once

#include <epoxy/gl.h>

#include <map>

#include "ui/canvas.h"

namespace tconv {

/// Rasters as OpenGL textures, kept while they are drawn.
class GlTextures : public TextureStore {
 public:
  ~GlTextures() override;
  std::uintptr_t texture(const Raster& raster) override;
  /// Frees what was not asked for since the last call; once a frame.
  void end_frame();

 private:
  struct Entry {
    GLuint name = 0;
    bool used = true;
  };
  std::map<std::uint64_t, Entry> entries_;
};

}  // namespace tconv
