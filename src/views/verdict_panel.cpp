#include "document/verdict.h"
#include "figure/layout.h"
#include "views/panels.h"
#include "views/wording.h"

namespace tconv {

Figure draw_verdict(const ViewInput& in) {
  const Theme& theme = in.theme;
  const Verdict verdict = verdict_of(in.document.scenario, in.results.problems_now());
  const bool good = verdict.kind == VerdictKind::even;
  const Color role = good ? theme.good : theme.bad;
  const Color words = good ? theme.good_text : theme.bad_text;

  Figure figure{.size = in.size, .background = theme.panel, .title = verdict.title};
  const double inset = 13;
  const double width = in.size.w - 2 * inset;
  figure.add(RectShape{});  // the box: its height is known at the end
  Point at{inset, 25};
  const std::string reason = verdict.reason.empty() ? "" : " — " + verdict.reason;
  const double end =
      add_spans(figure, in.text, at, 13,
                {{verdict.mark + " ", words, Font::semibold}, {verdict.title, theme.text, Font::semibold}});
  const bool fits = end + in.text.width(Font::regular, 13, reason) <= inset + width;
  if (fits) add_spans(figure, in.text, {end, at.y}, 13, {{reason, words}});
  at.y += 20;
  if (!fits) at.y = add_paragraph(figure, in.text, at, width, {.size = 13, .color = words}, verdict.reason);
  at.y = add_paragraph(figure, in.text, at, width, {.size = 13, .color = theme.text}, verdict.text);
  if (verdict.cure) {
    for (const std::string& line : in.text.wrap(Font::regular, 13, verdict.cure_label, width)) {
      add_link(figure, in.text, {at.x, at.y + 2}, 13, line, theme.text, ChooseLayer{*verdict.cure, verdict.cure_label});
      at.y += 20;
    }
  }
  figure.size.h = at.y - 4;
  figure.shapes.front() = {RectShape{.rect = {0, 0, in.size.w, figure.size.h},
                                     .fill = mix(theme.panel, role, 0.13),
                                     .stroke = role,
                                     .stroke_width = 1,
                                     .radius = 8},
                           {}};
  return figure;
}

}  // namespace tconv
