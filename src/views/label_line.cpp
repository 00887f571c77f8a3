#include "views/label_line.h"

#include <algorithm>

namespace tconv {

bool LabelLine::put(double x, const std::string& words, Font font, Color color) {
  constexpr double size = 12;
  constexpr double apart = 8;
  const double width = text_.width(font, size, words);
  if (width > right_ - left_) return false;
  const double from = std::clamp(x - width / 2, left_, right_ - width);
  for (const auto& [begin, end] : taken_) {
    if (from < end + apart && from + width > begin - apart) return false;
  }
  taken_.push_back({from, from + width});
  figure_.add(TextShape{.at = {from, baseline_}, .text = words, .font = font, .size = size, .color = color});
  return true;
}

}  // namespace tconv
