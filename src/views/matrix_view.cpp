// The convolution as a sparse matrix C, the transposed convolution as Cᵀ: one row times x is one output cell.

#include <algorithm>
#include <cmath>

#include "views/matrix_map.h"
#include "views/value_map.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr const char* up_down = "matrix/up-down";
constexpr const char* down_up = "matrix/down-up";

/// There and back: what went in, what C or Cᵀ made of it, what the other one made of that.
struct RoundTrip {
  std::array<std::string, 3> names;
  std::array<const Tensor*, 3> maps;
  int64_t batch;       ///< of these maps
  bool starts_at_top;  ///< in a map of the output's shape
};

/// The cell that came back worst, and how far off it is as a part of what went in.
struct Loss {
  int64_t worst = -1;  ///< flat, within the sample; -1 if all came back
  double relative = 0;
  double before = 0, after = 0;
};

Loss loss_of(std::span<const float> before, std::span<const float> after) {
  Loss loss;
  for (std::size_t i = 0; i < before.size(); ++i) {
    const double from = static_cast<double>(before[i]);
    const double to = static_cast<double>(after[i]);
    if (from == 0 || !(std::abs(to - from) / std::abs(from) > loss.relative)) continue;
    loss = {static_cast<int64_t>(i), std::abs(to - from) / std::abs(from), from, to};
  }
  return loss;
}

class MatrixPage {
 public:
  MatrixPage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        maps_(in, figure),
        layer_(in.results.scenario.layer),
        adjoint_(maps_.adjoint()),
        margin_(page_margin(in.size.w)) {}

  double draw() {
    const double width = in_.size.w - 2 * margin_;
    const Theme& theme = in_.theme;
    double y = 34;
    const std::string shape =
        "Cᵀ " + grouped_text(maps_.outputs()) + " × " + grouped_text(maps_.inputs()) + " · " + maps_.entries_text();
    const std::string shown = in_.text.fitted(Font::semibold, 14, shape, width);
    const std::string sample =
        layer_.batch > 1 ? ", the same for each of " + std::to_string(layer_.batch) + " samples" : "";
    const double left = width - in_.text.width(Font::semibold, 14, shown);
    add_spans(figure_, in_.text, {margin_, y}, 14,
              {{shown, theme.text, Font::semibold}, {in_.text.fitted(Font::regular, 14, sample, left), theme.muted}});
    y = add_paragraph(figure_, in_.text, {margin_, y + 22}, width, {.size = 13, .color = theme.muted},
                      maps_.count_text());
    // One line whatever the cursor is on, so that nothing moves.
    figure_.add(TextShape{.at = {margin_, y + 2},
                          .text = in_.text.fitted(Font::regular, 13, maps_.cursor_text(), width),
                          .size = 13,
                          .color = theme.text});
    y = width >= 560 ? draw_side_by_side(y + 48, width) : draw_stacked(y + 48, width);
    for (const char* id : {down_up, up_down}) {
      if (in_.interaction.options.contains(id)) y = draw_round_trip(y + 20, width, trip(id));
    }
    return y + 20;
  }

 private:
  void name(Point at, const std::string& words, Color color) {
    figure_.add(
        TextShape{.at = at, .text = words, .font = Font::semibold, .size = 13, .color = color, .align = Align::centre});
  }

  /// y = Cᵀ x, and beside it what C does, with what follows from both below that.
  double draw_side_by_side(double top, double width) {
    const double height = std::max(220.0, in_.size.h - top - 30);
    const double left = std::clamp(width * 0.44, 200.0, 420.0);
    const double bottom = draw_transposed({margin_, top, left, height});
    const double x = margin_ + left + 40;
    const double room = in_.size.w - margin_ - x;
    const double forward = draw_forward({x, top, room, std::max(180.0, height - 200)});
    return std::max(bottom, draw_switches({x, draw_adjoint({x, forward + 36}, room) + 12}, room));
  }

  double draw_stacked(double top, double width) {
    const double height = std::max(200.0, in_.size.h * 0.5);
    const double bottom = draw_transposed({margin_, top, width, height});
    const double forward = draw_forward({margin_, bottom + 48, width, height * 0.8});
    return draw_switches({margin_, draw_adjoint({margin_, forward + 36}, width) + 12}, width);
  }

