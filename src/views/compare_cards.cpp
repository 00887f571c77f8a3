#include "views/compare_cards.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "figure/layout.h"
#include "views/large_map.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double upsampler_gap = 14;
constexpr double inset = 12;
constexpr double card_head = 50;
constexpr double narrowest_upsampler = 250;  // points, of a card
constexpr double smallest_side = 64;         // of the small pictures
constexpr double caption_height = 20;        // height of a line of words under a picture
constexpr double fewest_cells = 6;           // on a side that the zoom shows
constexpr double zoom_factor = 4;
constexpr double lowest_shown = -75;  // decibels, black

/// Numbers as one picture: an image, or a curve of one row.
struct Shown {
  std::vector<PlaneView> planes;
  ValueRange range;
  const ColorMap& map;
  Color line;
  const ColorScale* scale;  ///< instead of the range, for numbers that are no picture
};

class Cards {
 public:
  Cards(Figure& figure, const CompareScene& scene, Point at, double width)
      : figure_(figure), scene_(scene), in_(scene.in), theme_(scene.in.theme), at_(at) {
    const Comparison& comparison = scene.comparison;
    const auto count = static_cast<double>(comparison.upsamplers.size() + 1);
    columns_ = std::clamp(std::floor((width + upsampler_gap) / (narrowest_upsampler + upsampler_gap)), 1.0,
                          std::min(3.0, count));
    width_ = std::min(560.0, std::floor((width - (columns_ - 1) * upsampler_gap) / columns_));
    const double inner = width_ - 2 * inset;
    const double large = large_side(inner - 10);
    side_ = std::min(150.0, inner - 10 - large);
    const double height = scene.line() ? std::min(large * 0.62, 150.0) : large;
    // Long, thin maps leave most of a square empty.
    image_ = scene.line() ? Rect{0, 0, large, height} : fitted_rect({0, 0, large, large}, scene.rows, scene.cols);
    small_height_ = scene.line() ? std::min(side_, 56.0) : side_;
    height_ = card_head + std::max(image_.h + caption_height, 2 * (small_height_ + caption_height)) + 8;
    for (const Upsampler& one : comparison.upsamplers) {
      const ValueRange range = finite_range(scene.planes(one.difference)[0].values);
      largest_difference_ = std::max({largest_difference_, std::abs(range.low), std::abs(range.high)});
    }
    // A kernel whose taps nearly cancel may give anything.
    const double span = comparison.high - comparison.low;
    if (span > 0) largest_difference_ = std::min(largest_difference_, span);
  }

  double draw() {
    int turn = 0;
    for (const Upsampler& one : scene_.comparison.upsamplers) draw_card(place(turn++), one);
    draw_measure(place(turn));
    return place(turn).bottom();
  }

 private:
  /// Of the large picture, out of what it shares with the small ones: cells that are so many whole pixels wide, if that
  /// makes it not much smaller, since cells of one and of two pixels side by side look like a checkerboard.
  double large_side(double shared) const {
    const double usual = std::floor(shared * 0.67);
    if (scene_.line()) return usual;
    const auto cells = static_cast<double>(std::max(scene_.rows, scene_.cols));
    const double pixels = std::floor((shared - smallest_side) * in_.pixels_per_point / cells);
    const double whole = pixels * cells / in_.pixels_per_point;
    return whole >= 0.8 * usual && whole == std::floor(whole) ? whole : usual;
  }

  Rect place(int turn) const {
    const auto columns = static_cast<int>(columns_);
    return {at_.x + turn % columns * (width_ + upsampler_gap), at_.y + turn / columns * (height_ + upsampler_gap),
            width_, height_};
  }

