#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "core/sizes.h"
#include "document/pytorch_code.h"
#include "views/column.h"
#include "views/linking.h"
#include "views/panels.h"
#include "views/wording.h"

namespace tconv {
namespace {

constexpr std::size_t longest_sum = 256;  // the whole sum, up to where nobody reads on

/// "(1, 0) of channel 2 in sample 1": a pinned cell need not be in the channel that is shown.
std::string cell_text(const LayerSpec& layer, const CellIndex& cell, std::int64_t channels) {
  std::string text = place_text(layer, cell.at);
  if (channels > 1) text += " of channel " + std::to_string(cell.channel);
  if (layer.batch > 1) text += " in sample " + std::to_string(cell.batch);
  return text;
}

/// "y[2](1, 0)", the channel only where there are several.
std::string short_text(const LayerSpec& layer, const char* name, const CellIndex& cell, std::int64_t channels) {
  return name + (channels > 1 ? "[" + std::to_string(cell.channel) + "]" : "") + place_text(layer, cell.at);
}

/// "(0, 1) of w[2 → 5]".
template <typename Tap>
std::string tap_text(const LayerSpec& layer, const Tap& tap) {
  std::string text = place_text(layer, tap.tap);
  if (layer.in_channels == 1 && layer.out_channels == 1) return text;
  return text + " of w[" + std::to_string(tap.in_channel) + " → " + std::to_string(tap.out_channel) + "]";
}

/// The parts of a product's line, padded later so that the columns stand under each other.
struct ProductLine {
  const Product* product;
  std::string input, tap, value;
};

std::string padded(const std::string& text, std::size_t width, bool right) {
  std::size_t length = 0;
  for_each_code_point(text, [&](char32_t) { ++length; });
  const std::string spaces(width > length ? width - length : 0, ' ');
  return right ? spaces + text : text + spaces;
}

std::size_t widest(const std::vector<ProductLine>& lines, std::string ProductLine::*part) {
  std::size_t most = 0;
  for (const ProductLine& line : lines) {
    std::size_t length = 0;
    for_each_code_point(line.*part, [&](char32_t) { ++length; });
    most = std::max(most, length);
  }
  return most;
}

void list_products(Column& column, const std::vector<Product>& products) {
  const ViewInput& in = column.in;
  const Theme& theme = in.theme;
  const LayerSpec& layer = in.results.scenario.layer;
  std::vector<ProductLine> lines;
  for (const Product& product : products) {
    if (lines.size() == longest_sum) break;
    std::string tap = "k" + place_text(layer, product.tap);
    std::erase(tap, ' ');  // "k(1,1)": the panel is narrow
    const std::string channel = layer.in_channels > 1 ? "c" + std::to_string(product.input.channel) + " " : "";
    lines.push_back({&product, channel + number_text(static_cast<double>(product.input_value), 3),
                     tap + "=" + number_text(static_cast<double>(product.tap_value), 3),
                     number_text(product.value(), 3)});
  }
  const std::size_t input_width = widest(lines, &ProductLine::input);
  const std::size_t tap_width = widest(lines, &ProductLine::tap);
  const std::size_t value_width = widest(lines, &ProductLine::value);
  for (const ProductLine& line : lines) {
    const bool to_come = line.product->step > in.results.frame.step;
    const bool now = line.product->step == in.results.frame.step;
    const auto* hovered = std::get_if<Multiplication>(&in.interaction.hover);
    const bool pointed =
        hovered != nullptr && hovered->input == line.product->input && hovered->tap == line.product->tap;
    if (pointed) {
      column.figure.add(RectShape{
          .rect = {-4, column.y - 15, in.size.w + 8, 21}, .fill = mix(theme.panel, theme.kernel, 0.2), .radius = 3});
    }
    std::vector<Span> spans{
        {padded(line.input, input_width, true), to_come ? theme.muted : theme.input_text, Font::mono},
        {" · ", to_come ? theme.muted : theme.text, Font::mono},
        {padded(line.tap, tap_width, false), to_come ? theme.muted : theme.kernel_text, Font::mono},
        {" = " + padded(line.value, value_width, true), to_come ? theme.muted : theme.text, Font::mono}};
    // The remark is dropped where a narrow panel has no room for it: colour says it, too.
    double used = 0;
    for (const Span& span : spans) used += in.text.width(Font::mono, 13, span.text);
    const auto remark = [&](const std::string& words, Color color) {
      if (used + in.text.width(Font::mono, 13, words) <= in.size.w) spans.push_back({words, color, Font::mono});
    };
    if (now) remark(" ← this step", theme.kernel_text);
    if (to_come) remark(" to come", theme.muted);
    column.line(spans);
  }
  if (products.size() > lines.size()) {
    double rest = 0;
    for (std::size_t i = lines.size(); i < products.size(); ++i) rest += products[i].value();
    column.sentence("… and " + std::to_string(products.size() - lines.size()) + " more products, together " +
                    number_text(rest));
  }
}

/// "1 + 0 − 3": what has been added so far, the bias first; a long sum is cut.
std::string sum_so_far(const ViewInput& in, const std::vector<Product>& products, std::optional<double> bias) {
  std::string sum = bias ? number_text(*bias) : "";
  std::size_t terms = 0;
  for (const Product& product : products) {
    if (product.step > in.results.frame.step) continue;
    if (++terms > longest_sum) return sum + " + …";
    const double value = product.value();
    if (sum.empty()) {
      sum = number_text(value, 3);
    } else {
      sum += (value < 0 ? " − " : " + ") + number_text(std::abs(value), 3);
    }
  }
  return sum.empty() ? "0" : sum;
}

void explain_sum(Column& column) {
  const ViewInput& in = column.in;
  const Theme& theme = in.theme;
  const Results& results = in.results;
  const LayerSpec& layer = results.scenario.layer;
  const CellIndex cell = focused_output(in);
  const auto products = products_of(results.scenario, results.input, results.weight, cell);
  const double so_far = static_cast<double>(results.frame.output[flat_output(layer, cell)]);
  const bool done = results.frame.step == results.frame.step_count;

  column.heading("Why is output " + cell_text(layer, cell, layer.out_channels) + " = " + number_text(so_far) +
                 (done ? "?" : " so far?"));
  std::optional<double> bias;
  if (!results.bias.empty()) {
    bias = static_cast<double>(results.bias[cell.channel]);
    column.line({{"bias = " + number_text(*bias), theme.text, Font::mono}});
  }
  list_products(column, products);
  if (products.empty()) {
    column.sentence(bias ? "No stamp reaches this cell: only the bias." : "No stamp reaches this cell.");
  }
  column.rule();
  for (const std::string& line : in.text.wrap(Font::mono, 13, sum_so_far(in, products, bias), in.size.w)) {
    column.line({{line, theme.text, Font::mono}}, 19);
  }
  double total = bias.value_or(0);
  for (const Product& product : products) total += product.value();
  std::vector<Span> result{{"= ", theme.text, Font::mono}, {number_text(so_far), theme.output_text, Font::mono_medium}};
  if (!done) result.push_back({" → " + number_text(total) + " at the end", theme.muted, Font::mono});
  column.line(result, 40);
}

/// One product of a gradient's or a painted cell's list.
struct Term3 {
  double left, right;
  std::string left_name, right_name;
};

/// What is hovered besides outputs has a list of its own: what an input cell or tap paints, what a gradient sums up.
struct Explanation {
  std::string question;
  bool sums = false;  ///< the products add up to `value`
  double value = 0;
  std::function<Term3(const Multiplication&)> term;
};

std::optional<Explanation> explanation_of(const ViewInput& in) {
  const Results& results = in.results;
  const LayerSpec& layer = results.scenario.layer;
  const auto x = [&results, &layer](const Multiplication& m) {
    return static_cast<double>(results.input[flat_input(layer, m.input)]);
  };
  const auto w = [&results, &layer](const Multiplication& m) {
    return static_cast<double>(results.weight[flat_weight(layer, m.input.channel, m.out_channel, m.tap)]);
  };
  const auto x_name = [&layer](const Multiplication& m) { return short_text(layer, "x", m.input, layer.in_channels); };
  const auto w_name = [&layer](const Multiplication& m) { return "k" + place_text(layer, m.tap); };
  const auto paints = [=](const Multiplication& m) { return Term3{x(m), w(m), x_name(m), w_name(m)}; };
  const Tag& hover = in.interaction.hover;
  if (const auto* input = std::get_if<InputCell>(&hover)) {
    const double value = static_cast<double>(results.input[flat_input(layer, input->cell)]);
    return Explanation{
        "Input " + cell_text(layer, input->cell, layer.in_channels) + " = " + number_text(value) + " is multiplied by",
        false, value, paints};
  }
  if (const auto* tap = std::get_if<KernelTap>(&hover)) {
    if (!joined(layer, tap->in_channel, tap->out_channel)) return {};
    const double value =
        static_cast<double>(results.weight[flat_weight(layer, tap->in_channel, tap->out_channel, tap->tap)]);
    return Explanation{"Tap k" + tap_text(layer, *tap) + " = " + number_text(value) + " multiplies", false, value,
                       paints};
  }
  if (!results.ways || !results.ways->gradients) return {};
  const std::shared_ptr<const Ways> ways = results.ways;
  const auto g = [ways, &layer](const Multiplication& m) {
    return static_cast<double>(ways->grad_output[flat_output(layer, output_of(layer, m))]);
  };
  const auto g_name = [&layer](const Multiplication& m) {
    return short_text(layer, "g", output_of(layer, m), layer.out_channels);
  };
  if (const auto* input = std::get_if<GradInputCell>(&hover)) {
    return Explanation{"Why is dx " + cell_text(layer, input->cell, layer.in_channels), true,
                       static_cast<double>(ways->gradients->input[flat_input(layer, input->cell)]),
                       [=](const Multiplication& m) {
                         return Term3{g(m), w(m), g_name(m), w_name(m)};
                       }};
  }
  if (const auto* tap = std::get_if<GradKernelTap>(&hover)) {
    const auto flat = flat_weight(layer, tap->in_channel, tap->out_channel, tap->tap);
    return Explanation{"Why is dw " + tap_text(layer, *tap), true, static_cast<double>(ways->gradients->weight[flat]),
                       [=](const Multiplication& m) {
                         return Term3{x(m), g(m), x_name(m), g_name(m)};
                       }};
  }
  return {};
}

/// Writes the list for a hovered cell that is no output; false when there is none.
bool explain_hovered(Column& column) {
  const ViewInput& in = column.in;
  const Theme& theme = in.theme;
  const LayerSpec& layer = in.results.scenario.layer;
  const auto explanation = explanation_of(in);
  if (!explanation) return false;
  const auto list = list_multiplications(layer, *multiplications_of(in.interaction.hover), longest_sum);
  column.heading(explanation->question + (explanation->sums ? " = " + number_text(explanation->value) + "?" : ""));
  for (const Multiplication& one : list.first) {
    const Term3 term = explanation->term(one);
    std::string line =
        term.left_name + "=" + number_text(term.left, 3) + " · " + term.right_name + "=" + number_text(term.right, 3);
    if (explanation->sums) {
      line += " = " + number_text(term.left * term.right, 3);
    } else {
      line += " → " + short_text(layer, "y", output_of(layer, one), layer.out_channels);
    }
    column.line({{line, theme.text, Font::mono}}, 20);
  }
  const auto more = list.count - static_cast<std::int64_t>(list.first.size());
  if (more > 0) column.sentence("… and " + std::to_string(more) + " more");
  if (list.count == 0) column.sentence("Nothing: what it paints is cropped.");
  column.rule();
  if (explanation->sums) {
    column.line(
        {{"= ", theme.text, Font::mono}, {number_text(explanation->value), theme.output_text, Font::mono_medium}}, 40);
  } else {
    column.sentence(std::to_string(list.count) + (list.count == 1 ? " product" : " products"));
    column.y += 18;
  }
  return true;
}

void explain_size(Column& column) {
  const ViewInput& in = column.in;
  const Theme& theme = in.theme;
  const LayerSpec& layer = in.document.scenario.layer;
  const int index = std::min(in.interaction.axis, layer.dims - 1);
  const AxisSpec& axis = layer.axes[static_cast<std::size_t>(index)];
  const bool same = std::ranges::all_of(layer.spatial(), [&](const AxisSpec& other) { return other == axis; });
  column.heading(same ? "Output size" : "Output size — " + std::string(axis_name(layer, index)));

  const auto terms = size_formula(axis);
  const auto row = [&](const std::string& lead, bool symbols) {
    const double indent = in.text.width(Font::mono, 12, lead);
    double x = add_spans(column.figure, in.text, {0, column.y}, 12, {{lead, theme.text, Font::mono}});
    for (const Term& term : terms) {
      const bool active = is_active(term, in.interaction);
      const std::string words =
          in.text.fitted(Font::mono, 12, term.sign + (symbols ? term.symbols : term.numbers), in.size.w - indent - 2);
      const double width = in.text.width(Font::mono, 12, words);
      if (x + width > in.size.w) {  // a narrow panel: the rest goes under the first term
        x = indent;
        column.y += 19;
      }
      const std::string field = term.fields.empty() ? "" : term.fields.back();
      column.figure.add(RectShape{.rect = {x - 2, column.y - 13, width + 4, 19},
                                  .fill = active ? mix(theme.panel, theme.kernel, 0.3) : Color{0, 0, 0, 0},
                                  .radius = 3},
                        field.empty() ? Tag{} : Tag{FormulaTerm{field}});
      add_spans(column.figure, in.text, {x, column.y}, 12, {{words, theme.text, Font::mono}});
      x += width + 5;
    }
    column.y += 21;
  };
  row("O = ", true);
  row("  = ", false);
  const std::int64_t size = output_size(axis);
  column.line(
      {{"  = ", theme.text, Font::mono},
       {number_text(static_cast<double>(size), 10), size >= 1 ? theme.output_text : theme.bad_text, Font::mono_medium}},
      36);
}

void show_code(Column& column) {
  const ViewInput& in = column.in;
  const Theme& theme = in.theme;
  const LayerSpec& layer = in.document.scenario.layer;
  column.figure.add(TextShape{
      .at = {0, column.y}, .text = "Same layer in PyTorch", .font = Font::semibold, .size = 13, .color = theme.muted});
  const Rect button{in.size.w - 48, column.y - 16, 48, 23};
  column.figure.add(
      RectShape{.rect = button, .fill = theme.surface, .stroke = theme.border, .stroke_width = 1, .radius = 5},
      CopyText{pytorch_code(layer)});
  column.figure.add(TextShape{
      .at = {button.centre().x, column.y}, .text = "Copy", .size = 12, .color = theme.text, .align = Align::centre});
  column.y += 15;

  const double room = in.size.w - 22;
  const auto columns = static_cast<std::size_t>(room / in.text.width(Font::mono, 12, "0"));
  const std::string code = pytorch_code(layer, std::max<std::size_t>(columns, 12));
  const auto lines = std::count(code.begin(), code.end(), '\n') + 1;
  column.figure.add(RectShape{.rect = {0, column.y, in.size.w, static_cast<double>(lines) * 18 + 18},
                              .fill = theme.background,
                              .stroke = theme.border,
                              .stroke_width = 1,
                              .radius = 6});
  double y = column.y + 23;
  for (std::size_t begin = 0; begin <= code.size();) {
    const std::size_t end = std::min(code.find('\n', begin), code.size());
    const FittedText line = fit_text(in.text, Font::mono, 12, code.substr(begin, end - begin), room);
    column.figure.add(
        TextShape{.at = {11, y}, .text = line.text, .font = Font::mono, .size = line.size, .color = theme.text});
    y += 18;
    begin = end + 1;
  }
  column.y = y + 10;
}

}  // namespace

Figure draw_inspector(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.panel, .title = "Inspector"};
  Column column{figure, in, 14};
  if (in.results.ready() && !explain_hovered(column)) explain_sum(column);
  explain_size(column);
  show_code(column);
  figure.size.h = column.y;
  return figure;
}

}  // namespace tconv
