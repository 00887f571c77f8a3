#pragma once
// What stands in the cells of a figure.

#include <string>
#include <string_view>
#include <vector>

#include "figure/figure.h"
#include "figure_rules.h"
#include "view_scenes.h"

namespace tconv::test {

/// The tagged boxes of a figure without the cursor's frames.
struct TaggedBox {
  Tag tag;
  Rect rect;
};
template <typename Kind>
std::vector<TaggedBox> boxes_of(const Figure& figure, bool highlights = false) {
  std::vector<TaggedBox> found;
  for (const Shape2D& shape : figure.shapes) {
    const auto* rect = std::get_if<RectShape>(&shape.what);
    if (rect != nullptr && shape.highlight == highlights && std::holds_alternative<Kind>(shape.tag)) {
      found.push_back({shape.tag, rect->rect});
    }
  }
  return found;
}

/// The words whose middle lies in `place`, in the order of painting.
inline std::vector<std::string> words_inside(const Figure& figure, const Rect& place) {
  std::vector<std::string> found;
  for (const Shape2D& shape : figure.shapes) {
    const auto* words = std::get_if<TextShape>(&shape.what);
    if (words != nullptr && place.contains(ink_of(*words, metrics()).centre())) found.push_back(words->text);
  }
  return found;
}

/// All words of a figure as one line: where a paragraph breaks does not matter.
inline std::string all_words(const Figure& figure) {
  std::string text;
  for (const std::string& words : words_inside(figure, {0, 0, figure.size.w, figure.size.h})) text += words + " ";
  return text;
}

inline bool says(const Figure& figure, std::string_view words) {
  return all_words(figure).find(words) != std::string::npos;
}

}  // namespace tconv::test
