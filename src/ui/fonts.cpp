#include "ui/fonts.h"

#include <cmath>

#include "figure/layout.h"
#include "files/embedded.h"
#include "ui/imgui_compat.h"

namespace tconv {
namespace {

// Latin with its supplements, dashes and quotes, arrows, and the signs that formulas use.
constexpr std::array<ImWchar, 23> text_ranges{0x20,   0xff,   0x0131, 0x0131, 0x2010, 0x2026, 0x2032, 0x2033,
                                              0x2070, 0x209c, 0x2190, 0x2195, 0x2202, 0x221e, 0x2248, 0x2248,
                                              0x2260, 0x2265, 0x22c5, 0x22c5, 0x2713, 0x2717, 0};
// What Inter and JetBrains Mono may lack.
constexpr std::array<ImWchar, 13> fallback_ranges{0x2070, 0x209c, 0x2190, 0x22ff, 0x2308, 0x230b, 0x25a0,
                                                  0x25ff, 0x2713, 0x2717, 0x27e8, 0x27e9, 0};

ImFont* add(std::string_view file, float pixels, const ImWchar* ranges, bool merge) {
  const auto data = embedded_file(file);
  if (!data) return nullptr;
  ImFontConfig config;
  config.FontDataOwnedByAtlas = false;  // the bytes are part of the program
  config.MergeMode = merge;
  config.OversampleH = pixels > 24 ? 1 : 2;
  config.OversampleV = 1;
  // ImGui takes a pointer to mutable bytes for its own ownership rules and does not write to them.
  return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<char*>(data->data()), static_cast<int>(data->size()),
                                                    pixels, &config, ranges);
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
    box_[static_cast<std::size_t>(f)] = text.box_height(font, 1);
    if (compat::dynamic_fonts) {
      ImFont* any = add(font_file(font), 13, nullptr, false);
      add(fallback_font_file(), 13, nullptr, true);
      for (const double size : type_sizes()) sizes[size] = any;
      continue;
    }
    for (const double size : type_sizes()) {
      const bool words = font == Font::regular || font == Font::semibold;
      if (words && (size < 11 || size > 20)) continue;  // only numbers come as small or as large
      sizes[size] =
          add(font_file(font), static_cast<float>(text.box_height(font, size * scale)), text_ranges.data(), false);
      add(fallback_font_file(), static_cast<float>(text.fallback_box_height(size * scale)), fallback_ranges.data(),
          true);
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
