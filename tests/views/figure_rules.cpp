#include "figure_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

#include "figure/layout.h"

namespace tconv::test {
namespace {

constexpr double tolerance = 1;
constexpr double least_contrast = 4.5;

std::string text_of(const Rect& rect) {
  std::array<char, 100> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "[x %.1f…%.1f, y %.1f…%.1f]", rect.x, rect.right(), rect.y,
                rect.bottom());
  return buffer.data();
}

std::string text_of(Color color) {
  std::array<char, 16> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "#%02x%02x%02x", unsigned{color.r}, unsigned{color.g}, unsigned{color.b});
  return buffer.data();
}

std::string quoted(const TextShape& shape, const Rect& ink) {
  return "“" + shape.text + "” " + std::to_string(std::lround(shape.size)) + " pt " + text_of(ink);
}

bool finite(std::initializer_list<double> numbers) {
  return std::ranges::all_of(numbers, [](double number) { return std::isfinite(number); });
}

bool is_finite(const Rect& rect) { return finite({rect.x, rect.y, rect.w, rect.h}) && rect.w >= 0 && rect.h >= 0; }

bool is_finite(const Shape2D& shape) {
  if (const auto* rect = std::get_if<RectShape>(&shape.what)) {
    return is_finite(rect->rect) && finite({rect->stroke_width, rect->radius}) && rect->stroke_width >= 0;
  }
  if (const auto* line = std::get_if<LineShape>(&shape.what)) {
    return line->width > 0 && std::ranges::all_of(line->points, [](Point p) { return finite({p.x, p.y}); });
  }
  if (const auto* words = std::get_if<TextShape>(&shape.what)) {
    return finite({words->at.x, words->at.y, words->size}) && words->size > 0;
  }
  return is_finite(std::get<ImageShape>(shape.what).rect);
}

/// The colour that a shape lays over a place; transparent if none.
Color colour_at(const Shape2D& shape, Point place) {
  if (const auto* rect = std::get_if<RectShape>(&shape.what)) {
    return rect->rect.contains(place) ? rect->fill : Color{0, 0, 0, 0};
  }
  const auto* image = std::get_if<ImageShape>(&shape.what);
  if (image == nullptr || !image->raster || !image->rect.contains(place)) return {0, 0, 0, 0};
  const Raster& raster = *image->raster;
  const auto x = static_cast<int>((place.x - image->rect.x) / image->rect.w * raster.width);
  const auto y = static_cast<int>((place.y - image->rect.y) / image->rect.h * raster.height);
  const std::uint8_t* pixel = raster.rgba.data() + (static_cast<std::ptrdiff_t>(y) * raster.width + x) * 4;
  return {pixel[0], pixel[1], pixel[2], pixel[3]};
}

/// What lies beneath the shape at `index` at a place: its colour, and which shape it is (-1: the figure's ground).
struct Ground {
  Color color;
  std::ptrdiff_t shape = -1;
};

Ground ground_under(const Figure& figure, std::size_t index, Point place) {
  std::vector<std::size_t> veils;  // not opaque
  Ground ground{figure.background, -1};
  for (std::size_t i = index; i-- > 0;) {
    const Color color = colour_at(figure.shapes[i], place);
    if (color.a == 0) continue;
    if (ground.shape < 0) ground.shape = static_cast<std::ptrdiff_t>(i);
    if (color.a == 255) {
      ground.color = color;
      break;
    }
    veils.push_back(i);
  }
  for (auto veil = veils.rbegin(); veil != veils.rend(); ++veil) {
    const Color color = colour_at(figure.shapes[*veil], place);
    ground.color = mix(ground.color, color, color.a / 255.0);
  }
  return ground;
}

struct PlacedText {
  const TextShape* shape;
  std::size_t index;
  Rect ink;
};

double common_length(double a, double a_end, double b, double b_end) { return std::min(a_end, b_end) - std::max(a, b); }

void check_apart(std::vector<PlacedText> words, std::vector<Violation>& found) {
  std::ranges::sort(words, {}, [](const PlacedText& one) { return one.ink.y; });
  for (std::size_t i = 0; i < words.size(); ++i) {
    const Rect& a = words[i].ink;
    for (std::size_t k = i + 1; k < words.size() && words[k].ink.y < a.bottom() - tolerance; ++k) {
      const Rect& b = words[k].ink;
      if (common_length(a.x, a.right(), b.x, b.right()) <= tolerance) continue;
      if (common_length(a.y, a.bottom(), b.y, b.bottom()) <= tolerance) continue;
      found.push_back({"words overlap", quoted(*words[i].shape, a) + " and " + quoted(*words[k].shape, b)});
    }
  }
}

