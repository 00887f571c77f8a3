// Layers one after the other, as decoders have them: how the checkerboard of one layer grows through the next.

#include <algorithm>
#include <cmath>

#include "document/stack_text.h"
#include "views/stack_profiles.h"
#include "views/stack_table.h"
#include "views/view_arrays.h"

namespace tconv {
namespace {

class StackPage {
 public:
  StackPage(const ViewInput& in, Figure& figure)
      : in_(in), figure_(figure), scene_(in), margin_(page_margin(in.size.w)), width_(in.size.w - 2 * margin_) {}

  double draw() {
    y_ = add_stack_chips(figure_, in_, scene_, {margin_, 20}, width_) + 24;
    const bool own_illegal = !scene_.is_preset() && !in_.results.problems_now().empty();
    if (own_illegal) return add_problems(figure_, in_, {margin_, y_ + 14}, width_);
    if (!scene_.file.note.empty()) {
      y_ = add_paragraph(figure_, in_.text, {margin_, y_ + 6}, width_, {.size = 13, .color = theme().muted},
                         scene_.file.note);
    }
    if (!scene_.report.depths.empty()) {
      draw_verdict();
      y_ = add_stack_table(figure_, in_, scene_, {margin_, y_ + 4}, width_) + 34;
    }
    for (const Problem& problem : scene_.report.problems) {
      y_ = add_paragraph(figure_, in_.text, {margin_, y_ + 6}, width_, {.size = 13, .color = theme().bad_text},
                         "✗ The stack ends here. " + to_line(problem) + ".") +
           8;
    }
    if (scene_.report.depths.empty()) return y_;
    draw_heading();
    return add_stack_profiles(figure_, in_, scene_, {margin_, y_}, width_) + 20;
  }

 private:
  const Theme& theme() const { return in_.theme; }

  /// What becomes of the counts, and what would mend it.
  void draw_verdict() {
    const StackDepth& last = scene_.report.depths.back();
    const bool even = last.even();
    const std::string mark = even ? "✓ " : last.known() ? "✗ " : "";
    const Color color = even ? theme().good_text : last.known() ? theme().bad_text : theme().text;
    y_ = add_paragraph(figure_, in_.text, {margin_, y_ + 6}, width_,
                       {.font = Font::semibold, .size = 14, .color = color}, mark + unevenness_sentence(scene_.report));
    std::string more = evening_sentence(last);
    if (const std::string drift = drift_sentence(); !drift.empty()) more += (more.empty() ? "" : " ") + drift;
    if (!more.empty()) {
      y_ = add_paragraph(figure_, in_.text, {margin_, y_}, width_, {.size = 13, .color = theme().text}, more);
    }
    y_ += 6;
  }

  std::string drift_sentence() const {
    const StackAxis& axis = scene_.report.depths.back().axes[static_cast<std::size_t>(scene_.axis)];
    if (axis.drift == 0) return {};
    const std::string cells = half_text(std::abs(axis.drift)) + (std::abs(axis.drift) == 1 ? " cell " : " cells ");
    const std::string words = "What an input cell becomes lies " + cells + (axis.drift < 0 ? "before" : "after") +
                              " the place that enlarging alone would give it.";
    return words + growth_sentence();
  }

  /// A layer that makes more than S cells of each adds some at the begin, too, which looks like drift.
  std::string growth_sentence() const {
    const auto at = static_cast<std::size_t>(scene_.axis);
    for (std::size_t i = 0; i < scene_.report.depths.size(); ++i) {
      const StackAxis& axis = scene_.report.depths[i].axes[at];
      const std::int64_t scale_before = i > 0 ? scene_.report.depths[i - 1].axes[at].scale : 1;
      const std::int64_t stride = axis.scale / scale_before;
      if (axis.own_drift <= 0 || axis.output / stride < axis.input || axis.output == stride * axis.input) continue;
      return " Cells that a layer adds beyond S times its input push it back: " + scene_.name_of(i) + " makes " +
             std::to_string(axis.output) + " of " + std::to_string(axis.input) + " at stride " +
             std::to_string(stride) + ".";
    }
    return {};
  }

  void draw_heading() {
    const LayerSpec& layer = scene_.report.depths[0].layer.spec;
    const std::string axis =
        scene_.axes_alike && layer.dims > 1 ? "each axis" : "the " + std::string(axis_name(layer, scene_.axis));
    const double end =
        add_spans(figure_, in_.text, {margin_, y_}, 14, {{"Paths along " + axis, theme().text, Font::semibold}});
    const std::string rest = "from the input to each cell, all depths on the scale of the last";
    if (end + in_.text.width(Font::regular, 14, " — " + rest) <= margin_ + width_) {
      add_spans(figure_, in_.text, {end, y_}, 14, {{" — " + rest, theme().muted}});
      y_ += 14;
    } else {
      y_ = add_paragraph(figure_, in_.text, {margin_, y_ + 21}, width_, {.size = 14, .color = theme().muted}, rest) - 6;
    }
  }

  const ViewInput& in_;
  Figure& figure_;
  const StackScene scene_;
  const double margin_;
  const double width_;
  double y_ = 0;
};

Figure draw_decoder_stack(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Decoder stack"};
  figure.size.h = std::max(in.size.h, StackPage(in, figure).draw());
  return figure;
}

}  // namespace

View decoder_stack_view() {
  return {.id = "decoder-stack",
          .label = "Decoder stack",
          .group = 4,
          .order = 0,
          .timeline = Timeline::none,
          .has_inspector = false,
          .draw = draw_decoder_stack,
          .arrays = decoder_stack_arrays,
          .arrays_of_layer = [](const Interaction&) { return true; },
          .options = stack_options};
}

}  // namespace tconv
