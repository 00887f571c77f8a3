#include "views/stack_profiles.h"

#include <algorithm>
#include <cmath>

#include "document/stack_text.h"
#include "views/color_bar.h"
#include "views/color_scales.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double curve_height = 46;
constexpr double lane_height = 16;
constexpr double tile_side = 64;
constexpr double label_height = 20;
constexpr int64_t most_tile_cells = 32;

std::size_t index(int64_t i) { return static_cast<std::size_t>(i); }

class StackProfiles {
 public:
  StackProfiles(const ViewInput& in, Figure& figure, const StackScene& scene, Point at, double width)
      : in_(in),
        figure_(figure),
        scene_(scene),
        depths_(scene.report.depths),
        left_(at.x),
        y_(at.y),
        width_(width),
        strip_(std::floor(width - tile_side - 16)),
        scale_(static_cast<double>(depths_.back().axes[index(scene.axis)].scale)) {
    double extent = static_cast<double>(depths_[0].axes[index(scene.axis)].input) * scale_;
    for (const StackDepth& depth : depths_) {
      const StackAxis& one = axis(depth);
      extent = std::max(extent, static_cast<double>(one.output) * cell_of(one));
    }
    extent_ = extent;
    window_ = std::min(extent, strip_);
    input_cell_ = std::min((depths_[0].axes[index(scene.axis)].input - 1) / 2,
                           static_cast<int64_t>(std::max(0.0, std::floor(window_ / scale_) - 1) / 2));
  }

  double draw() {
    draw_input();
    for (const std::size_t depth : scene_.shown_depths()) draw_depth(depth);
    return draw_legend();
  }

 private:
  const Theme& theme() const { return in_.theme; }
  const StackAxis& axis(const StackDepth& depth) const { return depth.axes[index(scene_.axis)]; }
  /// How many cells of the end one cell of a depth becomes.
  double cell_of(const StackAxis& one) const { return scale_ / static_cast<double>(one.scale); }
  /// Where a place in cells of the end is drawn.
  double x_of(double place) const { return left_ + std::clamp(place, 0.0, window_) * strip_ / window_; }

  void label(double y, const std::string& name, const std::string& rest) {
    const double end = add_spans(figure_, in_.text, {left_, y}, 13,
                                 {{in_.text.fitted(Font::semibold, 13, name, width_), theme().text, Font::semibold}});
    const std::string words = in_.text.fitted(Font::regular, 13, rest, left_ + width_ - end - 10);
    if (!words.empty()) add_spans(figure_, in_.text, {end + 10, y}, 13, {{words, theme().muted}});
  }

  void draw_input() {
    const int64_t cells = depths_[0].axes[index(scene_.axis)].input;
    label(y_ + 12, "input", std::to_string(cells) + (cells == 1 ? " cell" : " cells") + ", one path to each");
    y_ += label_height;
    const double cell = scale_ * strip_ / window_;
    const double gap = cell >= 8 ? 2 : 0;
    if (cell < 2) {
      const double end = x_of(static_cast<double>(cells) * scale_);
      figure_.add(RectShape{.rect = {left_, y_, end - left_, 12}, .fill = mix(theme().surface, theme().input, 0.3)});
    }
    for (int64_t i = 0; cell >= 2 && i < cells; ++i) {
      const double x = x_of(static_cast<double>(i) * scale_);
      const double end = x_of(static_cast<double>(i + 1) * scale_);
      if (end - x <= gap) break;
      figure_.add(RectShape{.rect = {x, y_, end - x - gap, 12},
                            .fill = mix(theme().surface, theme().input, i == input_cell_ ? 0.9 : 0.3)});
    }
    y_ += 12 + 14;
  }

  void draw_depth(std::size_t depth_index) {
    const StackDepth& depth = depths_[depth_index];
    const StackAxis& one = axis(depth);
    std::string counts = counts_text(depth) + (depth.even() && depth.most() == 1 ? " path" : " paths");
    if (!depth.known()) counts = "too many to count";
    label(y_ + 12, scene_.name_of(depth_index),
          layer_name(depth.layer) + " · " + std::to_string(one.output) + (one.output == 1 ? " cell · " : " cells · ") +
              counts + " · " + ratio_text(depth));
    y_ += label_height;
    const Rect box{left_, y_, strip_, curve_height + lane_height};
    figure_.add(RectShape{.rect = box, .fill = theme().surface, .radius = 4});
    draw_curve(one, {box.x, box.y + 4, box.w, curve_height - 4});
    draw_footprint(one, {box.x, box.y + curve_height, box.w, lane_height});
    draw_tile(depth, {box.right() + 16, box.y});
    y_ = std::max(box.bottom(), y_ + tile_side) + 14;
  }

