#pragma once
// What the tests of zero insertion share: a scenario at steps of the view's own timeline, and the cells of its
// pictures.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/zero_insertion.h"
#include "figure_rules.h"
#include "view_scenes.h"

namespace tconv::test {

inline constexpr Size insertion_room{1030, 830};

/// A document with its results, drawn at steps of the view's own timeline.
class Scene {
 public:
  explicit Scene(Document document)
      : document_(std::move(document)), results_(compute_results(document_.scenario, 0, {.ways = true})) {}

  const LayerSpec& layer() const { return document_.scenario.layer; }
  const Results& results() const { return results_; }
  Results& results() { return results_; }
  Interaction& interaction() { return interaction_; }
  static const View& view() { return *find_view("insert-zeros"); }
  std::int64_t last_step() const { return step_count(view(), document_.scenario); }

  ViewInput input(Size size = insertion_room) const {
    return {document_, results_, clamped(interaction_, document_.scenario), size, dark_theme(), metrics()};
  }
  Figure at(std::int64_t step, const Tag& hover = {}, Size size = insertion_room) {
    interaction_.own_step = step;
    interaction_.hover = hover;
    return picture(view(), input(size));
  }
  std::string words_at(std::int64_t step, const Tag& hover = {}) {
    interaction_.own_step = step;
    interaction_.hover = hover;
    return step_words(view(), input());
  }
  CellIndex output(std::int64_t row, std::int64_t col) const {
    return {interaction_.batch, interaction_.out_channel, {interaction_.out_slice, row, col}};
  }

 private:
  Document document_;
  Results results_;
  Interaction interaction_;
};

inline Document example(const std::string& kernel, std::int64_t stride) {
  Document document = layer_document({.input = 2, .kernel = 3, .stride = stride});
  document.scenario.kernel.id = kernel;
  return document;
}

struct Cell {
  RectShape box;
  Tag tag;
  std::string number;  ///< the words in its middle
  bool marked = false;
};

template <typename Kind>
std::vector<Cell> cells_of(const Figure& figure) {
  std::vector<Cell> cells;
  for (const Shape2D& shape : figure.shapes) {
    const auto* box = std::get_if<RectShape>(&shape.what);
    if (box == nullptr || shape.highlight || !std::holds_alternative<Kind>(shape.tag)) continue;
    cells.push_back({*box, shape.tag, {}, false});
  }
  for (Cell& cell : cells) {
    for (const Shape2D& shape : figure.shapes) {
      const auto* words = std::get_if<TextShape>(&shape.what);
      if (words == nullptr || !cell.box.rect.contains(ink_of(*words, metrics()).centre())) continue;
      if (words->text == "✗") {
        cell.marked = true;
      } else {
        cell.number = words->text;
      }
    }
  }
  return cells;
}

inline std::vector<std::string> numbers(const std::vector<Cell>& cells) {
  std::vector<std::string> all;
  for (const Cell& cell : cells) all.push_back(cell.number);
  return all;
}

inline bool shows(const Figure& figure, const std::string& part) {
  return std::ranges::any_of(figure.shapes, [&](const Shape2D& shape) {
    const auto* words = std::get_if<TextShape>(&shape.what);
    return words != nullptr && words->text.find(part) != std::string::npos;
  });
}

/// Hatched cells of the map: those of the legend carry no tag either, but are smaller than 13 points and below.
inline std::int64_t hatched(const Figure& figure) {
  return std::ranges::count_if(figure.shapes, [](const Shape2D& shape) {
    const auto* box = std::get_if<RectShape>(&shape.what);
    return box != nullptr && box->hatched && box->rect.w > 13;
  });
}

/// The window: the widest frame in the kernel's colour without a tag or a fill.
inline Rect window_of(const Figure& figure) {
  Rect found;
  for (const Shape2D& shape : figure.shapes) {
    const auto* box = std::get_if<RectShape>(&shape.what);
    if (box == nullptr || has_tag(shape.tag) || box->fill.a != 0 || !(box->stroke == dark_theme().kernel)) continue;
    if (box->rect.w > found.w || box->rect.h > found.h) found = box->rect;
  }
  return found;
}

/// Small enough for numbers and frames on every cell.
template <typename Use>
void for_some_layers(int count, const Use& use) {
  int used = 0;
  for (const auto& [name, document] : random_documents(count)) {
    const auto axes = document.scenario.layer.as_3d();
    const bool small = insertion_of(axes[1]).padded <= 24 && insertion_of(axes[2]).padded <= 24 &&
                       insertion_of(axes[1]).spread <= 24 && insertion_of(axes[2]).spread <= 24;
    if (!small) continue;
    SCOPED_TRACE(name);
    Scene scene(document);
    use(scene);
    ++used;
  }
  EXPECT_GE(used, count / 6);
}

}  // namespace tconv::test
