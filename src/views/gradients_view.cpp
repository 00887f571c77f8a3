// The backward pass: every gradient below what it belongs to, and the duality of the two convolutions.

#include <algorithm>
#include <cmath>

#include "core/gradients.h"
#include "core/transpose_matrix.h"
#include "views/gradient_words.h"
#include "views/large_map.h"
#include "views/linking.h"
#include "views/value_map.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double arrow_gap = 44;  // columns, with an arrow in it

class GradientsPage {
 public:
  GradientsPage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.results.scenario.layer),
        ways_(*in.results.ways),
        grads_(*in.results.ways->gradients),
        state_(in.interaction),
        axes_(layer_.as_3d()),
        margin_(page_margin(in.size.w)),
        width_(in.size.w - 2 * margin_) {}

  double draw() {
    double y = draw_maps();
    y = draw_sum(y + 24);
    y = draw_identity(y + 30);
    y = draw_duality(y + 6);
    return draw_fans(y + 4) + 20;
  }

 private:
  using Map = Rect (GradientsPage::*)(const Rect&);
  const Theme& theme() const { return in_.theme; }

  // Maps.

  double heading(double y, const std::string& name, const std::string& words) {
    const double name_width = in_.text.width(Font::semibold, 14, name) + 10;
    add_spans(figure_, in_.text, {margin_, y}, 14, {{name, theme().text, Font::semibold}});
    const bool below = width_ < 420;
    return add_paragraph(figure_, in_.text, {below ? margin_ : margin_ + name_width, below ? y + 21 : y},
                         below ? width_ : width_ - name_width, {.size = 13, .color = theme().muted}, words);
  }

  std::string stride_text() const {
    std::string text;
    bool same = true;
    for (const AxisSpec& axis : layer_.spatial()) {
      same = same && axis.stride == layer_.axes[0].stride;
      text += (text.empty() ? "" : " × ") + std::to_string(axis.stride);
    }
    return same ? std::to_string(layer_.axes[0].stride) : text;
  }

  double draw_maps() {
    const std::string forward = "y = Cᵀ x: every cell of x stamps the kernel w.";
    const std::string backward =
        "dx = C g: forward convolution of g with w, stride " + stride_text() + ", kernel not turned.";
    const std::array<double, 3> widths = column_widths();
    if (widths[0] == 0) return draw_pairs(forward + " " + backward);
    // Cells of y and g as large as numbers need, if that is not too much.
    const double numbers = std::min(300.0, 24 * static_cast<double>(output_size(axes_[1])));
    const double height = layer_.dims == 1 ? 52 : std::max(std::clamp((in_.size.h - 400) / 2, 160.0, 340.0), numbers);
    double y = heading(32, "Forward", forward);
    y = draw_row(y + 22, widths, height, {&GradientsPage::draw_x, &GradientsPage::draw_w, &GradientsPage::draw_y}, "→");
    y = heading(y + 36, "Backward", backward);
    return draw_row(y + 22, widths, height, {&GradientsPage::draw_dx, &GradientsPage::draw_dw, &GradientsPage::draw_g},
                    "←");
  }

  /// Of three maps beside each other, by their numbers of columns; zeros when there is no room for that.
  std::array<double, 3> column_widths() const {
    std::array<double, 3> columns{static_cast<double>(axes_[2].input), static_cast<double>(axes_[2].kernel),
                                  static_cast<double>(output_size(axes_[2]))};
    const double room = width_ - 2 * arrow_gap;
    const double all = columns[0] + columns[1] + columns[2];
    if (room < 400 || (layer_.dims == 1 && room / all < 24)) return {};
    double sum = 0;
    for (double& one : columns) sum += one = std::max(one, 0.24 * all);
    for (double& one : columns) one = std::floor(one / sum * room);
    return columns;
  }

  double draw_row(double y, const std::array<double, 3>& widths, double height, const std::array<Map, 3>& maps,
                  const std::string& arrow) {
    double x = margin_;
    double bottom = y;
    double shortest = height;
    for (std::size_t i = 0; i < maps.size(); ++i) {
      const Rect drawn = (this->*maps[i])({x, y, widths[i], height});
      bottom = std::max(bottom, drawn.bottom());
      shortest = std::min(shortest, drawn.h);
      x += widths[i] + arrow_gap;
    }
    figure_.add(TextShape{.at = {margin_ + widths[0] + arrow_gap + widths[1] + arrow_gap / 2 - 6, y + shortest / 2 + 6},
                          .text = arrow,
                          .size = 20,
                          .color = theme().muted,
                          .align = Align::centre});
    return bottom;
  }

  /// In a narrow room every value beside its gradient; long rows one above the other.
  double draw_pairs(const std::string& words) {
    const double top =
        add_paragraph(figure_, in_.text, {margin_, 32}, width_, {.size = 13, .color = theme().muted}, words);
    const std::array<std::array<Map, 2>, 3> pairs{{{&GradientsPage::draw_x, &GradientsPage::draw_dx},
                                                   {&GradientsPage::draw_w, &GradientsPage::draw_dw},
                                                   {&GradientsPage::draw_y, &GradientsPage::draw_g}}};
    const double gap = 20;
    const bool beside = layer_.dims > 1;
    const double each = beside ? (width_ - gap) / 2 : width_;
    double bottom = top - 14;
    for (const auto& pair : pairs) {
      const double y = bottom + 44;
      const Rect first = (this->*pair[0])({margin_, y, each, each});
      const Rect second = (this->*pair[1])(beside ? Rect{margin_ + each + gap, y, each, each}
                                                  : Rect{margin_, first.bottom() + 36, each, each});
      bottom = std::max(first.bottom(), second.bottom());
    }
    return bottom;
  }

  Rect map(const Rect& room, const Role& role, bool gradient, const std::string& name, const std::string& rest,
           const PlaneView& plane, const Tag& tag) {
    add_map_title(figure_, in_, room, role.text, name, rest);
    return add_value_map(figure_, in_, room,
                         {.plane = plane,
                          .first = tag,
                          .role = role,
                          .largest_cell = 48,
                          .adjust = [&](int64_t, int64_t, CellLook& look) {
                            if (gradient) look.stroke = mix(theme().surface, role.fill, 0.7);
                          }});
  }

  PlaneView input_plane(const Tensor& tensor) const {
    return plane_of(tensor, state_.batch, state_.in_channel, state_.in_slice);
  }
  PlaneView output_plane(const Tensor& tensor) const {
    return plane_of(tensor, state_.batch, state_.out_channel, state_.out_slice);
  }
  CellIndex input_origin() const { return {state_.batch, state_.in_channel, {state_.in_slice, 0, 0}}; }
  CellIndex output_origin() const { return {state_.batch, state_.out_channel, {state_.out_slice, 0, 0}}; }
  std::string input_part() const {
    return part_text(layer_, state_.in_channel, layer_.in_channels, state_.in_slice, axes_[0].input);
  }
  std::string output_part() const {
    return part_text(layer_, state_.out_channel, layer_.out_channels, state_.out_slice, output_size(axes_[0]));
  }

  Rect draw_x(const Rect& room) {
    return map(room, input_role(theme()), false, "x", "input" + input_part(), input_plane(in_.results.input),
               InputCell{input_origin()});
  }
  Rect draw_dx(const Rect& room) {
    return map(room, input_role(theme()), true, "dx", "= ∂L/∂x", input_plane(grads_.input),
               GradInputCell{input_origin()});
  }
  Rect draw_y(const Rect& room) {
    return map(room, output_role(theme()), false, "y", "output" + output_part(), output_plane(ways_.output),
               OutputCell{output_origin()});
  }
  Rect draw_g(const Rect& room) {
    return map(room, output_role(theme()), true, "g", in_.interactive ? "= ∂L/∂y — click a cell to type" : "= ∂L/∂y",
               output_plane(ways_.grad_output), GradOutputCell{output_origin()});
  }
  Rect draw_w(const Rect& room) {
    return draw_taps<KernelTap>(room, "w", "kernel" + kernel_part(), in_.results.weight);
  }
  Rect draw_dw(const Rect& room) { return draw_taps<GradKernelTap>(room, "dw", "= ∂L/∂w", grads_.weight); }

  std::string kernel_part() const {
    std::string text;
    if (layer_.in_channels > 1 || layer_.out_channels > 1) {
      text = " [" + std::to_string(state_.in_channel) + " → " + std::to_string(state_.out_channel) + "]";
    }
    if (layer_.dims < 3) return text;
    return text + " · slice " + std::to_string(state_.tap_slice) + " of " + std::to_string(axes_[0].kernel);
  }

  /// A kernel's taps; a weight's second index is that of the output channel within its group.
  template <typename Tap>
  Rect draw_taps(const Rect& room, const std::string& name, const std::string& rest, const Tensor& tensor) {
    add_map_title(figure_, in_, room, theme().kernel_text, name, rest);
    if (!joined(layer_, state_.in_channel, state_.out_channel)) {
      const double y =
          add_paragraph(figure_, in_.text, {room.x, room.y + 14}, room.w, {.size = 13, .color = theme().muted},
                        "These two channels lie in different groups: no weight joins them.");
      return {room.x, room.y, room.w, y - room.y};
    }
    const int64_t per_group = layer_.out_channels / layer_.groups;
    const auto tag_of = [in = state_.in_channel, out = state_.out_channel, slice = state_.tap_slice](int64_t row,
                                                                                                     int64_t col) {
      return Tap{in, out, {slice, row, col}};
    };
    const Rect drawn =
        add_value_map(figure_, in_, room,
                      {.plane = plane_of(tensor, state_.in_channel, state_.out_channel % per_group, state_.tap_slice),
                       .first = {},
                       .role = kernel_role(theme()),
                       .largest_cell = 48,
                       .adjust = [&](int64_t row, int64_t col, CellLook& look) {
                         look.tag = tag_of(row, col);
                         if (std::is_same_v<Tap, GradKernelTap>)
                           look.stroke = mix(theme().surface, theme().kernel, 0.7);
                       }});
    if (!figure_.grids.empty() && figure_.grids.back().rect == drawn) figure_.grids.back().tag_of = tag_of;
    return drawn;
  }

  // Words.

  /// The sum under the cursor, without one that of a cell near the middle of dx; in a box that keeps its height.
  double draw_sum(double y) {
    const std::size_t lines = width_ < 420 ? 4 : 2;
    const double inner = width_ - 28;
    const bool hovered = multiplications_of(state_.hover).has_value();
    CellIndex middle = input_origin();
    middle.at[1] = (axes_[1].input - 1) / 2;
    middle.at[2] = (axes_[2].input - 1) / 2;
    const Tag tag = hovered ? state_.hover : Tag{GradInputCell{middle}};
    std::vector<std::string> words;
    for (std::size_t most = 10; most > 0; --most) {
      words = in_.text.wrap(Font::regular, 13, backward_text(in_, tag, most), inner);
      if (words.size() <= lines) break;
    }
    if (words.size() > lines) words.resize(lines);
    const Rect box{margin_, y, width_, 14 + 20 * static_cast<double>(lines) + 6};
    figure_.add(
        RectShape{.rect = box, .fill = theme().panel, .stroke = theme().border, .stroke_width = 1, .radius = 6});
    for (std::size_t i = 0; i < words.size(); ++i) {
      figure_.add(TextShape{.at = {box.x + 14, box.y + 22 + 20 * static_cast<double>(i)},
                            .text = in_.text.fitted(Font::regular, 13, words[i], inner),
                            .size = 13,
                            .color = theme().text});
    }
    if (!in_.interactive) return box.bottom();
    return add_paragraph(figure_, in_.text, {margin_, box.bottom() + 22}, width_, {.size = 12, .color = theme().muted},
                         "Hover a cell to see its sum. Click a cell of g to type; the parameter panel chooses a "
                         "pattern for it.") -
           14;
  }

  /// The three inner products, live. They are equal since y is linear in x and in w.
  double draw_identity(double y) {
    const Ways::InnerProducts& inner = ways_.inner_products;
    const std::array<double, 3> products{inner.y_g, inner.x_dx, inner.w_dw};
    const auto [low, high] = std::minmax_element(products.begin(), products.end());
    const bool finite = std::ranges::all_of(products, [](double one) { return std::isfinite(one); });
    const std::array<std::string, 3> names{layer_.bias ? "⟨y, g⟩ − ⟨b, db⟩" : "⟨y, g⟩", "⟨x, dx⟩", "⟨w, dw⟩"};
    std::string words;
    for (std::size_t i = 0; i < products.size(); ++i) {
      words += (i > 0 ? "   " : "") + names[i] + " = " + number_text(products[i], 6);
    }
    y = add_paragraph(figure_, in_.text, {margin_, y}, width_,
                      {.font = Font::semibold, .size = 14, .color = theme().text}, words);
    if (!finite) return y;
    const double difference = *high - *low;
    const bool equal =
        difference <= 1e-5 * std::max(std::abs(*low), std::abs(*high)) || difference <= 1e-5 * inner.largest_possible;
    const std::string remark =
        equal
            ? "✓ equal" + (difference > 0 ? " but for " + number_text(difference, 2) + " of rounding" : std::string()) +
                  ": y is linear in x and in w, and the backward pass is its transpose."
            : "✗ they differ by " + number_text(difference, 3);
    y = add_paragraph(figure_, in_.text, {margin_, y}, width_,
                      {.size = 13, .color = equal ? theme().good_text : theme().bad_text}, remark);
    std::string more;
    if (layer_.bias) {
      more = "db[" + std::to_string(state_.out_channel) +
             "] = ∑ g = " + number_text(static_cast<double>(grads_.bias[state_.out_channel])) +
             ": the bias reaches every cell of its channel. Its part of y is left out above. ";
    }
    if (layer_.batch * layer_.in_channels * layer_.out_channels > 1 || layer_.dims == 3) {
      more += "⟨ ⟩ sums over all samples, channels and cells.";
    }
    if (more.empty()) return y;
    return add_paragraph(figure_, in_.text, {margin_, y}, width_, {.size = 13, .color = theme().muted}, more);
  }

  double draw_duality(double y) {
    const auto line = [&](const std::string& words) {
      y = add_paragraph(figure_, in_.text, {margin_, y}, width_, {.size = 13, .color = theme().muted}, words);
    };
    line("dx[i] = ∑ g[i·S + k·D − P] · w[k], over the taps k");
    line("dw[k] = ∑ x[i] · g[i·S + k·D − P], over the input cells i: wherever that tap lets x and g meet");
    line(
        "Transposed and forward convolution are each other's backward pass: the gradient of a forward convolution's "
        "input is a transposed convolution.");
    return y;
  }

  double draw_fans(double y) {
    const Fans fans = fans_of(layer_);
    const double inner = width_ - 28;
    const std::string words =
        "PyTorch's initializers read the weight (in, out/G, …) as a convolution's (out, in/G, …), so that the two swap "
        "roles: fan-in by shape is the true fan-out.";
    const auto lines = static_cast<double>(in_.text.wrap(Font::regular, 12, words, inner).size());
    const Rect card{margin_, y, width_, 88 + lines * 18};
    figure_.add(
        RectShape{.rect = card, .fill = theme().panel, .stroke = theme().border, .stroke_width = 1, .radius = 6});
    const double x = card.x + 14;
    const std::array<double, 3> columns{x, x + inner * 0.3, x + inner * 0.65};
    const auto row = [&](double baseline, const std::array<std::string, 3>& cells, bool head) {
      for (std::size_t i = 0; i < cells.size(); ++i) {
        const double room = (i < 2 ? columns[i + 1] - 8 : card.right() - 14) - columns[i];
        const Font font = head || i == 0 ? Font::semibold : Font::mono;
        figure_.add(TextShape{.at = {columns[i], baseline},
                              .text = in_.text.fitted(font, 13, cells[i], room),
                              .font = font,
                              .size = 13,
                              .color = head && i > 0 ? theme().muted : theme().text});
      }
    };
    row(card.y + 24, {"Fans", "by shape", "true mean"}, true);
    row(card.y + 46, {"fan-in", number_text(fans.in_by_shape, 7), number_text(fans.in, 5)}, false);
    row(card.y + 66, {"fan-out", number_text(fans.out_by_shape, 7), number_text(fans.out, 5)}, false);
    add_paragraph(figure_, in_.text, {x, card.y + 88}, inner, {.size = 12, .color = theme().muted}, words);
    return card.bottom();
  }

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const Ways& ways_;
  const Gradients& grads_;
  const Interaction& state_;
  const std::array<AxisSpec, 3> axes_;
  const double margin_;
  const double width_;
};

Figure draw_gradients(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "The backward pass"};
  if (add_no_result_page(figure, in, true)) return figure;
  if (!in.results.ways->gradients) {
    const double margin = page_margin(in.size.w);
    add_paragraph(
        figure, in.text, {margin, 60}, in.size.w - 2 * margin, {.size = 14, .color = in.theme.text},
        "The gradients of this layer would take too long, or more memory than is free: they are shown up to " +
            number_text(static_cast<double>(longest_way), 3) +
            " multiplications. Make the input or the channels smaller.");
    return figure;
  }
  figure.size.h = std::max(in.size.h, GradientsPage(in, figure).draw());
  return figure;
}

}  // namespace

View gradients_view() {
  return {.id = "gradients",
          .label = "Gradients",
          .group = 4,
          .order = 2,
          .timeline = Timeline::none,
          .has_inspector = true,
          .draw = draw_gradients,
          .needs_ways = true,
          .arrays = gradients_arrays};
}

}  // namespace tconv