void check_size(const PlacedText& word, std::vector<Violation>& found) {
  const TextShape& shape = *word.shape;
  const bool known = std::ranges::find(type_sizes(), shape.size) != type_sizes().end();
  // The window makes glyphs of words for these sizes only; others it would have to stretch.
  const bool for_words =
      shape.font == Font::mono || shape.font == Font::mono_medium || (shape.size >= 11 && shape.size <= 20);
  if (!known || !for_words) found.push_back({"no glyphs are made for this size", quoted(shape, word.ink)});
}

void check_ground(const Figure& figure, const PlacedText& word, std::vector<Violation>& found) {
  const Rect& ink = word.ink;
  const double in = std::min({tolerance, ink.w / 3, ink.h / 3});
  const Rect core = ink.grown(-in);
  const std::array places{core.centre(), Point{core.x, core.y}, Point{core.right(), core.y},
                          Point{core.x, core.bottom()}, Point{core.right(), core.bottom()}};
  const Ground first = ground_under(figure, word.index, places[1]);
  double least = 21;
  std::string colours;
  bool leaks = false;
  for (const Point place : places) {
    const Ground ground = ground_under(figure, word.index, place);
    const Color ink_colour = mix(ground.color, word.shape->color, word.shape->color.a / 255.0);
    const double found_contrast = contrast(ink_colour, ground.color);
    if (found_contrast < least) {
      least = found_contrast;
      std::array<char, 60> buffer{};
      std::snprintf(buffer.data(), buffer.size(), "%s on %s is %.2f: ", text_of(ink_colour).c_str(),
                    text_of(ground.color).c_str(), least);
      colours = buffer.data();
    }
    leaks = leaks || ground.shape != first.shape;
  }
  if (least < least_contrast) found.push_back({"contrast is below 4.5", colours + quoted(*word.shape, ink)});
  if (leaks) found.push_back({"words leave the card or cell that they begin on", quoted(*word.shape, ink)});
}

void check_not_covered(const Figure& figure, const PlacedText& word, std::vector<Violation>& found) {
  const Point middle = word.ink.centre();
  for (std::size_t i = word.index + 1; i < figure.shapes.size(); ++i) {
    if (colour_at(figure.shapes[i], middle).a > 128) {
      found.push_back({"something is painted over words", quoted(*word.shape, word.ink)});
      return;
    }
  }
}

void check_tags(const Figure& figure, std::vector<Violation>& found) {
  // Finding a tag takes as long as there are shapes: of very many, some hundred are looked for.
  constexpr std::size_t most_lookups = 300;
  const auto tagged = static_cast<std::size_t>(
      std::ranges::count_if(figure.shapes, [](const Shape2D& shape) { return has_tag(shape.tag); }));
  const std::size_t every = tagged / most_lookups + 1;
  std::size_t turn = 0;
  for (const Shape2D& shape : figure.shapes) {
    const auto* rect = std::get_if<RectShape>(&shape.what);
    if (rect == nullptr || !has_tag(shape.tag) || rect->rect.w <= 0 || rect->rect.h <= 0) continue;
    const Rect& place = rect->rect;
    const Rect room = Rect{0, 0, figure.size.w, figure.size.h}.grown(tolerance);
    if (place.x < room.x || place.y < room.y || place.right() > room.right() || place.bottom() > room.bottom()) {
      found.push_back({"a tagged shape leaves the figure", text_of(place)});
    }
    if (turn++ % every != 0) continue;
    if (!(tag_at(figure, place.centre()) == shape.tag)) {
      found.push_back({"a tagged shape is not found at its middle", text_of(place)});
    }
  }
}

}  // namespace

Rect ink_of(const TextShape& shape, const TextMetrics& text) {
  const auto width = [&](std::string_view words) { return text.width(shape.font, shape.size, words); };
  const std::string_view all = shape.text;
  const std::size_t first = std::min(all.find_first_not_of(' '), all.size());
  const std::size_t end = first == all.size() ? first : all.find_last_not_of(' ') + 1;
  const double whole = width(all);
  double x = shape.at.x + width(all.substr(0, first));
  if (shape.align == Align::centre) x -= whole / 2;
  if (shape.align == Align::right) x -= whole;
  const double capitals = text.cap_height(shape.font, shape.size);
  const bool below = all.find_first_of("gjpqyQ()[]{},;_|/@$") != std::string_view::npos;
  const double descent = text.box_height(shape.font, shape.size) - text.ascent(shape.font, shape.size);
  return {x, shape.at.y - capitals, width(all.substr(first, end - first)), capitals + (below ? descent : 0)};
}

