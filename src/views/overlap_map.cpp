#include "views/overlap_map.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "views/color_bar.h"
#include "views/color_scales.h"
#include "views/large_map.h"
#include "views/linking.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr const char* kind_choice = "overlap/sum";
constexpr double profile = 44;  // height of a profile, points

class OverlapMap {
 public:
  OverlapMap(Figure& figure, const ViewInput& in)
      : figure_(figure),
        in_(in),
        layer_(in.document.scenario.layer),
        axes_(layer_.as_3d()),
        slice_(std::min(in.interaction.out_slice, output_size(axes_[0]) - 1)),
        rows_(output_size(axes_[1])),
        cols_(output_size(axes_[2])),
        kind_(coverage_kind(in.interaction)) {}

  double draw(const Rect& room) {
    add_map_title(figure_, in_, {room.x, room.y + 14, room.w, room.h}, in_.theme.text, heading(),
                  title(room.w - in_.text.width(Font::semibold, 14, heading()) - 8));
    if (rows_ > largest_overlap_map / cols_) {
      const double y = add_chips(figure_, in_, {room.x, room.y + 14}, room.w, chips()) + 14;
      return add_paragraph(figure_, in_.text, {room.x, y + 14}, room.w, {.size = 13, .color = in_.theme.muted},
                           "A map of " + std::to_string(rows_) + " × " + std::to_string(cols_) +
                               " cells is too large to be drawn here; tconv coverage --output writes it to a file.");
    }
    const ColorScale scale = compute();
    double y = draw_controls({room.x, room.y + 14}, room.w, scale) + 14;
    const double below = 34 + profile;
    const bool has_rows = rows_ > 1;
    draw_map({room.x, y, room.w - (has_rows ? profile + 16 : 0), std::max(80.0, room.bottom() - y - below)}, scale);
    guide_ = overlap_guide(in_, rows_, cols_);
    draw_guides();
    y = draw_row_profile();
    if (has_rows) draw_column_profile();
    return y;
  }

 private:
  std::string heading() const {
    if (kind_ == CoverageKind::counts) return "Hits per output cell";
    return kind_ == CoverageKind::kernel ? "Sum of taps per output cell" : "Sum of |taps| per output cell";
  }

  std::string title(double width) const {
    std::string input;
    std::string output;
    for (const AxisSpec& axis : layer_.spatial()) {
      input += (input.empty() ? "" : " × ") + std::to_string(axis.input);
      output += (output.empty() ? "" : " × ") + std::to_string(output_size(axis));
    }
    std::string text = "— input " + input + ", output " + output;
    if (layer_.dims == 3) text += ", slice " + std::to_string(slice_);
    if (in_.text.width(Font::regular, 13, text) > width) text = "— " + output;
    return text;
  }

  std::vector<ViewChip> chips() const {
    std::string pair;
    if (layer_.in_channels > 1 || layer_.out_channels > 1) {
      pair =
          "[" + std::to_string(in_.interaction.in_channel) + " → " + std::to_string(in_.interaction.out_channel) + "]";
    }
    return {{"Count", kind_ == CoverageKind::counts, ViewChoice{kind_choice, "counts"}},
            {"∑ w" + pair, kind_ == CoverageKind::kernel, ViewChoice{kind_choice, "kernel"}},
            {"∑ |w" + pair + "|", kind_ == CoverageKind::magnitude, ViewChoice{kind_choice, "magnitude"}}};
  }

  /// The chips, and the colour bar at their right or below them; returns the y below.
  double draw_controls(Point at, double width, const ColorScale& scale) {
    constexpr double narrowest = 150;
    constexpr double widest = 300;
    double used = 0;
    for (const ViewChip& chip : chips()) {
      if (in_.interactive || chip.on) used += in_.text.width(Font::regular, 13, chip.label) + 34;
    }
    const double y = add_chips(figure_, in_, at, width, chips());
    if (!in_.color_bar) return y;
    const std::string unit = kind_ == CoverageKind::counts ? "hits" : "";
    const double left = width - used - 14;
    if (left < narrowest) return add_color_bar(figure_, in_, {at.x, y + 10}, std::min(width, widest), scale, unit);
    const double bar = std::min(left, widest);
    return std::max(y, add_color_bar(figure_, in_, {at.x + used + 14, at.y + 1}, bar, scale, unit));
  }

