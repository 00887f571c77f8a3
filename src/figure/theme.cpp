#include "figure/theme.h"

namespace tconv {

const Theme& dark_theme() {
  static constexpr Theme theme{
      .id = "dark",
      .background = rgb(0x0f1218),
      .panel = rgb(0x151a22),
      .surface = rgb(0x202734),
      .border = rgb(0x2a3240),
      .track = rgb(0x2a3240),
      .text = rgb(0xe6e9ef),
      .muted = rgb(0x939bab),
      .faint = rgb(0x4a5366),
      .input = rgb(0x5aa9ff),
      .input_text = rgb(0x6fb4ff),
      .kernel = rgb(0xffb454),
      .kernel_text = rgb(0xffc270),
      .output = rgb(0x46d19c),
      .output_text = rgb(0x4ed8a4),
      .good = rgb(0x4ed08c),
      .good_text = rgb(0x58d896),
      .bad = rgb(0xff6b6b),
      .bad_text = rgb(0xff8080),
      .selected = rgb(0x243953),
      .button = rgb(0x5aa9ff),
      .button_text = rgb(0x08111d),
      .cursor = rgb(0xffffff),
  };
  return theme;
}

const Theme& light_theme() {
  static constexpr Theme theme{
      .id = "light",
      .background = rgb(0xf6f7f9),
      .panel = rgb(0xffffff),
      .surface = rgb(0xffffff),
      .border = rgb(0xd8dde5),
      .track = rgb(0xd8dde5),
      .text = rgb(0x151b26),
      .muted = rgb(0x5b6577),
      .faint = rgb(0xa9b1bf),
      .input = rgb(0x1f6fd6),
      .input_text = rgb(0x1a62c0),
      .kernel = rgb(0xc77700),
      .kernel_text = rgb(0x784700),
      .output = rgb(0x0f8a62),
      .output_text = rgb(0x0b7351),
      .good = rgb(0x1a7f45),
      .good_text = rgb(0x14713c),
      .bad = rgb(0xcf2f2f),
      .bad_text = rgb(0xb92525),
      .selected = rgb(0xcedff6),
      .button = rgb(0x1f6fd6),
      .button_text = rgb(0xffffff),
      .cursor = rgb(0x151b26),
  };
  return theme;
}

const Theme* find_theme(std::string_view id) {
  if (id == dark_theme().id) return &dark_theme();
  if (id == light_theme().id) return &light_theme();
  return nullptr;
}

}  // namespace tconv
