// Painting: every input cell stamps its kernel, times its value, into the output.

#include <algorithm>
#include <cmath>

#include "views/count_map.h"
#include "views/paint_maps.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

class PaintPage {
 public:
  PaintPage(const ViewInput& in, Figure& figure)
      : in_(in), figure_(figure), maps_(in, figure), margin_(page_margin(in.size.w)) {}

  void draw() {
    const double left_width = std::clamp(std::round(in_.size.w * 0.26), 112.0, 420.0);
    const double top = 56;
    const double bottom = in_.size.h - 110;  // hints stand below
    const double output_x = margin_ + left_width + std::clamp(in_.size.w * 0.08, 28.0, 90.0);
    const double half = (bottom - top) / 2;

    const double input_bottom = maps_.draw_input({margin_, top, left_width, std::min(half * 0.95, left_width)});
    const double kernel_top = std::max(input_bottom + 62, top + std::min(half, 250.0));
    const double kernel_bottom = maps_.draw_kernel({margin_, kernel_top, left_width, bottom + 40 - kernel_top});
    const double output_bottom = maps_.draw_output({output_x, top, in_.size.w - margin_ - output_x, bottom - top + 20});
    draw_hints(kernel_bottom, output_bottom, output_x);
  }

 private:
  const Theme& theme() const { return in_.theme; }

  void draw_hints(double kernel_bottom, double output_bottom, double output_x) {
    if (!in_.interactive) return;
    const bool hits = in_.document.presentation.show_hits;
    const std::vector<Span> words{{"painted ", theme().muted},
                                  {painted_text(in_.results.scenario.layer), theme().text, Font::semibold},
                                  {" — show ", theme().muted},
                                  {hits ? "running sums" : "hit counts", theme().text, Font::semibold},
                                  {" with H", theme().muted}};
    const bool one_line = in_.text.width(Font::regular, 13,
                                         "painted " + painted_text(in_.results.scenario.layer) +
                                             " — show running sums with H") <= in_.size.w - margin_ - output_x;
    const auto second = words.begin() + (one_line ? 5 : 2);
    add_spans(figure_, in_.text, {output_x, output_bottom + 36}, 13, {words.begin(), second});
    if (!one_line) {
      add_spans(figure_, in_.text, {output_x, output_bottom + 57}, 13,
                {{"H shows ", theme().muted}, {hits ? "running sums" : "hit counts", theme().text, Font::semibold}});
    }
    const double y = std::max(kernel_bottom, output_bottom + (one_line ? 36 : 57)) + 40;
    const bool large = too_many_cells(plane_of(in_.results.input, 0, 0, 0));
    const std::array<std::string, 3> hints{
        large ? "Wheel zooms, drag pans, double-click fits." : "Click a cell to type another number.",
        "Hover an output cell to see its sum.", "Space plays · ← → steps"};
    for (std::size_t i = 0; i < hints.size(); ++i) {
      const double line = y + 21 * static_cast<double>(i);
      if (line > in_.size.h - 8) break;
      figure_.add(TextShape{.at = {margin_, line}, .text = hints[i], .size = 13, .color = theme().muted});
    }
  }

  const ViewInput& in_;
  Figure& figure_;
  PaintMaps maps_;
  const double margin_;
};

Figure draw_paint(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Painting a feature map"};
  if (!add_no_result_page(figure, in)) PaintPage(in, figure).draw();
  return figure;
}

}  // namespace

View paint_view() {
  return {.id = "paint",
          .label = "Paint",
          .group = 0,
          .order = 0,
          .timeline = Timeline::stamps,
          .has_inspector = true,
          .draw = draw_paint,
          .arrays = paint_arrays};
}

}  // namespace tconv
