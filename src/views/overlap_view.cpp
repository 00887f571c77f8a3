// How many stamps reach each output cell: where checkerboards come from, for every K and S, and what to do about them.

#include <algorithm>

#include "core/coverage.h"
#include "core/stack.h"
#include "document/answers.h"
#include "views/column.h"
#include "views/fix_cards.h"
#include "views/kernel_stride_table.h"
#include "views/overlap_map.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

Figure draw_overlap(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Overlap of the stamps"};
  if (!validate(in.document.scenario).empty()) {
    add_no_result_page(figure, in);
    return figure;
  }
  const double margin = page_margin(in.size.w);
  const double table = kernel_stride_table_width();
  const double top = 28;
  const bool beside = in.size.w - 2 * margin - table - 30 >= 240;
  const double map_width = beside ? in.size.w - 2 * margin - table - 30 : in.size.w - 2 * margin;
  const double map_height = std::clamp(in.size.h * 0.62, 240.0, map_width + 130);
  double bottom = add_overlap_map(figure, in, {margin, top, map_width, map_height});
  const Point corner = beside ? Point{margin + map_width + 30, top} : Point{margin, bottom + 30};
  bottom = std::max(bottom, add_kernel_stride_table(figure, in, corner));

  const double y = bottom + 34;
  const double end = add_spans(figure, in.text, {margin, y}, 13,
                               {{"A flat input through this layer ", in.theme.text, Font::semibold}});
  const std::string rest =
      in.text.fitted(Font::regular, 13, "and through the fixes, far from the borders", in.size.w - margin - end);
  add_spans(figure, in.text, {end, y}, 13, {{rest, in.theme.muted}});
  bottom = add_fix_cards(figure, in, {margin, y + 16}, in.size.w - 2 * margin);
  figure.size.h = std::max(in.size.h, bottom + 20);
  return figure;
}

std::string plural(int64_t count, const std::string& one) {
  return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

void add_arithmetic(Column& column, const LayerSpec& layer, int index, bool alike) {
  const AxisSpec& axis = layer.axes[static_cast<std::size_t>(index)];
  const CountRule rule = count_rule(axis);
  const auto n = [](int64_t number) { return std::to_string(number); };
  column.heading(alike ? "Coverage" : "Coverage — " + std::string(axis_name(layer, index)));
  const Theme& theme = column.in.theme;
  const auto line = [&](const std::string& words) { column.line({{words, theme.text, Font::mono}}, 20); };
  const int64_t shared = axis.stride / rule.reached;
  if (shared == 1) {
    line("K = q·S + r");
  } else {
    column.sentence("S and D share the factor " + n(shared) + ": taps reach only " + n(rule.reached) + " of the " +
                    n(axis.stride) + " phases.");
    line("K = q·" + n(rule.reached) + " + r");
  }
  line(n(axis.kernel) + " = " + n(rule.q) + "·" + n(rule.reached) + " + " + n(rule.r));
  if (rule.r > 0) line(plural(rule.r, "phase") + " hit q+1 = " + n(rule.q + 1) + "×");
  line((rule.r > 0 ? "" : "all ") + plural(rule.reached - rule.r, "phase") + " hit q = " + n(rule.q) + "×");
  if (shared > 1) line(n(axis.stride - rule.reached) + " never hit");
  const std::string variance = number_text(phase_variance(axis), 4);
  line(shared == 1 ? "V = r/S·(1−r/S) = " + variance : "V = " + variance);
  if (gap(axis) > 0) line("gap S−K = " + plural(gap(axis), "cell"));
  if (axis.dilation > 1 && shared == 1) {
    column.sentence("D " + n(axis.dilation) + " and S " + n(axis.stride) +
                    " share no factor: the counts are those of D 1, in another order.");
  }
  column.y += 14;
}

void add_overlap_answers(Column& column) {
  const ViewInput& in = column.in;
  column.heading("Three questions, three answers");
  const Ways* ways = in.results.ways.get();
  if (ways == nullptr || !ways->weights || !ways->flat) {
    column.sentence(ways == nullptr ? "Computing…" : "Too many weights to be looked at one by one here.");
    return;
  }
  const Answers answers = answers_of(in.results.scenario.layer, *ways->weights, *ways->flat);
  for (const Answer& answer : answers.all) {
    const Color color = answer.good ? in.theme.good_text : in.theme.bad_text;
    column.y = add_paragraph(column.figure, in.text, {0, column.y}, in.size.w,
                             {.font = Font::semibold, .size = 13, .color = color},
                             (answer.good ? "✓ " : "✗ ") + answer.question);
    column.sentence(answer.text);
    column.y += 2;
  }
  if (!answers.why.empty()) column.sentence(answers.why, in.theme.muted);
  column.y += 14;
}

/// "2 layers 3 : 1 (9 : 1 in 2D)": how the unevenness grows when this layer is used several times.
void add_stack(Column& column, const LayerSpec& layer) {
  const ViewInput& in = column.in;
  constexpr std::int64_t depth = 3;
  const StackReport report = report_on(repeated(layer, depth));
  column.heading("Through a stack of this layer");
  for (std::size_t i = 0; i < report.depths.size(); ++i) {
    const StackDepth& now = report.depths[i];
    std::string line = plural(static_cast<int64_t>(i) + 1, "layer") + "  ";
    if (!now.known()) {
      line += "too long a pattern";
    } else if (now.even()) {
      line += "✓ even";
    } else {
      const StackAxis& axis = now.axes.front();
      line += std::to_string(axis.most) + " : " + std::to_string(axis.least);
      if (layer.dims > 1) {
        line += "  (" + std::to_string(now.most()) + " : " + std::to_string(now.least()) + " in " +
                std::to_string(layer.dims) + "D)";
      }
    }
    column.line({{line, in.theme.text, Font::mono}}, 20);
  }
  if (!report.problems.empty()) column.sentence("Deeper it is not legal: " + report.problems.front().rule + ".");
  column.y += 14;
}

Figure draw_panel(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.panel, .title = "Coverage"};
  Column column{figure, in, 14};
  const LayerSpec& layer = in.document.scenario.layer;
  if (validate(in.document.scenario).empty()) {
    const auto same = [&](const AxisSpec& axis) {
      return axis.kernel == layer.axes[0].kernel && axis.stride == layer.axes[0].stride &&
             axis.dilation == layer.axes[0].dilation;
    };
    const bool alike = std::ranges::all_of(layer.spatial(), same);
    for (int index = 0; index < (alike ? 1 : layer.dims); ++index) add_arithmetic(column, layer, index, alike);
    add_overlap_answers(column);
    add_stack(column, layer);
  }
  figure.size.h = column.y;
  return figure;
}

/// Counts need no weights.
bool counts_only(const Interaction& interaction) { return coverage_kind(interaction) == CoverageKind::counts; }

}  // namespace

View overlap_view() {
  return {.id = "overlap",
          .label = "Overlap",
          .group = 2,
          .order = 0,
          .timeline = Timeline::none,
          .has_inspector = true,
          .draw = draw_overlap,
          .needs_ways = false,
          .own_steps = nullptr,
          .step_words = nullptr,
          .uses_ways = true,
          .inspector = draw_panel,
          .arrays = overlap_arrays,
          .arrays_of_layer = counts_only,
          .options = coverage_options};
}

}  // namespace tconv
