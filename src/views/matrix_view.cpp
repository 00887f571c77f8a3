// The convolution as a sparse matrix C, the transposed convolution as Cᵀ: one row times x is one output cell.

#include <algorithm>
#include <cmath>

#include "core/gradients.h"
#include "views/matrix_map.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr const char* up_down = "matrix/up-down";
constexpr const char* down_up = "matrix/down-up";

/// A map of the output's shape with 1, 2, 3, …: what the forward convolution is applied to.
Tensor ramp(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
  return {shape, std::move(values)};
}

class MatrixPage {
 public:
  MatrixPage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        maps_(in, figure),
        layer_(in.results.scenario.layer),
        margin_(page_margin(in.size.w)) {}

  double draw() {
    const double width = in_.size.w - 2 * margin_;
    double y = 34;
    add_spans(figure_, in_.text, {margin_, y}, 14,
              {{in_.text.fitted(Font::semibold, 14, maps_.shape_text(), width), in_.theme.text, Font::semibold}});
    y = add_paragraph(figure_, in_.text, {margin_, y + 22}, width, {.size = 13, .color = in_.theme.muted},
                      maps_.count_text() + " Painting adds column after column, each times its x.");
    y = width >= 560 ? draw_side_by_side(y + 44, width) : draw_stacked(y + 44, width);
    y = add_paragraph(figure_, in_.text, {margin_, y + 34}, width, {.size = 13, .color = in_.theme.text},
                      maps_.adjoint_text() + "   (u = Cᵀ x)");
    return draw_round_trips(y + 8, width) + 20;
  }

 private:
  void name(Point at, const std::string& words, Color color) {
    figure_.add(
        TextShape{.at = at, .text = words, .font = Font::semibold, .size = 13, .color = color, .align = Align::centre});
  }

  /// y = Cᵀ x as far to the left as it goes, C u beside it.
  double draw_side_by_side(double top, double width) {
    const double height = std::max(220.0, in_.size.h - top - 190);
    const double left = std::clamp(width * 0.44, 200.0, 420.0);
    const double bottom = draw_transposed({margin_, top, left, height});
    const double x = margin_ + left + 40;
    return std::max(bottom, draw_forward({x, top, in_.size.w - margin_ - x, height}));
  }

  double draw_stacked(double top, double width) {
    const double height = std::max(200.0, in_.size.h * 0.5);
    const double bottom = draw_transposed({margin_, top, width, height});
    return draw_forward({margin_, bottom + 44, width, height * 0.8});
  }

  double draw_transposed(const Rect& room) {
    const double strip = std::clamp(room.w * 0.12, 24.0, 44.0);
    const double between = 22;
    const Rect inner{room.x + strip + between, room.y, room.w - 2 * (strip + between), room.h};
    const Rect rect = maps_.fitted(inner, MatrixSide::transposed);
    const Theme& theme = in_.theme;
    maps_.draw_output_strip(rect, true, room.x, strip, maps_.y(), true);
    maps_.draw_matrix(rect, MatrixSide::transposed);
    const double x = rect.right() + between;
    const double step = std::min(26.0, rect.h / static_cast<double>(maps_.inputs()));
    maps_.draw_input_strip({0, rect.y, 0, step * static_cast<double>(maps_.inputs())}, true, x, strip, maps_.x(), true);
    name({room.x + strip / 2, room.y - 12}, "y", theme.output_text);
    name({room.x + strip + between / 2, room.y - 12}, "=", theme.muted);
    name({rect.centre().x, room.y - 12}, "Cᵀ", theme.kernel_text);
    name({x - between / 2, room.y - 12}, "·", theme.muted);
    name({x + strip / 2, room.y - 12}, "x", theme.input_text);
    return rect.bottom();
  }

  double draw_forward(const Rect& room) {
    const Theme& theme = in_.theme;
    const double strip = std::clamp(room.w * 0.1, 24.0, 40.0);
    const double gap = 12;
    const Rect rect =
        maps_.fitted({room.x, room.y + 22 + gap, room.w - strip - gap, room.h - 22 - gap}, MatrixSide::forward);
    const std::vector<float> u = in_.results.ways->matrix.transposed_times(maps_.x());
    const std::vector<float> cu = in_.results.ways->matrix.times(u);
    maps_.draw_output_strip(rect, false, room.y, 22, u, true);
    maps_.draw_matrix(rect, MatrixSide::forward);
    maps_.draw_input_strip(rect, true, rect.right() + gap, strip, cu, false);
    const double x = room.x;
    add_spans(
        figure_, in_.text, {x, room.y - 12}, 13,
        {{"C", theme.kernel_text, Font::semibold},
         {in_.text.fitted(Font::regular, 13,
                          ", the forward convolution: each row times u (above) is a cell of C u (right)", room.w - 14),
          theme.muted}});
    return rect.bottom();
  }