  void frame(const Rect& card, const std::string& name, const std::string& rest) {
    figure_.add(RectShape{.rect = card, .fill = theme_.panel, .stroke = theme_.border, .stroke_width = 1, .radius = 6});
    const double room = card.w - 2 * inset;
    const std::string shown = in_.text.fitted(Font::semibold, 13, name, room);
    add_spans(figure_, in_.text, {card.x + inset, card.y + 22}, 13, {{shown, theme_.text, Font::semibold}});
    words({card.x + inset, card.y + 40}, rest, room);
  }

  void words(Point at, const std::string& text, double room, Font font = Font::regular) {
    figure_.add(TextShape{
        .at = at, .text = in_.text.fitted(font, 12, text, room), .font = font, .size = 12, .color = theme_.muted});
  }

  const ColorScale* scale() const { return scene_.scale ? &*scene_.scale : nullptr; }

  void draw_card(const Rect& card, const Upsampler& one) {
    frame(card, one.label, one.remark);
    const std::vector<PlaneView> planes = scene_.planes(one.output);
    const Shown shown{planes, scene_.range(), scene_.map, theme_.output_text, scale()};
    Point corner = draw_large(card, shown, 1);
    corner.y = draw_zoom(corner, shown, 1) + 8;
    draw_small(corner, one);
  }

  /// The truth, or the input where there is none.
  void draw_measure(const Rect& card) {
    const Comparison& comparison = scene_.comparison;
    const bool truth = !comparison.truth.empty();
    const std::string size = truth ? "" : std::to_string(comparison.input.shape()[comparison.input.shape().rank() - 1]);
    frame(card, truth ? "Truth" : "Input", truth ? "what they should give" : "the small map, enlarged");
    const Shown shown{truth ? scene_.planes(comparison.truth) : scene_.input_planes(), scene_.range(), scene_.map,
                      theme_.input_text, scale()};
    draw_zoom(draw_large(card, shown, truth ? 1 : -1), shown, truth ? 1 : -1);
  }

  /// A window of output cells as a window of the map that is shown: the input has S times fewer cells.
  Rect cells_of(const Rect& window, int kind) const {
    if (kind > 0) return window;
    const auto axes = scene_.comparison.layer.as_3d();
    const auto sy = static_cast<double>(axes[1].stride);
    const auto sx = static_cast<double>(axes[2].stride);
    return {window.x / sx, window.y / sy, window.w / sx, window.h / sy};
  }

  /// The map as the viewport shows it, with the zoom's frame; returns where the column beside it begins.
  Point draw_large(const Rect& card, const Shown& shown, int kind) {
    const Rect rect{card.x + inset, card.y + card_head, image_.w, image_.h};
    draw_map(rect, cells_of(scene_.window, kind), shown);
    const int64_t slice = scene_.slice;
    figure_.grids.push_back({rect, scene_.window, scene_.rows, scene_.cols, {}, [slice](int64_t row, int64_t col) {
                               return Tag{ComparedCell{{slice, row, col}}};
                             }});
    const Rect zoomed = zoom_window();
    const double sx = rect.w / scene_.window.w;
    const double sy = rect.h / scene_.window.h;
    const double x = std::max(rect.x, rect.x + (zoomed.x - scene_.window.x) * sx);
    const double y = scene_.line() ? rect.y : std::max(rect.y, rect.y + (zoomed.y - scene_.window.y) * sy);
    const double right = std::min(rect.right(), rect.x + (zoomed.right() - scene_.window.x) * sx);
    const double bottom =
        scene_.line() ? rect.bottom() : std::min(rect.bottom(), rect.y + (zoomed.bottom() - scene_.window.y) * sy);
    if (right > x && bottom > y) {
      figure_.add(RectShape{.rect = {x, y, right - x, bottom - y},
                            .stroke = theme_.cursor,
                            .stroke_width = 1.5,
                            .radius = right - x > 8 && bottom - y > 8 ? 3.0 : 0.0});
    }
    if (scene_.hovered) words({rect.x, rect.bottom() + 15}, value_text(shown, kind), image_.w, Font::mono);
    return {card.x + inset + (width_ - 2 * inset - side_), rect.y};
  }