  double draw_transposed(const Rect& room) {
    const double strip = std::clamp(room.w * 0.12, 24.0, 44.0);
    const double between = 22;
    const Rect inner{room.x + strip + between, room.y, room.w - 2 * (strip + between), room.h};
    const Rect rect = maps_.fitted(inner, MatrixSide::transposed);
    const Theme& theme = in_.theme;
    maps_.draw_output_strip(rect, {Along::rows, room.x, strip, maps_.y()});
    maps_.draw_matrix(rect, MatrixSide::transposed);
    const double x = rect.right() + between;
    maps_.draw_input_strip(maps_.input_column(rect), {Along::rows, x, strip, maps_.x()});
    name({room.x + strip / 2, room.y - 12}, "y", theme.output_text);
    name({room.x + strip + between / 2, room.y - 12}, "=", theme.muted);
    name({rect.centre().x, room.y - 12}, "Cᵀ", theme.kernel_text);
    name({x - between / 2, room.y - 12}, "·", theme.muted);
    name({x + strip / 2, room.y - 12}, "x", theme.input_text);
    return rect.bottom();
  }

  double draw_forward(const Rect& room) {
    const Theme& theme = in_.theme;
    const double strip = std::clamp(room.w * 0.12, 30.0, 44.0);
    const double gap = 12;
    const double head = 22;
    const Rect rect =
        maps_.fitted({room.x, room.y + head + gap, room.w - strip - gap, room.h - head - gap}, MatrixSide::forward);
    maps_.draw_output_strip(rect, {Along::columns, room.y, head, maps_.y()});
    maps_.draw_matrix(rect, MatrixSide::forward);
    const double x = rect.right() + gap;
    maps_.draw_input_strip(rect, {Along::rows, x, strip, adjoint_.cu, false});
    name({x + strip / 2, room.y + 16}, "C y", theme.input_text);
    const double left = room.w - in_.text.width(Font::semibold, 13, "C y");
    const std::string words = ", the forward convolution of y: a row of C times y";
    const bool fits = in_.text.width(Font::regular, 13, words) <= left;
    const std::string shorter = in_.text.fitted(Font::regular, 13, ", the forward convolution of y", left);
    add_spans(figure_, in_.text, {room.x, room.y - 12}, 13,
              {{"C", theme.kernel_text, Font::semibold},
               {" y", theme.output_text, Font::semibold},
               {fits ? words : shorter, theme.muted}});
    return rect.bottom();
  }

  double draw_adjoint(Point at, double width) {
    const Theme& theme = in_.theme;
    add_spans(figure_, in_.text, at, 13,
              {{"⟨C y, x⟩ = ", theme.muted}, {number_text(adjoint_.down, 8), theme.text, Font::mono}});
    at.y += 21;
    const Span difference = difference_span(theme, adjoint_);
    const double end =
        add_spans(figure_, in_.text, at, 13,
                  {{"⟨y, Cᵀ x⟩ = ", theme.muted}, {number_text(adjoint_.up, 8), theme.text, Font::mono}});
    double x = end + 16;
    if (x + in_.text.width(Font::regular, 13, difference.text) > at.x + width) {
      x = at.x;
      at.y += 21;
    }
    add_spans(figure_, in_.text, {x, at.y}, 13, {difference});
    return add_paragraph(
        figure_, in_.text, {at.x, at.y + 26}, width, {.size = 13, .color = theme.muted},
        "Cᵀ is the adjoint of C: it changes sides, and the product stays. y is what is painted so far.");
  }

  /// The switches of the round trips; returns the y below.
  double draw_switches(Point at, double width) {
    const Theme& theme = in_.theme;
    double y = add_paragraph(figure_, in_.text, {at.x, at.y + 10}, width, {.size = 13, .color = theme.text},
                             "The adjoint, not the inverse. What does not come back:");
    const auto& options = in_.interaction.options;
    return add_chips(figure_, in_, {at.x, y - 6}, width,
                     {{"Down and up: Cᵀ C", options.contains(down_up), ViewOption{down_up}},
                      {"Up and down: C Cᵀ", options.contains(up_down), ViewOption{up_down}}});
  }

  RoundTrip trip(std::string_view id) const {
    const MatrixSummary& summary = in_.results.ways->matrix_summary;
    if (id == down_up) {
      return {{"1, 2, 3, …", "C of it", "Cᵀ C of it"}, {&summary.ramp, &summary.down, &summary.down_up}, 0, true};
    }
    return {{"x", "Cᵀ x", "C Cᵀ x"}, {&in_.results.input, &summary.up, &summary.up_down}, in_.interaction.batch, false};
  }