  /// The switches, and below them what does not come back.
  double draw_round_trips(double y, double width) {
    const Theme& theme = in_.theme;
    const auto& options = in_.interaction.options;
    y += 16;
    double x = margin_;
    const auto chip = [&](const char* id, const std::string& label) {
      const double w = in_.text.width(Font::regular, 13, label) + 24;
      if (x > margin_ && x + w > margin_ + width) {
        x = margin_;
        y += 34;
      }
      const bool on = options.contains(id);
      const Rect place{x, y, std::min(w, width), 26};
      figure_.add(RectShape{.rect = place,
                            .fill = on ? mix(theme.background, theme.kernel, 0.18) : theme.surface,
                            .stroke = on ? theme.kernel : theme.border,
                            .stroke_width = 1,
                            .radius = 13},
                  ViewOption{id});
      figure_.add(TextShape{.at = {place.centre().x, place.y + 18},
                            .text = in_.text.fitted(Font::regular, 13, label, place.w - 20),
                            .size = 13,
                            .color = theme.text,
                            .align = Align::centre});
      x += w + 10;
    };
    chip(down_up, "Down and up: Cᵀ C on 1, 2, 3 …");
    chip(up_down, "Up and down: C Cᵀ on the input");
    y += 26;
    if (options.contains(down_up)) y = draw_down_up(y, width);
    if (options.contains(up_down)) y = draw_up_down(y, width);
    return y;
  }

  double draw_down_up(double y, double width) {
    const Tensor before = ramp(in_.results.frame.output.shape());
    const Tensor small = *convolve(layer_, before, in_.results.weight, {});
    const Tensor after = scatter_add(layer_, small, in_.results.weight);
    return draw_round_trip(y, width, "Before", before, "After Cᵀ C", after, in_.interaction.out_channel,
                           in_.interaction.out_slice, output_role(in_.theme));
  }

  double draw_up_down(double y, double width) {
    const Tensor& before = in_.results.input;
    const Tensor large = scatter_add(layer_, before, in_.results.weight);
    const Tensor after = *convolve(layer_, large, in_.results.weight, {});
    return draw_round_trip(y, width, "Before: x", before, "After C Cᵀ", after, in_.interaction.in_channel,
                           in_.interaction.in_slice, input_role(in_.theme));
  }

  double draw_round_trip(double y, double width, const std::string& before_name, const Tensor& before,
                         const std::string& after_name, const Tensor& after, int64_t channel, int64_t slice,
                         const Role& role) {
    std::vector<float> lost(before.values().size());
    double largest = 0;
    for (std::size_t i = 0; i < lost.size(); ++i) {
      lost[i] = after.values()[i] - before.values()[i];
      largest = std::max(largest, std::abs(static_cast<double>(lost[i])));
    }
    const Tensor difference(before.shape(), std::move(lost));
    const std::array<std::pair<std::string, const Tensor*>, 3> all{
        {{before_name, &before}, {after_name, &after}, {"Difference", &difference}}};
    const bool row = width >= 480;
    const double gap = 24;
    const double each = row ? (width - 2 * gap) / 3 : width;
    double bottom = y;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Rect room{margin_ + (row ? static_cast<double>(i) * (each + gap) : 0), (row ? y : bottom) + 44, each,
                      std::min(each, 220.0)};
      add_map_title(figure_, in_, room, in_.theme.text, all[i].first, "");
      const Rect map = add_value_map(figure_, in_, room,
                                     {.plane = plane_of(*all[i].second, in_.interaction.batch, channel, slice),
                                      .first = {},
                                      .role = i == 2 ? kernel_role(in_.theme) : role,
                                      .largest_cell = 48});
      bottom = std::max(bottom, map.bottom());
    }
    const std::string words =
        largest == 0 ? "Here everything comes back: the columns of Cᵀ are orthonormal."
                     : "✗ Not recovered: cells differ by up to " + number_text(largest) +
                           ". Cᵀ is the adjoint of C, not its inverse: what C summed up is spread out again, weighted, "
                           "not undone.";
    return add_paragraph(figure_, in_.text, {margin_, bottom + 28}, width, {.size = 13, .color = in_.theme.text},
                         words);
  }

  const ViewInput& in_;
  Figure& figure_;
  MatrixMaps maps_;
  const LayerSpec& layer_;
  const double margin_;
};

Figure draw(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "The convolution as a matrix"};
  if (add_no_result_page(figure, in, true)) return figure;
  if (in.results.ways->matrix.rows() == 0) {
    const double margin = page_margin(in.size.w);
    add_paragraph(figure, in.text, {margin, 60}, in.size.w - 2 * margin, {.size = 14, .color = in.theme.text},
                  "The matrix of this layer has " +
                      number_text(static_cast<double>(matrix_nonzeros(in.results.scenario.layer)), 3) +
                      " non-zeros; it is shown up to " + number_text(static_cast<double>(largest_matrix), 3) +
                      ". Make the input or the channels smaller.");
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
          .draw = draw,
          .needs_ways = true};
}

}  // namespace tconv
