#include "views/compare_table.h"

#include <algorithm>
#include <cmath>

#include "document/answers.h"
#include "figure/layout.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

struct TableCell {
  std::string text;
  Color color;
};
using TableRow = std::vector<TableCell>;

std::string duration_text(double milliseconds) {
  if (milliseconds < 0.01) return "< 0.01 ms";
  return milliseconds >= 1000 ? number_text(milliseconds / 1000, 2) + " s" : number_text(milliseconds, 2) + " ms";
}

std::vector<std::string> headings(const ViewInput& in) {
  std::vector<std::string> list{"ripple", "off DC", "PSNR", "parameters", "MACs per output"};
  if (in.interactive) list.emplace_back("time");
  return list;
}

TableRow row_of(const ViewInput& in, const Upsampler& one) {
  const Theme& theme = in.theme;
  TableRow row;
  if (one.flat) {
    const bool even = one.flat->even;
    const Color color = even ? theme.good_text : theme.bad_text;
    row.push_back({(even ? "✓ " : "✗ ") + percent_text(one.flat->ripple), color});
    row.push_back({percent_text(one.flat->off_dc), theme.text});
  } else {
    row.insert(row.end(), 2, {"–", theme.muted});
  }
  if (one.psnr) {
    row.push_back({std::isinf(*one.psnr) ? "∞ dB" : number_text(*one.psnr, 3) + " dB", theme.text});
  } else {
    row.push_back({"–", theme.muted});
  }
  row.push_back({grouped_text(one.cost.parameters), theme.text});
  row.push_back({number_text(one.products_per_cell, 4), theme.text});
  if (in.interactive) row.push_back({duration_text(one.milliseconds), theme.text});
  return row;
}

double add_paragraphs(Figure& figure, const ViewInput& in, const std::vector<Upsampler>& upsamplers, Point at,
                      double width) {
  const auto names = headings(in);
  for (const Upsampler& one : upsamplers) {
    const TableRow row = row_of(in, one);
    at.y = add_paragraph(figure, in.text, at, width, {.font = Font::semibold, .size = 13, .color = in.theme.text},
                         one.label);
    std::string words;
    for (std::size_t i = 0; i < row.size(); ++i) {
      words += (i > 0 ? " · " : "") + (i >= 3 && i <= 4 ? row[i].text + " " + names[i] : names[i] + " " + row[i].text);
    }
    at.y = add_paragraph(figure, in.text, at, width, {.size = 13, .color = in.theme.muted}, words) + 6;
  }
  return at.y - 6;
}

}  // namespace

double add_compare_table(Figure& figure, const CompareScene& scene, Point at, double width) {
  const ViewInput& in = scene.in;
  const std::vector<Upsampler>& upsamplers = scene.comparison.upsamplers;
  const auto names = headings(in);
  std::vector<TableRow> rows;
  double name_width = 0;
  std::vector<double> widths;
  for (const std::string& name : names) widths.push_back(in.text.width(Font::semibold, 13, name));
  for (const Upsampler& one : upsamplers) {
    rows.push_back(row_of(in, one));
    name_width = std::max(name_width, in.text.width(Font::regular, 13, one.label));
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], in.text.width(Font::mono, 13, rows.back()[i].text));
    }
  }
  double needed = name_width;
  for (const double one : widths) needed += one;
  const auto columns = static_cast<double>(widths.size());
  if (needed + 18 * columns > width) return add_paragraphs(figure, in, upsamplers, {at.x, at.y + 14}, width);

  const double space = std::min(56.0, (width - needed) / columns);
  double y = at.y + 14;
  const auto line = [&](const auto& each) {
    double x = at.x + name_width;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      x += space + widths[i];
      each(i, x);
    }
  };
  line([&](std::size_t i, double right) {
    figure.add(TextShape{.at = {right, y},
                         .text = names[i],
                         .font = Font::semibold,
                         .size = 13,
                         .color = in.theme.muted,
                         .align = Align::right});
  });
  for (std::size_t r = 0; r < rows.size(); ++r) {
    y += 23;
    figure.add(TextShape{.at = {at.x, y}, .text = upsamplers[r].label, .size = 13, .color = in.theme.text});
    line([&](std::size_t i, double right) {
      figure.add(TextShape{.at = {right, y},
                           .text = rows[r][i].text,
                           .font = Font::mono,
                           .size = 13,
                           .color = rows[r][i].color,
                           .align = Align::right});
    });
  }
  return y + 8;
}

double add_compare_notes(Figure& figure, const CompareScene& scene, Point at, double width) {
  const Comparison& comparison = scene.comparison;
  std::string words =
      "All outputs are brought to the same size and divided by what a flat input becomes on average, so that "
      "brightness "
      "can be compared. Ripple and off DC: what a flat input becomes far from the borders, of the worst channel.";
  if (!comparison.truth.empty()) {
    const auto margin = std::ranges::max(comparison.margin);
    words += " PSNR: to the truth, " +
             (margin > 0 ? "without " + std::to_string(margin) + " cells at each border, where zeros come in."
                         : std::string("borders and all."));
  }
  words += " MACs: products per number of the output; resizing itself is not counted.";
  if (scene.in.interactive) words += " Time: once, here, by plain code.";
  for (const std::string& note : comparison.notes) words += " " + note;
  return add_paragraph(figure, scene.in.text, {at.x, at.y + 12}, width, {.size = 12, .color = scene.in.theme.muted},
                       words);
}

}  // namespace tconv
