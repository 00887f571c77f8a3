#include "views/column.h"

namespace tconv {

void Column::heading(const std::string& words) {
  y = add_paragraph(figure, in.text, {0, y}, in.size.w, {.font = Font::semibold, .size = 13, .color = in.theme.muted},
                    words) +
      5;
}

void Column::sentence(const std::string& words, Color color) {
  y = add_paragraph(figure, in.text, {0, y}, in.size.w, {.size = 13, .color = color}, words) + 2;
}

void Column::line(std::vector<Span> spans, double step) {
  std::string whole;
  for (const Span& span : spans) whole += span.text;
  const FittedText fitted = fit_text(in.text, Font::mono, 13, whole, in.size.w);
  if (spans.size() == 1) spans[0].text = fitted.text;
  add_spans(figure, in.text, {0, y}, fitted.size, spans);
  y += step;
}

void Column::rule() {
  figure.add(LineShape{{{0, y - 8.5}, {in.size.w, y - 8.5}}, in.theme.border, 1});
  y += 14;
}

}  // namespace tconv