  double draw_round_trip(double y, double width, const RoundTrip& trip) {
    const Theme& theme = in_.theme;
    const Interaction& state = in_.interaction;
    const auto flat = [&](const Tensor& map) {
      const auto size = map.values().size() / static_cast<std::size_t>(map.shape()[0]);
      return map.values().subspan(static_cast<std::size_t>(trip.batch) * size, size);
    };
    const auto before = flat(*trip.maps[0]);
    const auto after = flat(*trip.maps[2]);
    const auto plane = [&](const Tensor& map, bool top) {
      return top ? plane_of(map, trip.batch, state.out_channel, state.out_slice)
                 : plane_of(map, trip.batch, state.in_channel, state.in_slice);
    };
    const PlaneView shown_before = plane(*trip.maps[0], trip.starts_at_top);
    const PlaneView shown_after = plane(*trip.maps[2], trip.starts_at_top);
    std::vector<float> lost(shown_before.values.size());
    for (std::size_t i = 0; i < lost.size(); ++i) lost[i] = shown_after.values[i] - shown_before.values[i];
    const std::array<PlaneView, 4> planes{shown_before, plane(*trip.maps[1], !trip.starts_at_top), shown_after,
                                          PlaneView{lost, shown_before.rows, shown_before.cols}};
    const std::array<std::string, 4> names{trip.names[0], trip.names[1], trip.names[2], "Difference"};

    const std::size_t columns = width >= 600 ? 4 : 2;
    const double gap = 24;
    const double each = (width - gap * static_cast<double>(columns - 1)) / static_cast<double>(columns);
    double top = y;
    double bottom = y;
    for (std::size_t i = 0; i < planes.size(); ++i) {
      if (i % columns == 0) top = bottom + 44;
      const Rect room{margin_ + static_cast<double>(i % columns) * (each + gap), top, each, std::min(each, 220.0)};
      const bool output_shaped = (i == 1) != trip.starts_at_top;
      const Role role = i == 3 ? kernel_role(theme) : output_shaped ? output_role(theme) : input_role(theme);
      const std::string part = output_shaped ? part_text(layer_, state.out_channel, layer_.out_channels,
                                                         state.out_slice, output_size(layer_.as_3d()[0]))
                                             : part_text(layer_, state.in_channel, layer_.in_channels, state.in_slice,
                                                         layer_.as_3d()[0].input);
      add_map_title(figure_, in_, room, role.text, names[i], part);
      const Rect map = add_value_map(figure_, in_, room,
                                     {.plane = planes[i], .first = {}, .role = role, .largest = 0, .largest_cell = 48});
      bottom = std::max(bottom, map.bottom());
    }
    return add_paragraph(figure_, in_.text, {margin_, bottom + 28}, width, {.size = 13, .color = theme.text},
                         verdict(loss_of(before, after), trip.starts_at_top));
  }

  std::string verdict(const Loss& loss, bool output_shaped) const {
    const std::string way = output_shaped ? "down and up" : "up and down";
    if (loss.worst < 0)
      return "✓ Here " + way + " brings everything back. That is rare: Cᵀ is the adjoint of C, not its inverse.";
    const CellIndex cell = output_shaped ? matrix_output(layer_, 0, loss.worst) : matrix_input(layer_, 0, loss.worst);
    std::string where = place_text(layer_, cell.at);
    if ((output_shaped ? layer_.out_channels : layer_.in_channels) > 1) {
      where += " of channel " + std::to_string(cell.channel);
    }
    return "✗ Not recovered. Worst is cell " + where + ": " + number_text(loss.before) + " comes back as " +
           number_text(loss.after) + ", off by " + number_text(100 * loss.relative, 3) +
           " % of itself. Cᵀ is the adjoint of C, not its inverse: what one summed up, the other spreads out again by "
           "the same weights; nothing is undone.";
  }

  const ViewInput& in_;
  Figure& figure_;
  MatrixMaps maps_;
  const LayerSpec& layer_;
  const MatrixMaps::Adjoint adjoint_;
  const double margin_;
};

Figure draw_matrix(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "The convolution as a matrix"};
  if (add_no_result_page(figure, in, true)) return figure;
  if (in.results.ways->matrix.rows() == 0) {
    const double margin = page_margin(in.size.w);
    const double width = in.size.w - 2 * margin;
    figure.add(TextShape{.at = {margin, 60},
                         .text = in.text.fitted(Font::semibold, 17, "Too large to write out as a matrix", width),
                         .font = Font::semibold,
                         .size = 17,
                         .color = in.theme.text});
    add_paragraph(figure, in.text, {margin, 92}, width, {.size = 14, .color = in.theme.muted},
                  too_large_text(in.results.scenario.layer));
    return figure;
  }
  figure.size.h = std::max(in.size.h, MatrixPage(in, figure).draw());
  return figure;
}

}  // namespace

View matrix_view() {
  return {.id = "matrix",
          .label = "Matrix",
          .group = 0,
          .order = 2,
          .timeline = Timeline::stamps,
          .has_inspector = true,
          .draw = draw_matrix,
          .needs_ways = true,
          .arrays = matrix_arrays,
          .options = []() -> std::vector<OptionRule> {
            return {{down_up}, {up_down}};
          }};
}

}  // namespace tconv
