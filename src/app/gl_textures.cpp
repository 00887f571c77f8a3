#include "app/gl_textures.h"

#include "compute/backend.h"

namespace tconv {

GlTextures::~GlTextures() {
  for (const auto& [id, entry] : entries_) glDeleteTextures(1, &entry.name);
}

std::uintptr_t GlTextures::texture(const Raster& raster) {
  Entry& entry = entries_[raster.id];
  entry.used = true;
  if (entry.name == 0) {
    glGenTextures(1, &entry.name);
    glBindTexture(GL_TEXTURE_2D, entry.name);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
    glPixelStorei(GL_UNPACK_ALIGNMENT, 4);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, raster.width, raster.height, 0, GL_RGBA, GL_UNSIGNED_BYTE,
                 raster.rgba.data());
  }
  return entry.name;
}

std::uintptr_t GlTextures::device_texture(const DevicePicture& picture) {
  if (!trouble_.empty()) return 0;
  try {
    if (maps_ == nullptr) maps_ = std::make_unique<GlMapPictures>();
    return maps_->texture(picture);
  } catch (const BackendError& error) {
    trouble_ = error.what();
    return 0;
  }
}

void GlTextures::end_frame() {
  if (maps_ != nullptr) maps_->end_frame();
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    if (entry->second.used) {
      entry->second.used = false;
      ++entry;
    } else {
      glDeleteTextures(1, &entry->second.name);
      entry = entries_.erase(entry);
    }
  }
}

}  // namespace tconv
