#include <memory>
#include <optional>

#include "document/answers.h"
#include "document/verdict.h"
#include "figure/layout.h"
#include "views/panels.h"
#include "views/wording.h"

namespace tconv {

namespace {

/// Of the layer on the screen; nothing while they are being computed, or are too many.
std::optional<Answers> answers_for(const ViewInput& in) {
  const Ways* ways = in.results.ways.get();
  const LayerSpec& layer = in.document.scenario.layer;
  if (!in.results.legal() || ways == nullptr || !ways->weights || !ways->flat) return {};
  if (!(in.results.scenario.layer == layer)) return {};
  return answers_of(layer, *ways->weights, *ways->flat);
}

/// The three answers in a line, and why they disagree; returns the y below.
double add_answer_lines(Figure& figure, const ViewInput& in, Point at, double width, const Answers& answers) {
  std::vector<Span> spans;
  for (const Answer& answer : answers.all) {
    spans.push_back({answer.good ? "✓ " : "✗ ", answer.good ? in.theme.good_text : in.theme.bad_text, Font::semibold});
    spans.push_back({answer.brief + "  ", in.theme.text});
  }
  add_spans(figure, in.text, at, 12, spans);
  at.y += 20;
  if (answers.why.empty()) return at.y;
  return add_paragraph(figure, in.text, at, width, {.size = 12, .color = in.theme.text}, answers.why);
}

/// The fixes that no kernel size is, one click away each; returns the y below.
double add_fixes(Figure& figure, const ViewInput& in, Point at, double width) {
  const std::string lead = "Or: ";
  add_spans(figure, in.text, at, 13, {{lead, in.theme.text}});
  const double left = at.x + in.text.width(Font::regular, 13, lead);
  double x = left;
  for (const Fix& fix : in.results.ways->fixes) {
    if (fix.brief.empty()) continue;
    const double end = x + in.text.width(Font::regular, 13, fix.brief);
    if (end > at.x + width && x > left) {
      x = at.x;
      at.y += 20;
    }
    x = 12 + add_link(figure, in.text, {x, at.y}, 13, fix.brief, in.theme.text,
                      ChooseScenario{std::make_shared<const Scenario>(fix.scenario), fix.label});
  }
  return at.y + 20;
}

}  // namespace

Figure draw_verdict(const ViewInput& in) {
  const Theme& theme = in.theme;
  const Verdict verdict = verdict_of(in.document.scenario, in.results.problems_now());
  const std::optional<Answers> answers = answers_for(in);
  const bool good = verdict.kind == VerdictKind::even;
  // Even counts under uneven weights are no all-clear.
  const bool mixed = good && answers && !answers->all[1].good;
  const Color role = mixed ? theme.muted : good ? theme.good : theme.bad;
  const Color words = good ? theme.good_text : theme.bad_text;
  const double room = in.size.w - 2 * 13 - in.text.width(Font::semibold, 13, verdict.mark + " ");
  const std::string mixed_title = "Even counts, uneven weights";
  const bool short_title = in.text.width(Font::semibold, 13, mixed_title) > room;
  const std::string title = !mixed ? verdict.title : short_title ? "Uneven weights" : mixed_title;

  Figure figure{.size = in.size, .background = theme.panel, .title = title};
  const double inset = 13;
  const double width = in.size.w - 2 * inset;
  figure.add(RectShape{});  // the box: its height is known at the end
  Point at{inset, 25};
  const std::string reason = verdict.reason.empty() ? "" : " — " + verdict.reason;
  const double end = add_spans(figure, in.text, at, 13,
                               {{verdict.mark + " ", words, Font::semibold}, {title, theme.text, Font::semibold}});
  const bool fits = end + in.text.width(Font::regular, 13, reason) <= inset + width;
  if (fits) add_spans(figure, in.text, {end, at.y}, 13, {{reason, words}});
  at.y += 20;
  if (!fits) at.y = add_paragraph(figure, in.text, at, width, {.size = 13, .color = words}, verdict.reason);
  at.y = add_paragraph(figure, in.text, at, width, {.size = 13, .color = theme.text}, verdict.text);
  if (answers) at.y = add_answer_lines(figure, in, at, width, *answers);
  if (verdict.cure) {
    for (const std::string& line : in.text.wrap(Font::regular, 13, verdict.cure_label, width)) {
      add_link(figure, in.text, {at.x, at.y + 2}, 13, line, theme.text, ChooseLayer{*verdict.cure, verdict.cure_label});
      at.y += 20;
    }
  }
  const bool fixable = answers && !answers->all[2].good && in.results.ways->fixes.size() > 1;
  if (fixable) at.y = add_fixes(figure, in, {at.x, at.y + 2}, width);
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