  /// "0.53 at (12, 40)"
  std::string value_text(const Shown& shown, int kind) const {
    const Rect cell = cells_of({scene_.focus.x, scene_.focus.y, 0, 0}, kind);
    const PlaneView& plane = shown.planes[0];
    const int64_t row = std::clamp<int64_t>(static_cast<int64_t>(cell.y), 0, plane.rows - 1);
    const int64_t col = std::clamp<int64_t>(static_cast<int64_t>(cell.x), 0, plane.cols - 1);
    std::string text;
    for (const PlaneView& one : shown.planes) {
      if (!text.empty()) text += " ";
      text += number_text(static_cast<double>(one.values[static_cast<std::size_t>(row * one.cols + col)]), 3);
    }
    if (scene_.line()) return text + " at " + std::to_string(scene_.focus_col());
    return text + " at (" + std::to_string(scene_.focus_row()) + ", " + std::to_string(scene_.focus_col()) + ")";
  }

  /// How much larger the zoom is than the large picture: less where cells are large already.
  double zoom() const {
    const double cell = image_.w / scene_.window.w;
    return std::clamp(side_ / (cell * fewest_cells), 1.0, zoom_factor);
  }

  /// In output cells, around the focus, inside the map where it is large enough.
  Rect zoom_window() const {
    const double cell_w = image_.w / scene_.window.w * zoom();
    const double cell_h = image_.h / scene_.window.h * zoom();
    const double w = side_ / cell_w;
    const double h = scene_.line() ? 1 : small_height_ / cell_h;
    const auto begin = [](double middle, double part, double whole) {
      return part >= whole ? (whole - part) / 2 : std::clamp(middle - part / 2, 0.0, whole - part);
    };
    return {begin(scene_.focus.x, w, static_cast<double>(scene_.cols)),
            scene_.line() ? 0 : begin(scene_.focus.y, h, static_cast<double>(scene_.rows)), w, h};
  }

  double draw_zoom(Point at, const Shown& shown, int kind) {
    const Rect rect{at.x, at.y, side_, small_height_};
    draw_map(rect, cells_of(zoom_window(), kind), shown);
    words({at.x, rect.bottom() + 15}, "×" + number_text(zoom(), 2) + (scene_.hovered ? " at cursor" : " here"), side_);
    return rect.bottom() + caption_height;
  }

  void draw_small(Point at, const Upsampler& one) {
    const Rect rect{at.x, at.y, side_, small_height_};
    std::string text;
    if (in_.interaction.choice(compare_picture_choice, "spectrum") == "difference") {
      const ColorMap* diverging = find_color_map("blue_orange");
      const double far = largest_difference_ > 0 ? largest_difference_ : 1;
      draw_map(rect, zoom_window(),
               {{scene_.planes(one.difference)[0]},
                {-far, far},
                diverging != nullptr ? *diverging : scene_.map,
                theme_.kernel_text,
                nullptr});
      text = &one == &scene_.comparison.upsamplers[0] ? "the first" : "RMS " + number_text(one.rms_difference, 2);
    } else {
      const LogSpectrum& spectrum = one.spectrum;
      const PlaneView plane{spectrum.levels, spectrum.rows, spectrum.cols};
      const ColorMap* grey = find_color_map("grey");
      draw_map(rect, {0, 0, static_cast<double>(plane.cols), static_cast<double>(plane.rows)},
               {{plane}, {lowest_shown, 0}, grey != nullptr ? *grey : scene_.map, theme_.kernel_text, nullptr});
      text = "spectrum";
    }
    words({at.x, rect.bottom() + 15}, text, side_);
  }

