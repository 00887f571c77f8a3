#pragma once
// Draws shapes and words in points into an ImGui window: the figures and the program's own controls alike.

#include <string_view>

#include "figure/figure.h"
#include "ui/fonts.h"

struct ImDrawList;

namespace tconv {

/// Pictures on the graphics card; the window has one over OpenGL, tests have one that does nothing.
class TextureStore {
 public:
  virtual ~TextureStore() = default;
  /// A handle for ImGui's image calls, unsmoothed; valid during this frame. 0 draws nothing.
  virtual std::uintptr_t texture(const Raster& raster) = 0;
  /// Likewise, of a map that lies on the window's device; 0 without such a device and when it fails.
  virtual std::uintptr_t device_texture(const DevicePicture& /*picture*/) { return 0; }
  /// Why the device has failed to draw, one line; empty if it has not.
  virtual std::string trouble() const { return {}; }
};

class Canvas {
 public:
  Canvas(ImDrawList& list, const FontSet& fonts, const TextMetrics& text, TextureStore& textures)
      : list_(list), fonts_(fonts), text_(text), textures_(textures) {}

  const TextMetrics& metrics() const { return text_; }

  void rect(const RectShape& shape, Point offset = {});
  void line(const LineShape& shape, Point offset = {});
  void text(const TextShape& shape, Point offset = {});
  void image(const ImageShape& shape, Point offset = {});
  void circle(Point centre, double radius, Color color);
  void triangle(Point a, Point b, Point c, Color color);

  /// All shapes of a figure, its origin at `offset`; what lies outside `visible` is skipped.
  void figure(const Figure& figure, Point offset, const Rect& visible);

 private:
  ImDrawList& list_;
  const FontSet& fonts_;
  const TextMetrics& text_;
  TextureStore& textures_;
};

}  // namespace tconv
