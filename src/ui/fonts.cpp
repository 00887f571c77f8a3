#include "ui/fonts.h"

#include <cmath>

#include "figure/layout.h"
#include "files/embedded.h"
#include "ui/imgui_compat.h"

namespace tconv {
namespace {

// Latin with its supplements, dashes and quotes, arrows, and the signs that formulas use.
constexpr std::array<ImWchar, 31> text_ranges{0x20,   0xff,   0x0131, 0x0131, 0x03c0, 0x03c0, 0x03c6, 0x03c6,
                                              0x03c9, 0x03c9, 0x2010, 0x2026, 0x2032, 0x2033, 0x2070, 0x209c,
                                              0x2190, 0x2195, 0x2202, 0x221e, 0x2248, 0x2248, 0x2260, 0x2265,
                                              0x22c5, 0x22c5, 0x2308, 0x230b, 0x2713, 0x2717, 0};
// What Inter and JetBrains Mono may lack.
constexpr std::array<ImWchar, 21> fallback_ranges{0x03c0, 0x03c0, 0x03c6, 0x03c6, 0x03c9, 0x03c9, 0x1d40,
                                                  0x1d40, 0x2070, 0x209c, 0x2190, 0x22ff, 0x2308, 0x230b,
                                                  0x25a0, 0x25ff, 0x2713, 0x2717, 0x27e8, 0x27e9, 0};

/// `box`: height of the glyphs' box, in pixels; `into`: of the font that this one is merged into, 0 for a new font.
ImFont* add(ImFontConfig config, std::string_view file, double box, double into, const ImWchar* ranges) {
  const auto data = embedded_file(file);
  if (!data) return nullptr;
  config.FontDataOwnedByAtlas = false;  // the bytes are part of the program
  config.MergeMode = into > 0;
  config.OversampleH = box > 24 ? 1 : 2;
  config.OversampleV = 1;
  const float size = compat::exact_size(config, static_cast<float>(box), static_cast<float>(into > 0 ? into : box));
  // ImGui takes a pointer to mutable bytes for its own ownership rules and does not write to them.
  return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<char*>(data->data()), static_cast<int>(data->size()),
                                                    size, &config, ranges);
}

/// One font for all sizes, with glyphs as large as the type size says; returns the ratio of ImGui's sizes to those.
double add_dynamic(Font font, const TextMetrics& text, ImFont*& added) {
  constexpr double any_size = 13;
  const double box = text.box_height(font, 1);
  ImFontConfig own;
  ImFontConfig lent;
  const bool exact = compat::set_box_ratio(own, static_cast<float>(box)) &&
                     compat::set_box_ratio(lent, static_cast<float>(text.fallback_box_height(1)));
  added = add(own, font_file(font), any_size, 0, nullptr);
  add(lent, fallback_font_file(), any_size, any_size, nullptr);
  return exact ? 1 : box;
}

}  // namespace

void FontSet::build(double scale, const TextMetrics& text) {
  scale_ = scale;
  ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
  atlas.Clear();
  for (int f = 0; f < font_count; ++f) {
    auto& sizes = fonts_[static_cast<std::size_t>(f)];
    sizes.clear();
    const auto font = static_cast<Font>(f);
    double& box = box_[static_cast<std::size_t>(f)];
    if (compat::dynamic_fonts) {
      ImFont* any = nullptr;
      box = add_dynamic(font, text, any);
      for (const double size : type_sizes()) sizes[size] = any;
      continue;
    }
    box = text.box_height(font, 1);
    for (const double size : type_sizes()) {
      const bool words = font == Font::regular || font == Font::semibold;
      if (words && (size < 11 || size > 20)) continue;  // only numbers come as small or as large
      const double pixels = text.box_height(font, size * scale);
      sizes[size] = add({}, font_file(font), pixels, 0, text_ranges.data());
      add({}, fallback_font_file(), text.fallback_box_height(size * scale), pixels, fallback_ranges.data());
    }
  }
  compat::build_atlas(atlas);
}

FontSet::Sized FontSet::at(Font font, double size) const {
  const auto& sizes = fonts_[static_cast<std::size_t>(font)];
  auto found = sizes.lower_bound(size - 0.01);
  if (found == sizes.end()) found = std::prev(sizes.end());
  return {found->second, static_cast<float>(size * box_[static_cast<std::size_t>(font)])};
}

}  // namespace tconv