  void draw_map(const Rect& rect, const Rect& window, const Shown& shown) {
    if (scene_.line()) {
      figure_.add(RectShape{.rect = rect, .fill = theme_.background});
      draw_curve(rect, window, shown);
    } else {
      const int w = std::max(1, static_cast<int>(rect.w * in_.pixels_per_point));
      const int h = std::max(1, static_cast<int>(rect.h * in_.pixels_per_point));
      const auto raster = shown.planes.size() == 3 ? rasterize_rgb({shown.planes[0], shown.planes[1], shown.planes[2]},
                                                                   window, w, h, shown.range)
                          : shown.scale != nullptr ? rasterize(shown.planes[0], window, w, h, *shown.scale)
                                                   : rasterize(shown.planes[0], window, w, h, shown.map, shown.range);
      figure_.add(ImageShape{.rect = rect, .raster = raster});
    }
    figure_.add(RectShape{.rect = rect.grown(1), .stroke = theme_.border, .stroke_width = 1});
  }

  /// One row of cells as steps, or where they are narrower than a point from the lowest to the highest of each point.
  void draw_curve(const Rect& rect, const Rect& window, const Shown& shown) {
    const PlaneView& plane = shown.planes[0];
    const double span = shown.range.high - shown.range.low;
    const double room = rect.h - 6;
    const auto height = [&](double value) {
      const double part = span > 0 ? std::clamp((value - shown.range.low) / span, 0.0, 1.0) : 0.5;
      return rect.bottom() - 3 - part * room;
    };
    std::vector<Point> points;
    const auto add = [&](Point point) {
      if (points.empty() || !(points.back() == point)) points.push_back(point);
    };
    const auto flush = [&] {
      if (points.size() > 1) figure_.add(LineShape{std::move(points), shown.line, 1.25});
      points.clear();
    };
    const auto first = std::max<int64_t>(0, static_cast<int64_t>(std::floor(window.x)));
    const auto last = std::min(plane.cols, static_cast<int64_t>(std::ceil(window.right())));
    const double scale = rect.w / window.w;
    const auto x_of = [&](int64_t col) {
      return std::clamp(rect.x + (static_cast<double>(col) - window.x) * scale, rect.x, rect.right());
    };
    std::optional<ValueRange> before;  // of the bar at the left
    const int64_t together = std::max<int64_t>(1, static_cast<int64_t>(std::ceil(1 / scale)));
    for (int64_t col = first; col < last; col += together) {
      const int64_t end = std::min(last, col + together);
      const ValueRange range =
          finite_range(plane.values.subspan(static_cast<std::size_t>(col), static_cast<std::size_t>(end - col)));
      const bool finite =
          std::ranges::any_of(plane.values.subspan(static_cast<std::size_t>(col), static_cast<std::size_t>(end - col)),
                              [](float value) { return std::isfinite(value); });
      if (!finite) {
        flush();
        before.reset();
        continue;
      }
      if (together == 1) {
        // One line as long as the value stays.
        if (points.size() > 1 && points.back().y == height(range.low)) points.pop_back();
        add({x_of(col), height(range.low)});
        add({x_of(end), height(range.low)});
      } else {
        // Bars that touch: a line that turns back at every point would be torn.
        const double top = std::min(height(range.high), before ? height(before->low) : rect.bottom());
        const double bottom = std::max(height(range.low), before ? height(before->high) : rect.y);
        figure_.add(RectShape{.rect = {x_of(col), top, x_of(end) - x_of(col), std::max(1.25, bottom - top)},
                              .fill = shown.line});
        before = range;
      }
    }
    flush();
  }

  Figure& figure_;
  const CompareScene& scene_;
  const ViewInput& in_;
  const Theme& theme_;
  Point at_;
  double columns_ = 1;
  double width_ = 0;
  double height_ = 0;
  double side_ = 0;          ///< width of the small pictures
  double small_height_ = 0;  ///< their height
  Rect image_;
  double largest_difference_ = 0;
};

}  // namespace

double add_compare_cards(Figure& figure, const CompareScene& scene, Point at, double width) {
  return Cards(figure, scene, at, width).draw();
}

}  // namespace tconv
