#include "export/page.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "figure/layout.h"

namespace tconv {
namespace {

constexpr double margin = 16;

struct ContentBounds {
  double left = std::numeric_limits<double>::infinity();
  double top = left;
  double right = -left;
  double bottom = -left;

  bool empty() const { return right < left; }
  void add(const Rect& rect) {
    left = std::min(left, rect.x);
    top = std::min(top, rect.y);
    right = std::max(right, rect.right());
    bottom = std::max(bottom, rect.bottom());
  }
};

class Measure {
 public:
  Measure(ContentBounds& bounds, const TextMetrics& text) : bounds_(bounds), text_(text) {}

  void operator()(const RectShape& shape) const {
    if (shape.fill.a > 0 || (shape.stroke.a > 0 && (shape.stroke_width > 0 || shape.hatched))) bounds_.add(shape.rect);
  }
  void operator()(const LineShape& shape) const {
    const double half = shape.width / 2;
    for (const Point& point : shape.points) bounds_.add({point.x - half, point.y - half, shape.width, shape.width});
  }
  void operator()(const TextShape& shape) const {
    if (shape.text.empty()) return;
    const double width = text_.width(shape.font, shape.size, shape.text);
    const double x = shape.align == Align::left     ? shape.at.x
                     : shape.align == Align::centre ? shape.at.x - width / 2
                                                    : shape.at.x - width;
    const double ascent = text_.ascent(shape.font, shape.size);
    bounds_.add({x, shape.at.y - ascent, width, text_.line_height(shape.font, shape.size)});
  }
  void operator()(const ImageShape& shape) const { bounds_.add(shape.rect); }

 private:
  ContentBounds& bounds_;
  const TextMetrics& text_;
};

void move(Figure& figure, double dx, double dy) {
  const auto moved = [&](Rect& rect) {
    rect.x += dx;
    rect.y += dy;
  };
  for (Shape2D& shape : figure.shapes) {
    if (auto* rect = std::get_if<RectShape>(&shape.what)) moved(rect->rect);
    if (auto* image = std::get_if<ImageShape>(&shape.what)) moved(image->rect);
    if (auto* text = std::get_if<TextShape>(&shape.what)) text->at = {text->at.x + dx, text->at.y + dy};
    if (auto* line = std::get_if<LineShape>(&shape.what)) {
      for (Point& point : line->points) point = {point.x + dx, point.y + dy};
    }
  }
  for (CellGrid& grid : figure.grids) moved(grid.rect);
}

}  // namespace

Rect drawn_part(const Figure& figure, const TextMetrics& text) {
  ContentBounds bounds;
  for (const Shape2D& shape : figure.shapes) std::visit(Measure(bounds, text), shape.what);
  if (bounds.empty()) return {0, 0, figure.size.w, figure.size.h};
  // Whole points, so that edges that were sharp stay sharp.
  const double left = std::floor(bounds.left - margin);
  const double top = std::floor(bounds.top - margin);
  return {left, top, std::ceil(bounds.right + margin) - left, std::ceil(bounds.bottom + margin) - top};
}

Figure on_page(Figure figure, const Theme& theme, const TextMetrics& text, const Page& page) {
  const Rect part = page.crop ? drawn_part(figure, text) : Rect{0, 0, figure.size.w, figure.size.h};
  return on_page(std::move(figure), theme, text, page, part);
}

Figure on_page(Figure figure, const Theme& theme, const TextMetrics& text, const Page& page, const Rect& part) {
  if (part.x != 0 || part.y != 0) move(figure, -part.x, -part.y);
  figure.size = {part.w, part.h};
  if (page.title && !figure.title.empty()) {
    constexpr double room = 34;
    move(figure, 0, room);
    figure.size.h += room;
    figure.add(TextShape{.at = {margin, 26},
                         .text = text.fitted(Font::semibold, 15, figure.title, figure.size.w - 2 * margin),
                         .font = Font::semibold,
                         .size = 15,
                         .color = theme.text});
  }
  if (!page.caption.empty()) {
    const double y = add_paragraph(figure, text, {margin, figure.size.h + 12}, figure.size.w - 2 * margin,
                                   {.size = 13, .color = theme.muted}, page.caption);
    figure.size.h = y;
  }
  if (page.transparent) figure.background.a = 0;
  return figure;
}

}  // namespace tconv
