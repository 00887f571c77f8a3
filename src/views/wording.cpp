#include "views/wording.h"

#include <algorithm>
#include <cmath>

#include "core/sizes.h"
#include "document/fields.h"
#include "views/linking.h"

namespace tconv {

using std::int64_t;

std::string place_text(const LayerSpec& layer, const std::array<int64_t, 3>& at) {
  std::string text = "(";
  for (int i = 3 - layer.dims; i < 3; ++i) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(at[static_cast<std::size_t>(i)]);
  }
  return text + ")";
}

std::string spatial_text(const Shape& shape) {
  std::string text;
  for (int axis = 2; axis < shape.rank(); ++axis) text += (axis > 2 ? " × " : "") + std::to_string(shape[axis]);
  return text;
}

std::string grouped_text(int64_t number) {
  std::string digits = std::to_string(number);
  for (auto i = static_cast<int64_t>(digits.size()) - 3; i > 0; i -= 3) digits.insert(static_cast<std::size_t>(i), ",");
  return digits;
}

std::string_view axis_name(const LayerSpec& layer, int index) {
  if (layer.dims == 1) return "length";
  constexpr std::array<std::string_view, 3> names{"depth", "height", "width"};
  return names[static_cast<std::size_t>(index + 3 - layer.dims)];
}

std::string step_text(const Scenario& scenario, const Frame& frame) {
  const LayerSpec& layer = scenario.layer;
  std::string text = "Step " + std::to_string(frame.step) + " of " + std::to_string(frame.step_count) + " — ";
  if (!frame.stamp) return text + (layer.bias ? "nothing is painted yet, only the bias" : "nothing is painted yet");
  const Stamp& stamp = *frame.stamp;
  text += "input " + place_text(layer, stamp.input.at);
  if (layer.in_channels > 1) text += " of channel " + std::to_string(stamp.input.channel);
  text += " = " + number_text(static_cast<double>(stamp.value)) + " paints output[";
  const auto axes = layer.as_3d();
  bool visible = true;
  for (int i = 3 - layer.dims; i < 3; ++i) {
    const auto a = static_cast<std::size_t>(i);
    const int64_t begin = std::max<int64_t>(0, stamp.begin[a]);
    const int64_t end = std::min(output_size(axes[a]), stamp.end[a]);
    visible = visible && begin < end;
    text += (i > 3 - layer.dims ? ", " : "") + std::to_string(begin) + ":" + std::to_string(end);
    if (layer.as_3d()[a].dilation > 1) text += ":" + std::to_string(axes[a].dilation);
  }
  return visible ? text + "]" : text.substr(0, text.find(" paints")) + " lands wholly in the cropped border";
}

std::string sum_text(const ViewInput& in, const CellIndex& output) {
  const Results& results = in.results;
  const auto products = products_of(results.scenario, results.input, results.weight, output);
  std::string text = "output " + place_text(results.scenario.layer, output.at) + " = ";
  double total = 0;
  std::string sum;
  constexpr std::size_t most = 9;
  if (!results.bias.empty()) {
    total = static_cast<double>(results.bias[output.channel]);
    sum = number_text(total, 3);
  }
  for (std::size_t i = 0; i < products.size(); ++i) {
    total += products[i].value();
    if (i == most) sum += " + …";
    if (i >= most) continue;
    const auto factor = [](float value) {
      const std::string number = number_text(static_cast<double>(value), 3);
      return value < 0 ? "(" + number + ")" : number;
    };
    sum += (sum.empty() ? "" : " + ") + factor(products[i].input_value) + "·" + factor(products[i].tap_value);
  }
  return text + (sum.empty() ? "" : sum + " = ") + number_text(total);
}

CellIndex focused_output(const ViewInput& in) {
  if (const auto* hovered = std::get_if<OutputCell>(&in.interaction.hover)) return hovered->cell;
  if (const auto* grad = std::get_if<GradOutputCell>(&in.interaction.hover)) return grad->cell;
  if (const auto* product = std::get_if<Multiplication>(&in.interaction.hover)) {
    if (in.results.ready()) return output_of(in.results.scenario.layer, *product);
  }
  const auto axes = in.results.scenario.layer.as_3d();
  CellIndex cell{.batch = in.interaction.batch, .channel = in.interaction.out_channel, .at = {}};
  for (std::size_t a = 0; a < 3; ++a) {
    const int64_t size = output_size(axes[a]);
    int64_t middle = (size - 1) / 2;
    const Frame& frame = in.results.frame;
    if (frame.stamp && frame.step < frame.step_count)
      middle = frame.stamp->begin[a] + axes[a].kernel / 2 * axes[a].dilation;
    cell.at[a] = std::clamp<int64_t>(middle, 0, size - 1);
  }
  if (in.results.scenario.layer.dims == 3) cell.at[0] = in.interaction.out_slice;
  return cell;
}