  /// Paths to cell `i`; of a map too large for that, what it is far from the borders.
  static int64_t paths(const StackAxis& one, int64_t i) {
    return one.profile.empty() ? one.pattern[index(i % one.scale)] : one.profile[index(i)];
  }

  void draw_curve(const StackAxis& one, const Rect& room) {
    if (one.profile.empty() && one.pattern.empty()) return;
    const double cell = cell_of(one);
    const auto cells = static_cast<int64_t>(std::min(static_cast<double>(one.output), std::ceil(window_ / cell)));
    int64_t most = 1;
    for (int64_t i = 0; i < cells; ++i) most = std::max(most, paths(one, i));
    // Whole points, so that neighbours leave no seam.
    const auto edge = [&](int64_t i) { return std::round(x_of(static_cast<double>(i) * cell)); };
    const auto height = [&](int64_t i) {
      return std::round(room.h * static_cast<double>(paths(one, i)) / static_cast<double>(most));
    };
    const bool numbers = have_room_for_numbers(one, cells, edge, height);
    LineShape line{{}, theme().output, 1.5};
    for (int64_t i = 0; i < cells;) {
      int64_t end = i + 1;  // of the cells that have as many
      while (!numbers && end < cells && paths(one, end) == paths(one, i)) ++end;
      const Rect bar{edge(i), room.bottom() - height(i), edge(end) - edge(i), height(i)};
      figure_.add(RectShape{.rect = bar, .fill = mix(theme().surface, theme().output, 0.22)});
      if (numbers) {
        figure_.add(TextShape{.at = {bar.centre().x, room.bottom() - 4},
                              .text = std::to_string(paths(one, i)),
                              .font = Font::mono,
                              .size = 10,
                              .color = theme().text,
                              .align = Align::centre});
      }
      // A point in the middle of a straight line would bend it in some painters.
      if (!line.points.empty() && line.points.back().y == bar.y)
        line.points.pop_back();
      else
        line.points.push_back({bar.x, bar.y});
      line.points.push_back({bar.right(), bar.y});
      i = end;
    }
    figure_.add(std::move(line));
  }

  /// Whether each bar can hold its number.
  template <typename Edge, typename Height>
  bool have_room_for_numbers(const StackAxis& one, int64_t cells, Edge edge, Height height) const {
    constexpr int64_t few = 128;
    if (cells > few) return false;
    for (int64_t i = 0; i < cells; ++i) {
      const double needed = in_.text.width(Font::mono, 10, std::to_string(paths(one, i))) + 4;
      if (edge(i + 1) - edge(i) < needed || height(i) < 13) return false;
    }
    return true;
  }

  void draw_footprint(const StackAxis& one, const Rect& lane) {
    const double cell = cell_of(one);
    const double begin = static_cast<double>(input_cell_) * static_cast<double>(one.scale);
    const double map_end = static_cast<double>(one.output) * cell;
    const double from = (begin + static_cast<double>(one.first)) * cell;
    const double to = from + static_cast<double>(one.reach) * cell;
    const double x = x_of(std::min(from, map_end));
    const double end = x_of(std::min(to, map_end));
    const double middle = lane.centre().y;
    if (end > x) {
      figure_.add(RectShape{
          .rect = {x, middle - 3, end - x, 6}, .fill = mix(theme().surface, theme().input, 0.45), .radius = 2});
    }
    const double wanted = (static_cast<double>(input_cell_) + 0.5) * scale_;
    const double found = wanted + one.drift * cell;
    if (wanted <= window_) {
      const double line = x_of(wanted);
      figure_.add(LineShape{{{line, lane.y + 1}, {line, lane.bottom() - 1}}, theme().text, 1});
    }
    if (std::min(wanted, found) < 0 || std::max(wanted, found) > window_) return;
    const double tip = x_of(found);
    const double tail = x_of(wanted);
    if (std::abs(tip - tail) < 2) return;
    const double back = tip > tail ? -4 : 4;
    figure_.add(LineShape{{{tail, middle}, {tip, middle}}, theme().text, 1.5});
    figure_.add(LineShape{{{tip + back, middle - 4}, {tip, middle}, {tip + back, middle + 4}}, theme().text, 1.5});
  }