  ColorScale compute() {
    if (kind_ != CoverageKind::counts) {
      const std::vector<float> kernel = shown_kernel(in_, kind_);
      if (!kernel.empty()) {
        map_ = coverage_slice(layer_, kernel, slice_);
        ColorScale scale = scale_for(in_, map_.values());
        range_ = scale.data_range();
        return scale;
      }
      kind_ = CoverageKind::counts;
    }
    map_ = coverage_slice(layer_, slice_);
    ColorScale scale = count_scale_for(in_, map_.values());
    range_ = {0, scale.data_range().high};
    return scale;
  }

  float value(int64_t row, int64_t col) const { return map_[row * cols_ + col]; }
  std::string number(float value) const { return number_text(static_cast<double>(value), 3); }

  void draw_map(const Rect& room, const ColorScale& scale) {
    const CellIndex origin{
        .batch = in_.interaction.batch, .channel = in_.interaction.out_channel, .at = {slice_, 0, 0}};
    if (rows_ > largest_cell_grid || cols_ > largest_cell_grid) {
      const Rect rect = fitted_rect(room, rows_, cols_);
      add_large_map(figure_, in_, rect, {{PlaneView{map_.values(), rows_, cols_}}, scale, OutputCell{origin}});
      figure_.add(RectShape{.rect = rect.grown(1), .stroke = in_.theme.border, .stroke_width = 1});
      large_ = figure_.grids.back();
      place_ = rect;
      return;
    }
    grid_ = fit_grid(room, rows_, cols_, 64, 0.06);
    place_ = grid_.rect();
    figure_.color_range = scale.range();
    add_cells(figure_, in_.text, grid_, [&](int64_t row, int64_t col) {
      const float cell = value(row, col);
      const Color fill = scale.color(static_cast<double>(cell));
      CellIndex index = origin;
      index.at = {slice_, row, col};
      return CellLook{.fill = fill,
                      .stroke = in_.theme.border,
                      .stroke_width = 0,
                      .number = number(cell),
                      .number_color = readable_on(fill),
                      .badge = {},
                      .badge_color = {},
                      .tag = OutputCell{index}};
    });
  }

  /// Where cells are drawn along an axis: from, to.
  std::array<double, 2> along_x(int64_t col) const {
    return ends(large_ ? large_->place(0, col, rows_, col) : grid_.cell_rect(0, col), false);
  }
  std::array<double, 2> along_y(int64_t row) const {
    return ends(large_ ? large_->place(row, 0, row, cols_) : grid_.cell_rect(row, 0), true);
  }
  static std::array<double, 2> ends(const Rect& rect, bool vertical) {
    return vertical ? std::array{rect.y, rect.bottom()} : std::array{rect.x, rect.right()};
  }

  void draw_guides() {
    const auto x = along_x(guide_[1]);
    const auto y = along_y(guide_[0]);
    const double cx = (x[0] + x[1]) / 2;
    const double cy = (y[0] + y[1]) / 2;
    const Color color = in_.theme.cursor;
    if (rows_ > 1) {
      figure_.add(LineShape{{{cx, place_.y - 5}, {cx, place_.y - 1}}, color, 2});
      figure_.add(LineShape{{{cx, place_.bottom() + 1}, {cx, place_.bottom() + 5}}, color, 2});
      figure_.add(LineShape{{{place_.x - 5, cy}, {place_.x - 1, cy}}, color, 2});
      figure_.add(LineShape{{{place_.right() + 1, cy}, {place_.right() + 5, cy}}, color, 2});
    }
  }

  /// 0 at the bottom of a profile unless values are negative.
  double height_of(float value) const {
    const double low = std::min(0.0, range_.low);
    const double high = std::max(0.0, range_.high);
    if (std::isnan(value) || !(high > low)) return 0;
    return std::clamp((static_cast<double>(value) - low) / (high - low), 0.0, 1.0);
  }

  /// The steps of a profile as places along its axis and heights, at most two per point of its length.
  template <typename Place, typename Value>
  std::vector<Point> steps(int64_t count, double length, Place place, Value value_of) const {
    std::vector<Point> points;
    const auto most = std::max<int64_t>(16, static_cast<int64_t>(length));
    const int64_t bin = std::max<int64_t>(1, count / most);
    for (int64_t first = 0; first < count; first += bin) {
      const int64_t last = std::min(count, first + bin) - 1;
      const double from = place(first)[0];
      const double to = last + 1 < count ? place(last + 1)[0] : place(last)[1];
      if (!(to > from)) continue;  // outside the part that is shown
      double low = height_of(value_of(first));
      double high = low;
      for (int64_t i = first; i <= last; ++i) {
        low = std::min(low, height_of(value_of(i)));
        high = std::max(high, height_of(value_of(i)));
      }
      // A level run of cells is one line.
      const bool level = low == high && points.size() > 1 && points.back().y == low && points.back().x == from;
      if (level && points[points.size() - 2].y == low) {
        points.back().x = to;
      } else {
        points.push_back({from, low});
        points.push_back({to, high});
      }
    }
    return points;
  }