std::vector<Term> size_formula(const AxisSpec& axis) {
  const SizeTerms terms = size_terms(axis);
  const auto text = [](int64_t value) { return std::to_string(value); };
  const bool even = axis.padding_begin == axis.padding_end;
  return {
      {"(I-1)·S",
       "(" + text(axis.input) + "-1)·" + text(axis.stride),
       "",
       terms.spread,
       {"input", "stride"},
       "each new input cell moves the stamp S cells on"},
      {even ? "2P" : "(P+P′)",
       even ? "2·" + text(axis.padding_begin) : "(" + text(axis.padding_begin) + "+" + text(axis.padding_end) + ")",
       "- ",
       terms.crop,
       {"padding", "padding_begin", "padding_end"},
       even ? "padding crops P cells from both ends" : "padding crops P cells at the begin and P′ at the end"},
      {"D·(K-1)",
       text(axis.dilation) + "·(" + text(axis.kernel) + "-1)",
       "+ ",
       terms.reach,
       {"kernel", "dilation"},
       "the last stamp reaches beyond its start"},
      {"OP",
       text(axis.output_padding),
       "+ ",
       terms.output_padding,
       {"output_padding"},
       "extra cells at the end, to choose between sizes"},
      {"1", "1", "+ ", terms.one, {}, "the first cell"},
  };
}

bool is_active(const Term& term, const Interaction& interaction) {
  std::string field = interaction.active_field;
  if (const auto* hovered = std::get_if<FormulaTerm>(&interaction.hover)) field = hovered->field;
  return std::ranges::find(term.fields, field) != term.fields.end();
}

double add_link(Figure& figure, const TextMetrics& text, Point at, double size, const std::string& words, Color color,
                const Tag& tag) {
  const double width = text.width(Font::regular, size, words);
  figure.add(RectShape{.rect = {at.x - 2, at.y - size - 1, width + 4, std::round(size * 1.5)}}, tag);
  figure.add(TextShape{.at = at, .text = words, .size = size, .color = color});
  figure.add(LineShape{{{at.x, at.y + 2.5}, {at.x + width, at.y + 2.5}}, color, 1});
  return at.x + width;
}

double add_problems(Figure& figure, const ViewInput& in, Point at, double width) {
  const Theme& theme = in.theme;
  for (const Problem& problem : in.results.problems) {
    std::string field = problem.field;
    std::ranges::replace(field, '_', ' ');
    if (problem.axis >= 0 && in.results.scenario.layer.dims > 1) {
      field += ", " + std::string(axis_name(in.results.scenario.layer, problem.axis));
    }
    add_spans(figure, in.text, at, 14, {{"✗ ", theme.bad_text}, {field, theme.text, Font::semibold}});
    at.y += 21;
    at.y = add_paragraph(figure, in.text, at, width, {.size = 13, .color = theme.muted},
                         problem.rule + "; found " + problem.found + ".");
    if (const auto mend = mended(in.results.scenario.layer, problem)) {
      const std::string words = "Set it to " + std::to_string(*problem.nearest);
      add_link(figure, in.text, {at.x, at.y + 2}, 13, words, theme.input_text, ChooseLayer{*mend, words});
      at.y += 22;
    }
    at.y += 14;
  }
  return at.y;
}

double add_chip(Figure& figure, const ViewInput& in, Point at, double width, const std::string& label, bool on,
                const Tag& tag) {
  const Theme& theme = in.theme;
  const Rect place{at.x, at.y, std::min(in.text.width(Font::regular, 13, label) + 24, width), chip_height};
  figure.add(RectShape{.rect = place,
                       .fill = on ? mix(theme.background, theme.kernel, 0.18) : theme.surface,
                       .stroke = on ? theme.kernel : theme.border,
                       .stroke_width = 1,
                       .radius = chip_height / 2},
             tag);
  figure.add(TextShape{.at = {place.centre().x, place.y + 18},
                       .text = in.text.fitted(Font::regular, 13, label, place.w - 20),
                       .size = 13,
                       .color = theme.text,
                       .align = Align::centre});
  return place.right();
}

double add_chips(Figure& figure, const ViewInput& in, Point at, double width, const std::vector<ViewChip>& chips) {
  const double left = at.x;
  for (const ViewChip& chip : chips) {
    if (!in.interactive && !chip.on) continue;  // on paper what is chosen says enough
    if (at.x > left && at.x + in.text.width(Font::regular, 13, chip.label) + 24 > left + width) {
      at = {left, at.y + chip_height + 8};
    }
    at.x = add_chip(figure, in, at, width, chip.label, chip.on, chip.tag) + 10;
  }
  return at.y + chip_height;
}

bool add_no_result_page(Figure& figure, const ViewInput& in, bool with_ways) {
  if (in.results.ready() && (!with_ways || in.results.ways)) return false;
  const double margin = page_margin(in.size.w);
  if (in.results.legal()) {
    figure.add(TextShape{.at = {margin, 60}, .text = "Computing…", .size = 17, .color = in.theme.muted});
    return true;
  }
  figure.add(TextShape{.at = {margin, 60},
                       .text = "This layer has no output",
                       .font = Font::semibold,
                       .size = 17,
                       .color = in.theme.text});
  const double y = add_problems(figure, in, {margin, 100}, in.size.w - 2 * margin);
  figure.size.h = std::max(in.size.h, y);
  return true;
}

std::string part_text(const LayerSpec& layer, int64_t channel, int64_t channels, int64_t slice, int64_t slices) {
  std::string text;
  if (channels > 1) text += " · channel " + std::to_string(channel) + " of " + std::to_string(channels);
  if (layer.dims == 3) text += " · slice " + std::to_string(slice) + " of " + std::to_string(slices);
  return text;
}

}  // namespace tconv
