#pragma once
// The built-in fonts in ImGui's atlas, at every size of the type scale, so that text is crisp at any display scale.

#include <array>
#include <map>

#include "figure/text_metrics.h"

struct ImFont;

namespace tconv {

class FontSet {
 public:
  /// Builds the atlas of the current ImGui context for `scale` pixels a point; call again when the scale changes (then
  /// the renderer's font texture has to be made anew).
  void build(double scale, const TextMetrics& text);
  /// The font rasterized at the size of the type scale that is nearest to `size`, and the size that ImGui knows it by:
  /// its sizes are a font's box, the program's are the em.
  struct Sized {
    ImFont* font;
    float imgui_size;
  };
  Sized at(Font font, double size) const;
  double scale() const { return scale_; }

 private:
  double scale_ = 0;
  std::array<std::map<double, ImFont*>, font_count> fonts_;
  std::array<double, font_count> box_{};  // height of the box, em
};

}  // namespace tconv
