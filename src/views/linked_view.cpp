// Paint, zero insertion, the matrix and the overlap counts together, under one cursor.

#include <algorithm>

#include "views/count_map.h"
#include "views/insert_zeros_map.h"
#include "views/linking.h"
#include "views/matrix_map.h"
#include "views/paint_maps.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

void add_paint_panel(Figure& figure, const ViewInput& in, const Rect& room) {
  PaintMaps maps(in, figure);
  // Input and kernel one above the other, beside the output.
  const double left = std::clamp(room.w * 0.27, 60.0, 150.0);
  const double gap = std::clamp(room.w * 0.08, 16.0, 60.0);
  const double half = (room.h - 44) / 2;
  const double input_bottom = maps.draw_input({room.x, room.y, left, half});
  const double kernel_top = input_bottom + 40;
  maps.draw_kernel({room.x, kernel_top, left, room.bottom() - kernel_top});
  const double x = room.x + left + gap;
  maps.draw_output({x, room.y, room.right() - x, room.h});
}

using Panel = void (*)(Figure&, const ViewInput&, const Rect&);

void draw_panels(Figure& figure, const ViewInput& in) {
  constexpr std::array<Panel, 4> panels{add_paint_panel, add_insert_zeros_panel, add_matrix_panel, add_counts_panel};
  const bool narrow = in.size.w < 620;
  const double margin = 14;
  const double gap = 14;
  const double columns = narrow ? 1 : 2;
  const double width = (in.size.w - 2 * margin - (columns - 1) * gap) / columns;
  const double height = std::max(narrow ? 300.0 : 280.0, (in.size.h - 2 * margin - gap) / 2);
  for (std::size_t i = 0; i < panels.size(); ++i) {
    const double col = narrow ? 0 : static_cast<double>(i % 2);
    const double row = narrow ? static_cast<double>(i) : static_cast<double>(i / 2);
    const Rect card{margin + col * (width + gap), margin + row * (height + gap), width, height};
    figure.add(
        RectShape{.rect = card, .fill = in.theme.panel, .stroke = in.theme.border, .stroke_width = 1, .radius = 6});
    panels[i](figure, in, {card.x + 16, card.y + 40, card.w - 32, card.h - 56});
    figure.size.h = std::max(figure.size.h, card.bottom() + margin);
  }
}

Figure draw_linked(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Four ways to the same numbers"};
  if (!add_no_result_page(figure, in, true)) draw_panels(figure, in);
  return figure;
}

/// The sum under the cursor, else what the timeline's step does.
std::string words(const ViewInput& in) {
  if (!multiplications_of(in.interaction.hover)) return step_text(in.results.scenario, in.results.frame);
  return sum_text(in, focused_output(in)) + " — the same products, lit in every view";
}

}  // namespace

View linked_view() {
  return {.id = "linked",
          .label = "Linked",
          .group = 0,
          .order = 4,
          .timeline = Timeline::stamps,
          .has_inspector = false,
          .draw = draw_linked,
          .needs_ways = true,
          .own_steps = nullptr,
          .step_words = words,
          .arrays = linked_arrays};
}

}  // namespace tconv