  double draw_row_profile() {
    const double top = place_.bottom() + 30;
    add_spans(figure_, in_.text, {place_.x, top - 8}, 12,
              {{in_.text.fitted(
                    Font::regular, 12,
                    (rows_ > 1 ? "Along output row " + std::to_string(guide_[0]) : std::string("Along the output")) +
                        words_of_range(guide_[0]),
                    std::max(place_.w, 200.0)),
                in_.theme.muted}});
    std::vector<Point> points = steps(
        cols_, place_.w, [&](int64_t col) { return along_x(col); }, [&](int64_t col) { return value(guide_[0], col); });
    for (Point& point : points) point.y = top + profile - 4 - point.y * (profile - 8);
    figure_.add(LineShape{{{place_.x, top + profile}, {place_.right(), top + profile}}, in_.theme.border, 1});
    if (points.size() > 1) figure_.add(LineShape{points, in_.theme.output, 1.5});
    return top + profile + 10;
  }

  std::string words_of_range(int64_t row) const {
    const auto first = map_.values().begin() + row * cols_;
    const auto [low, high] = std::minmax_element(first, first + cols_);
    return ": " + number(*low) + " to " + number(*high);
  }

  void draw_column_profile() {
    const double left = place_.right() + 12;
    std::vector<Point> points = steps(
        rows_, place_.h, [&](int64_t row) { return along_y(row); }, [&](int64_t row) { return value(row, guide_[1]); });
    for (Point& point : points) point = {left + 4 + point.y * (profile - 8), point.x};
    figure_.add(LineShape{{{left, place_.y}, {left, place_.bottom()}}, in_.theme.border, 1});
    if (points.size() > 1) figure_.add(LineShape{points, in_.theme.output, 1.5});
  }

  Figure& figure_;
  const ViewInput& in_;
  const LayerSpec& layer_;
  const std::array<AxisSpec, 3> axes_;
  const int64_t slice_;
  const int64_t rows_;
  const int64_t cols_;
  CoverageKind kind_;
  Tensor map_;
  ValueRange range_;
  GridLayout grid_;
  std::optional<CellGrid> large_;  ///< of a map that is one image
  Rect place_;
  std::array<int64_t, 2> guide_{};
};

}  // namespace

CoverageKind coverage_kind(const Interaction& interaction) {
  const std::string kind = interaction.choice(kind_choice, "counts");
  return kind == "kernel" ? CoverageKind::kernel : kind == "magnitude" ? CoverageKind::magnitude : CoverageKind::counts;
}

std::vector<OptionRule> coverage_options() { return {{kind_choice, {"counts", "kernel", "magnitude"}}}; }

std::vector<float> shown_kernel(const ViewInput& in, CoverageKind kind) {
  const LayerSpec& layer = in.document.scenario.layer;
  const LayerSpec& computed = in.results.scenario.layer;
  if (!in.results.ready() || !(weight_shape(computed) == weight_shape(layer)) || computed.groups != layer.groups) {
    return {};
  }
  const int64_t taps = in.results.weight.size() / (layer.in_channels * (layer.out_channels / layer.groups));
  std::vector<float> kernel(static_cast<std::size_t>(taps), 0.0F);
  if (!joined(layer, in.interaction.in_channel, in.interaction.out_channel)) return kernel;
  const int64_t first = flat_weight(layer, in.interaction.in_channel, in.interaction.out_channel, {0, 0, 0});
  for (int64_t tap = 0; tap < taps; ++tap) {
    const float value = in.results.weight[first + tap];
    kernel[static_cast<std::size_t>(tap)] = kind == CoverageKind::magnitude ? std::abs(value) : value;
  }
  return kernel;
}

std::array<int64_t, 2> overlap_guide(const ViewInput& in, int64_t rows, int64_t cols) {
  if (const auto* hovered = std::get_if<OutputCell>(&in.interaction.hover)) {
    const auto& at = hovered->cell.at;
    if (at[1] < rows && at[2] < cols) return {at[1], at[2]};
  }
  return {rows / 2, cols / 2};
}

double add_overlap_map(Figure& figure, const ViewInput& in, const Rect& room) {
  return OverlapMap(figure, in).draw(room);
}

}  // namespace tconv