  /// The cells of a pattern that are shown: whole periods, up to a limit.
  static int64_t tile_cells(const StackAxis& one) {
    constexpr int64_t least = 6;
    return std::min(most_tile_cells, (least + one.period - 1) / one.period * one.period);
  }

  void draw_tile(const StackDepth& depth, Point at) {
    if (!depth.known()) return;
    const StackAxis one_row{.pattern = {1}, .least = 1, .most = 1, .period = 1, .profile = {}};
    const StackAxis& across = depth.axes.back();
    const StackAxis& down = depth.axes.size() > 1 ? depth.axes[depth.axes.size() - 2] : one_row;
    const int64_t cols = std::max(tile_cells(across), tile_cells(down));
    const int64_t rows = depth.axes.size() > 1 ? cols : 1;
    const double cell = std::floor(tile_side / static_cast<double>(std::max(rows, cols)));
    const double height = rows == 1 ? 16 : cell;
    const auto most = static_cast<double>(across.most) * static_cast<double>(down.most);
    const ColorMap& map = shown_color_map(in_.document);
    const auto color = [&](int64_t row, int64_t col) {
      const double count = static_cast<double>(across.pattern[index(col % across.scale)]) *
                           static_cast<double>(down.pattern[index(row % down.scale)]);
      return map.at(most > 0 ? count / most : 0);
    };
    if (depth.even()) {
      figure_.add(RectShape{.rect = {at.x, at.y, cell * static_cast<double>(cols), height * static_cast<double>(rows)},
                            .fill = color(0, 0)});
      return;
    }
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t col = 0; col < cols; ++col) {
        figure_.add(RectShape{
            .rect = {at.x + cell * static_cast<double>(col), at.y + height * static_cast<double>(row), cell, height},
            .fill = color(row, col)});
      }
    }
  }

  double draw_legend() {
    std::string words =
        "Every curve starts at zero and is as high as its busiest cell. Blue: where the paths from input cell " +
        std::to_string(input_cell_) +
        " lead; the line is the middle of the cells that it should become, the arrow how far they "
        "drift from there. The numbers above each curve, and the pattern at its right, bright where most paths lead, "
        "are those far from the borders.";
    if (extent_ > window_) {
      words += " The first " + grouped(static_cast<int64_t>(window_)) + " cells of " +
               (extent_ < 1e15 ? grouped(static_cast<int64_t>(extent_)) : std::string("very many")) + " are shown.";
    }
    double y = add_paragraph(figure_, in_.text, {left_, y_ + 6}, width_, {.size = 12, .color = theme().muted}, words);
    if (!in_.color_bar) return y;
    // Each pattern in parts of its own busiest cell: a scale of numbers would be another one in each row.
    y += 6;
    constexpr double narrowest = 24;
    const std::string most = "most paths";
    const auto left_for_strip = [&](const std::string& least) {
      return width_ - in_.text.width(Font::regular, 12, least) - in_.text.width(Font::regular, 12, most) - 16;
    };
    std::string least = "A pattern's colours: no path";
    if (left_for_strip(least) < narrowest) least = "no path";
    const double end = add_spans(figure_, in_.text, {left_, y}, 12, {{least, theme().muted}});
    const Rect strip{end + 8, y - 9, std::clamp(left_for_strip(least), narrowest, 140.0), 10};
    add_color_strip(figure_, in_, strip, shown_color_map(in_.document));
    add_spans(figure_, in_.text, {strip.right() + 8, y}, 12, {{most, theme().muted}});
    return y + 12;
  }

  const ViewInput& in_;
  Figure& figure_;
  const StackScene& scene_;
  const std::vector<StackDepth>& depths_;
  const double left_;
  double y_;
  const double width_;
  const double strip_;
  const double scale_;
  double extent_ = 1;
  double window_ = 1;       ///< cells of the end that are shown
  int64_t input_cell_ = 0;  ///< whose footprint is shown
};

}  // namespace

double add_stack_profiles(Figure& figure, const ViewInput& in, const StackScene& scene, Point at, double width) {
  return StackProfiles(in, figure, scene, at, width).draw();
}

}  // namespace tconv
