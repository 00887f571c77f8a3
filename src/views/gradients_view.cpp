// The backward pass: the gradient of the input is a forward convolution, that of the weights correlates x with g.

#include <algorithm>
#include <cmath>

#include "core/gradients.h"
#include "core/transpose_matrix.h"
#include "views/value_map.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

class GradientsPage {
 public:
  GradientsPage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.results.scenario.layer),
        ways_(*in.results.ways),
        state_(in.interaction),
        margin_(page_margin(in.size.w)) {}

  double draw() {
    const double width = in_.size.w - 2 * margin_;
    double y = 30;
    y = heading(y, width, "Forward", "y = Cᵀ x: every input cell stamps its kernel");
    y = draw_row(y, width, {&GradientsPage::draw_x, &GradientsPage::draw_w, &GradientsPage::draw_y});
    y = heading(y + 34, width, "Backward",
                "dx = C g: the forward convolution of g with the same kernel, not turned, at the same stride");
    y = draw_row(y, width, {&GradientsPage::draw_g, &GradientsPage::draw_dw, &GradientsPage::draw_dx});
    return draw_words(y + 30, width) + 16;
  }

 private:
  using Map = Rect (GradientsPage::*)(const Rect&);
  const Theme& theme() const { return in_.theme; }

  double heading(double y, double width, const std::string& name, const std::string& words) {
    const double x = add_spans(figure_, in_.text, {margin_, y}, 14, {{name, theme().text, Font::semibold}});
    const double used = x - margin_ + 10;
    const double below =
        add_paragraph(figure_, in_.text, {width - used > 300 ? x + 10 : margin_, width - used > 300 ? y : y + 21},
                      width - (width - used > 300 ? used : 0), {.size = 13, .color = theme().muted}, words);
    return std::max(below, y + 20) + 14;
  }

  /// Three maps beside each other, in a narrow room one under the other.
  double draw_row(double y, double width, const std::array<Map, 3>& maps) {
    const bool row = width >= 420;
    const double gap = 28;
    const double each = row ? (width - 2 * gap) / 3 : width;
    const double height = std::clamp((in_.size.h - 340) / 2, 120.0, 260.0);
    double bottom = y;
    for (std::size_t i = 0; i < maps.size(); ++i) {
      const Rect room{margin_ + (row ? static_cast<double>(i) * (each + gap) : 0), (row ? y : bottom) + 26, each,
                      height};
      bottom = std::max(bottom, (this->*maps[i])(room).bottom());
    }
    return bottom;
  }

  Rect map(const Rect& room, const Role& role, const std::string& name, const std::string& rest, const Tensor& tensor,
           int64_t first, int64_t second, int64_t slice, const Tag& tag) {
    add_map_title(figure_, in_, room, role.text, name, rest);
    return add_value_map(
        figure_, in_, room,
        {.plane = plane_of(tensor, first, second, slice), .first = tag, .role = role, .largest_cell = 52});
  }

  CellIndex input_origin() const { return {state_.batch, state_.in_channel, {state_.in_slice, 0, 0}}; }
  CellIndex output_origin() const { return {state_.batch, state_.out_channel, {state_.out_slice, 0, 0}}; }

  Rect draw_x(const Rect& room) {
    return map(room, input_role(theme()), "x", "input", in_.results.input, state_.batch, state_.in_channel,
               state_.in_slice, InputCell{input_origin()});
  }
  Rect draw_dx(const Rect& room) {
    return map(room, input_role(theme()), "dx", "= ∂L/∂x", ways_.gradients->input, state_.batch, state_.in_channel,
               state_.in_slice, GradInputCell{input_origin()});
  }
  Rect draw_y(const Rect& room) {
    return map(room, output_role(theme()), "y", "output", ways_.output, state_.batch, state_.out_channel,
               state_.out_slice, OutputCell{output_origin()});
  }
  Rect draw_g(const Rect& room) {
    return map(room, output_role(theme()), "g", in_.interactive ? "= ∂L/∂y, click to type" : "= ∂L/∂y",
               ways_.grad_output, state_.batch, state_.out_channel, state_.out_slice, GradOutputCell{output_origin()});
  }
  Rect draw_w(const Rect& room) { return taps(room, "w", "kernel", in_.results.weight, false); }
  Rect draw_dw(const Rect& room) { return taps(room, "dw", "= ∂L/∂w", ways_.gradients->weight, true); }

  /// A kernel's taps; the plane of a weight is indexed by the group's own output channel.
  Rect taps(const Rect& room, const std::string& name, const std::string& rest, const Tensor& tensor, bool gradient) {
    if (!joined(layer_, state_.in_channel, state_.out_channel)) {
      add_map_title(figure_, in_, room, theme().kernel_text, name, rest);
      const double y = add_paragraph(figure_, in_.text, {room.x, room.y + 14}, room.w,
                                     {.size = 13, .color = theme().muted}, "No weight joins these two channels.");
      return {room.x, room.y, room.w, y - room.y};
    }
    const int64_t per_group = layer_.out_channels / layer_.groups;
    const PlaneView plane = plane_of(tensor, state_.in_channel, state_.out_channel % per_group, state_.tap_slice);
    add_map_title(figure_, in_, room, theme().kernel_text, name, rest);
    return add_value_map(figure_, in_, room,
                         {.plane = plane,
                          .first = {},
                          .role = kernel_role(theme()),
                          .largest_cell = 52,
                          .adjust = [&](int64_t row, int64_t col, CellLook& look) {
                            const std::array<int64_t, 3> tap{state_.tap_slice, row, col};
                            if (gradient) {
                              look.tag = GradKernelTap{state_.in_channel, state_.out_channel, tap};
                            } else {
                              look.tag = KernelTap{state_.in_channel, state_.out_channel, tap};
                            }
                          }});
  }

  double draw_words(double y, double width) {
    const auto paragraph = [&](const std::string& words, Color color, Font font = Font::regular) {
      y = add_paragraph(figure_, in_.text, {margin_, y}, width, {.font = font, .size = 13, .color = color}, words) + 8;
    };
    const Gradients& grads = *ways_.gradients;
    paragraph("dw[k] = ∑ x[i] · g[i·S + k·D − P]. dx[i] = ∑ g[i·S + k·D − P] · w[k].", theme().muted);
    if (layer_.bias) {
      std::string db;
      const std::size_t shown = std::min<std::size_t>(8, grads.bias.values().size());
      for (std::size_t o = 0; o < shown; ++o) {
        db += (o > 0 ? ", " : "") + number_text(static_cast<double>(grads.bias.values()[o]));
      }
      paragraph("db = " + db + (shown < grads.bias.values().size() ? ", …" : "") +
                    ": g summed up, one number per output channel.",
                theme().muted);
    }
    const double yg = dot(ways_.output.values(), ways_.grad_output.values()) - bias_part();
    paragraph("⟨y, g⟩ = " + number_text(yg, 6) +
                  "   ⟨x, dx⟩ = " + number_text(dot(in_.results.input.values(), grads.input.values()), 6) +
                  "   ⟨w, dw⟩ = " + number_text(dot(in_.results.weight.values(), grads.weight.values()), 6) +
                  (layer_.bias ? "   (y without its bias)" : ""),
              theme().text);
    paragraph(
        "The two are each other's backward pass: a convolution's gradient is a transposed convolution, and a "
        "transposed convolution's is a convolution.",
        theme().muted);
    const Fans fans = fans_of(layer_);
    paragraph("Fan-in by the weight's shape " + number_text(fans.in_by_shape, 7) + ", true mean " +
                  number_text(fans.in, 5) + ". Fan-out by shape " + number_text(fans.out_by_shape, 7) + ", true " +
                  number_text(fans.out, 7) +
                  ". Initializers read the shape as a convolution's, where the two swap roles.",
              theme().muted);
    return y;
  }

  /// What the bias adds to ⟨y, g⟩.
  double bias_part() const {
    if (in_.results.bias.empty()) return 0;
    return dot(in_.results.bias.values(), ways_.gradients->bias.values());
  }

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const Ways& ways_;
  const Interaction& state_;
  const double margin_;
};

Figure draw(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Gradients"};
  if (add_no_result_page(figure, in, true)) return figure;
  if (!in.results.ways->gradients) {
    const double margin = page_margin(in.size.w);
    add_paragraph(figure, in.text, {margin, 60}, in.size.w - 2 * margin, {.size = 14, .color = in.theme.text},
                  "This layer is too large to compute its gradients here.");
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
          .draw = draw,
          .needs_ways = true};
}

}  // namespace tconv