std::vector<Violation> violations(const Figure& figure, const TextMetrics& text) {
  std::vector<Violation> found;
  if (!finite({figure.size.w, figure.size.h})) found.push_back({"shapes are finite", "the figure's size"});
  std::vector<PlacedText> words;
  for (std::size_t i = 0; i < figure.shapes.size(); ++i) {
    if (!is_finite(figure.shapes[i])) {
      found.push_back({"shapes are finite", "shape " + std::to_string(i)});
      return found;
    }
    const auto* shape = std::get_if<TextShape>(&figure.shapes[i].what);
    if (shape == nullptr) continue;
    const Rect ink = ink_of(*shape, text);
    if (ink.w > 0) words.push_back({shape, i, ink});
  }
  for (const PlacedText& word : words) {
    const Rect& ink = word.ink;
    const std::string what = quoted(*word.shape, ink);
    if (ink.x < -0.5 || ink.right() > figure.size.w + 0.5) found.push_back({"words leave the figure sideways", what});
    if (ink.y < -0.5 || ink.bottom() > figure.size.h + 0.5) {
      found.push_back({"words leave the figure above or below", what});
    }
    check_size(word, found);
    check_ground(figure, word, found);
    check_not_covered(figure, word, found);
  }
  check_apart(std::move(words), found);
  check_tags(figure, found);
  return found;
}

namespace {

void write(std::ostream& out, const Rect& rect) {
  out << rect.x << ' ' << rect.y << ' ' << rect.w << ' ' << rect.h << ' ';
}
void write(std::ostream& out, Color color) {
  out << int{color.r} << ',' << int{color.g} << ',' << int{color.b} << ',' << int{color.a} << ' ';
}

}  // namespace

std::string dump(const Figure& figure) {
  std::ostringstream out;
  out.precision(17);
  out << figure.title << ' ' << figure.size.w << ' ' << figure.size.h << ' ';
  write(out, figure.background);
  for (const Shape2D& shape : figure.shapes) {
    out << '\n' << shape.what.index() << ' ' << shape.tag.index() << ' ';
    if (const auto* rect = std::get_if<RectShape>(&shape.what)) {
      write(out, rect->rect);
      write(out, rect->fill);
      write(out, rect->stroke);
      out << rect->stroke_width << ' ' << rect->radius << ' ' << rect->dashed << rect->hatched;
    } else if (const auto* line = std::get_if<LineShape>(&shape.what)) {
      for (const Point p : line->points) out << p.x << ' ' << p.y << ' ';
      write(out, line->color);
      out << line->width;
    } else if (const auto* words = std::get_if<TextShape>(&shape.what)) {
      out << words->at.x << ' ' << words->at.y << ' ' << words->text << ' ' << static_cast<int>(words->font) << ' '
          << words->size << ' ' << static_cast<int>(words->align) << ' ';
      write(out, words->color);
    } else {
      const auto& image = std::get<ImageShape>(shape.what);
      write(out, image.rect);
      if (image.raster)
        out.write(reinterpret_cast<const char*>(image.raster->rgba.data()),
                  static_cast<std::streamsize>(image.raster->rgba.size()));
    }
  }
  for (const CellGrid& grid : figure.grids) {
    out << '\n' << grid.rows << ' ' << grid.cols << ' ';
    write(out, grid.rect);
    write(out, grid.window);
  }
  return out.str();
}

void ViolationReport::add(const std::string& picture, const std::vector<Violation>& found) {
  for (const Violation& one : found) {
    auto rule = std::ranges::find(rules_, one.rule, &Rule::rule);
    if (rule == rules_.end()) rule = rules_.insert(rule, Rule{one.rule, {}, 0});
    ++rule->times;
    // The same words at other places, and other words in the same two colours, count as the same fault.
    const auto key = [](const std::string& what) { return what.substr(0, what.find(what[0] == '#' ? ':' : '[')); };
    const auto same = [&](const Example& example) { return key(example.what) == key(one.what); };
    const auto example = std::ranges::find_if(rule->examples, same);
    if (example != rule->examples.end()) {
      ++example->times;
    } else if (rule->examples.size() < 15) {
      rule->examples.push_back({one.what, picture, 1});
    }
  }
}

ViolationReport::~ViolationReport() {
  for (const Rule& rule : rules_) {
    std::string text = rule.rule + ", " + std::to_string(rule.times) + " times, such as:";
    for (const Example& example : rule.examples) {
      text += "\n  " + example.what + "\n    in " + example.picture;
      if (example.times > 1) text += " and " + std::to_string(example.times - 1) + " more";
    }
    ADD_FAILURE() << text;
  }
}

}  // namespace tconv::test
