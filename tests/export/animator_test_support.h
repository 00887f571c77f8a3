#pragma once
// Small animations, and the animators by name.

#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "export/animation.h"
#include "support/temp_dir.h"

namespace tconv {

inline Animator animator_of(std::string_view id) {
  for (const Animator& animator : listed_animators()) {
    if (animator.id == id) return animator;
  }
  ADD_FAILURE() << "no animator " << id;
  return {};
}

using Pictures = std::vector<std::shared_ptr<const Raster>>;

inline FrameSource source_of(Pictures pictures) {
  const auto count = static_cast<std::int64_t>(pictures.size());
  return {count, [pictures = std::move(pictures)](std::int64_t i) { return pictures.at(static_cast<std::size_t>(i)); }};
}

inline std::shared_ptr<Raster> plain_picture(int width, int height, Color color) {
  const std::shared_ptr<Raster> raster = blank_raster(width, height);
  for (std::size_t i = 0; i < raster->rgba.size(); i += 4) {
    const std::array<std::uint8_t, 4> pixel{color.r, color.g, color.b, color.a};
    std::copy(pixel.begin(), pixel.end(), raster->rgba.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return raster;
}

inline void put(Raster& raster, int left, int top, int width, int height, Color color) {
  for (int y = top; y < top + height; ++y) {
    for (int x = left; x < left + width; ++x) {
      std::uint8_t* const p = raster.rgba.data() + (static_cast<std::ptrdiff_t>(y) * raster.width + x) * 4;
      p[0] = color.r;
      p[1] = color.g;
      p[2] = color.b;
      p[3] = color.a;
    }
  }
}

inline Color color_at(const Raster& raster, int x, int y) {
  const std::uint8_t* const p = raster.rgba.data() + (static_cast<std::ptrdiff_t>(y) * raster.width + x) * 4;
  return {p[0], p[1], p[2], p[3]};
}

/// A square that moves over a ground with a few shades.
inline Pictures moving_square(int count, int width = 70, int height = 41) {
  Pictures pictures;
  for (int i = 0; i < count; ++i) {
    const auto raster = plain_picture(width, height, rgb(0x1f2430));
    for (int x = 0; x < width; ++x) put(*raster, x, 30, 1, 4, rgb(0x102030 + static_cast<std::uint32_t>(x) * 0x010202));
    put(*raster, 4 + i * 5, 6, 9, 9, rgb(0xff9d45));
    pictures.push_back(raster);
  }
  return pictures;
}

/// All files below a folder, by name.
inline std::map<std::string, std::string> files_in(const TempDir& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    files[entry.path().filename().string()] = file_bytes(entry.path());
  }
  return files;
}

}  // namespace tconv
