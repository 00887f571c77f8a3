// How large the output is, term by term; where every output cell comes from; and the way back.

#include <algorithm>
#include <cmath>

#include "core/coverage.h"
#include "core/sizes.h"
#include "document/pytorch_code.h"
#include "document/verdict.h"
#include "figure/layout.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

/// Lays the sections of the page one under the other.
class SizePage {
 public:
  SizePage(const ViewInput& in, Figure& figure)
      : in_(in),
        figure_(figure),
        layer_(in.document.scenario.layer),
        index_(std::clamp(in.interaction.axis, 0, layer_.dims - 1)),
        axis_(layer_.axes[static_cast<std::size_t>(index_)]),
        margin_(page_margin(in.size.w)),
        width_(in.size.w - 2 * margin_) {}

  double draw() {
    draw_terms();
    draw_sum();
    if (in_.results.problems_now().empty()) {
      draw_stamps();
      draw_way_back();
    } else {
      y_ = add_problems(figure_, in_, {margin_, y_ + 8}, width_);
    }
    draw_search();
    draw_code();
    return y_;
  }

 private:
  const Theme& theme() const { return in_.theme; }

  void words(Point at, const std::string& text, double size, Color color, Font font = Font::regular,
             Align align = Align::left) {
    figure_.add(TextShape{.at = at, .text = text, .font = font, .size = size, .color = color, .align = align});
  }

  /// A section's name and what it is about; the latter goes below where the page is narrow.
  void heading(const std::string& name, const std::string& rest) {
    const double end = add_spans(figure_, in_.text, {margin_, y_}, 14, {{name, theme().text, Font::semibold}});
    if (rest.empty()) return;
    if (end + in_.text.width(Font::regular, 14, " — " + rest) <= margin_ + width_) {
      add_spans(figure_, in_.text, {end, y_}, 14, {{" — " + rest, theme().muted}});
    } else {
      y_ =
          add_paragraph(figure_, in_.text, {margin_, y_ + 21}, width_, {.size = 14, .color = theme().muted}, rest) - 21;
    }
  }

  /// The layer with this page's axis replaced.
  LayerSpec with_axis(const AxisSpec& axis) const {
    LayerSpec layer = layer_;
    const AxisSpec old = axis_;
    for (AxisSpec& each : layer.spatial()) {
      if (each == old) each = axis;  // axes that are alike stay alike
    }
    return layer;
  }

  void draw_terms() {
    y_ = 46;
    add_spans(figure_, in_.text, {margin_, y_}, 17,
              {{"Output size", theme().text, Font::semibold},
               {", term by term — " + std::string(axis_name(layer_, index_)), theme().muted}});
    y_ += 20;
    const auto terms = size_formula(axis_);
    const std::array<Color, 5> accents{theme().input, theme().bad, theme().kernel, theme().output, theme().muted};
    constexpr double gap = 14;
    const std::size_t per_row = width_ >= 560 ? 5 : width_ >= 380 ? 3 : 2;
    const double width = (width_ - gap * static_cast<double>(per_row - 1)) / static_cast<double>(per_row);
    for (std::size_t first = 0; first < terms.size(); first += per_row) {
      const std::size_t last = std::min(terms.size(), first + per_row);
      const std::size_t boxes = figure_.shapes.size();  // below the words, but as high as they turn out
      figure_.shapes.resize(boxes + (last - first));
      double height = 0;
      for (std::size_t i = first; i < last; ++i) {
        height = std::max(height, add_card_words(terms[i], {card_x(i - first, width, gap), y_}, width));
      }
      for (std::size_t i = first; i < last; ++i) {
        const Rect rect{card_x(i - first, width, gap), y_, width, height};
        const bool active = is_active(terms[i], in_.interaction);
        figure_.shapes[boxes + i - first] = {
            RectShape{.rect = rect,
                      .fill = active ? mix(theme().surface, accents[i], 0.2) : theme().surface,
                      .stroke = active ? accents[i] : theme().border,
                      .stroke_width = 1,
                      .radius = 8},
            terms[i].fields.empty() ? Tag{} : Tag{FormulaTerm{terms[i].fields.back()}}};
        figure_.add(RectShape{.rect = {rect.x + 4, rect.y, rect.w - 8, 3}, .fill = accents[i], .radius = 1.5});
      }
      y_ += height + gap;
    }
    y_ += 26;
  }

  double card_x(std::size_t index, double width, double gap) const {
    return margin_ + static_cast<double>(index) * (width + gap);
  }

  /// The words on a term's card from its top left corner; returns the height that they need.
  double add_card_words(const Term& term, Point corner, double width) {
    const double room = width - 26;
    const double x = corner.x + 14;
    const Color quiet = is_active(term, in_.interaction) ? theme().text : theme().muted;
    const std::string value = std::to_string(term.value);
    const std::string calculation = (term.numbers == value ? "" : term.sign + term.numbers + " ") + "= ";
    const FittedText symbols = fit_text(in_.text, Font::mono_medium, 17, term.sign + term.symbols, room);
    words({x, corner.y + 32}, symbols.text, symbols.size, theme().text, Font::mono_medium);

    const double size = fit_text(in_.text, Font::mono, 13, calculation + value, room).size;
    const double value_width = in_.text.width(Font::mono_medium, size, value);
    const std::string shown = in_.text.fitted(Font::mono, size, calculation, std::max(0.0, room - value_width));
    const double end = add_spans(figure_, in_.text, {x, corner.y + 57}, size, {{shown, quiet, Font::mono}});
    add_spans(figure_, in_.text, {end, corner.y + 57}, size,
              {{in_.text.fitted(Font::mono_medium, size, value, x + room - end), theme().text, Font::mono_medium}});
    return add_paragraph(figure_, in_.text, {x, corner.y + 83}, room, {.size = 13, .color = quiet}, term.meaning) -
           corner.y;
  }

  void draw_sum() {
    std::string sum;
    for (const Term& term : size_formula(axis_)) sum += term.sign + std::to_string(std::abs(term.value)) + " ";
    const int64_t size = output_size(axis_);
    const std::string result = std::to_string(size);
    const double room = width_ - in_.text.width(Font::mono_medium, 20, result);
    const FittedText fitted = fit_text(in_.text, Font::mono, 20, sum + "= ", std::max(room, width_ / 2));
    double x = add_spans(figure_, in_.text, {margin_, y_}, fitted.size, {{fitted.text, theme().text, Font::mono}});
    const FittedText end = fit_text(in_.text, Font::mono_medium, fitted.size, result, margin_ + width_ - x);
    x = add_spans(figure_, in_.text, {x, y_}, end.size,
                  {{end.text, size >= 1 ? theme().output_text : theme().bad_text, Font::mono_medium}});
    std::string whole;
    for (const AxisSpec& each : layer_.spatial()) {
      whole += (whole.empty() ? "output is " : " × ") + std::to_string(output_size(each));
    }
    if (!in_.results.problems_now().empty()) whole = "not a legal size";
    if (x + 12 + in_.text.width(Font::regular, 13, whole) <= margin_ + width_) {
      words({x + 12, y_}, whole, 13, theme().muted);
    } else {
      y_ += 24;
      words({margin_, y_}, in_.text.fitted(Font::regular, 13, whole, width_), 13, theme().muted);
    }
    y_ += 46;
  }

  void draw_stamps() {
    heading("Where every output cell comes from", "one axis, one row per stamp");
    y_ += 18;
    const int64_t full = (axis_.input - 1) * axis_.stride + stamp_extent(axis_) + axis_.output_padding;
    const double step = std::min(46.0, std::floor(width_ / static_cast<double>(std::max<int64_t>(1, full))));
    if (step < 9 || axis_.input > 24) {
      draw_profile();
      return;
    }
    const double gap = step >= 20 ? 4 : 2;
    const double cell = step - gap;
    const auto column = [&](int64_t place) { return margin_ + static_cast<double>(place) * step; };
    const double type = snapped_type_size(std::min(13.0, cell * 0.42));
    const bool labels = cell >= 22;
    const bool tall = axis_.input <= 9;
    const double input_height = std::min(34.0, cell);
    const double tap_height = tall ? std::min(24.0, cell) : 7;
    const double row_step = tall ? tap_height + 5 : 10;
    const auto label = [&](const Rect& rect, const std::string& text, Color color, double size) {
      words({rect.centre().x, std::round(rect.centre().y + in_.text.cap_height(Font::mono, size) / 2)}, text, size,
            color, Font::mono, Align::centre);
    };
    // An input cell stands above the middle of its stamp.
    for (int64_t i = 0; i < axis_.input; ++i) {
      const double centre = (column(i * axis_.stride) + column(i * axis_.stride + stamp_extent(axis_) - 1) + cell) / 2;
      const Rect rect{std::round(centre - cell / 2), y_, cell, input_height};
      figure_.add(RectShape{.rect = rect,
                            .fill = mix(theme().surface, theme().input, 0.32),
                            .stroke = theme().input,
                            .stroke_width = 1,
                            .radius = 3});
      if (labels) label(rect, "x" + std::to_string(i), theme().text, type);
    }
    y_ += input_height + 14;
    for (int64_t i = 0; i < axis_.input; ++i) {
      for (int64_t k = 0; k < axis_.kernel; ++k) {
        const Rect rect{column(i * axis_.stride + k * axis_.dilation), y_, cell, tap_height};
        figure_.add(RectShape{.rect = rect,
                              .fill = mix(theme().surface, theme().kernel, 0.36),
                              .stroke = theme().kernel,
                              .stroke_width = 1,
                              .radius = 3});
        if (labels && tall) label(rect, "k" + std::to_string(k), theme().text, snapped_type_size(type - 1));
      }
      y_ += row_step;
    }
    y_ += 10;
    const auto hits = axis_coverage(axis_);
    const int64_t most = std::max<int64_t>(1, *std::ranges::max_element(hits));
    for (int64_t place = 0; place < full; ++place) {
      const int64_t out = place - axis_.padding_begin;
      const Rect rect{column(place), y_, cell, std::min(42.0, std::max(cell, 20.0))};
      if (out < 0 || out >= static_cast<int64_t>(hits.size())) {
        figure_.add(RectShape{
            .rect = rect, .stroke = theme().bad, .stroke_width = 1, .radius = 3, .dashed = true, .hatched = true});
        if (cell >= 34) label(rect, "crop", theme().bad_text, 10);
        continue;
      }
      const int64_t count = hits[static_cast<std::size_t>(out)];
      const double part = static_cast<double>(count) / static_cast<double>(most);
      figure_.add(RectShape{.rect = rect,
                            .fill = mix(theme().surface, theme().output, 0.06 + 0.36 * part),
                            .stroke = theme().output,
                            .stroke_width = 1,
                            .radius = 3});
      if (labels) label(rect, std::to_string(count) + "×", theme().text, type);
    }
    y_ += std::min(42.0, std::max(cell, 20.0)) + 22;
    y_ = add_paragraph(figure_, in_.text, {margin_, y_}, width_, {.size = 13, .color = theme().muted}, hits_caption());
    y_ += 26;
  }

  std::string hits_caption() const {
    std::string text = "hits per output cell";
    if (axis_.padding_begin + axis_.padding_end > 0) text += "; padding crops the dashed ones";
    if (axis_.output_padding > 0) {
      const auto hits = axis_coverage(axis_);
      text += hits.back() > 0 ? "; the last cell is the one that output padding adds — here it still gets a product"
                              : "; output padding adds cells at the end that no stamp reaches";
    }
    return text;
  }

  /// Too many cells to draw one by one: the hits along the axis as a line.
  void draw_profile() {
    const auto hits = axis_coverage(axis_);
    const double most = static_cast<double>(std::max<int64_t>(1, *std::ranges::max_element(hits)));
    const Rect box{margin_, y_, width_, 90};
    figure_.add(
        RectShape{.rect = box, .fill = theme().surface, .stroke = theme().border, .stroke_width = 1, .radius = 6});
    const auto shown = std::min<std::size_t>(hits.size(), 160);
    LineShape line{{}, theme().output, 2};
    const double step = (box.w - 24) / static_cast<double>(shown);
    for (std::size_t i = 0; i < shown; ++i) {
      const double y = box.bottom() - 12 - (box.h - 24) * static_cast<double>(hits[i]) / most;
      line.points.push_back({box.x + 12 + static_cast<double>(i) * step, y});
      line.points.push_back({box.x + 12 + static_cast<double>(i + 1) * step, y});
    }
    figure_.add(std::move(line));
    y_ = box.bottom() + 22;
    words({margin_, y_},
          "hits along the " + std::string(shown < hits.size() ? "first " + std::to_string(shown) + " of " : "") +
              std::to_string(hits.size()) + " output cells, 0 to " + std::to_string(static_cast<int64_t>(most)),
          13, theme().muted);
    y_ += 46;
  }

  void draw_way_back() {
    heading("Going back",
            "which forward sizes would this layer’s convolution shrink to " + std::to_string(axis_.input) + "?");
    y_ += 16;
    const SizeRange range = forward_inputs(axis_);
    const double gap = 14;
    const double columns = std::clamp(std::floor((width_ + gap) / (190 + gap)), 1.0, 3.0);
    const double card = std::min(226.0, (width_ - gap * (columns - 1)) / columns);
    const auto shown = std::min<int64_t>(range.last - range.first + 1, 6);
    const int64_t per_row = std::max<int64_t>(1, static_cast<int64_t>((width_ + gap) / (card + gap)));
    const double top = y_;
    for (int64_t i = 0; i < shown; ++i) {
      const int64_t size = range.first + i;
      AxisSpec axis = axis_;
      axis.output_padding = 0;
      axis.output_padding = size - output_size(axis);
      const bool now = size == output_size(axis_);
      const Rect rect{margin_ + static_cast<double>(i % per_row) * (card + gap),
                      top + static_cast<double>(i / per_row) * 70, card, 58};
      const std::string op = std::to_string(axis.output_padding);
      figure_.add(RectShape{.rect = rect,
                            .fill = theme().surface,
                            .stroke = now ? theme().good : theme().border,
                            .stroke_width = now ? 2.0 : 1.0,
                            .radius = 8},
                  now ? Tag{} : Tag{ChooseLayer{with_axis(axis), "Output padding " + op}});
      add_spans(figure_, in_.text, {rect.x + 14, rect.y + 25}, 14,
                {{std::to_string(size), theme().text, Font::mono_medium},
                 {" → conv → " + std::to_string(axis_.input), theme().muted}});
      words({rect.x + 14, rect.y + 45}, "recovered with OP " + op + (now ? " — now" : ""), 12, theme().muted);
      y_ = rect.bottom();
    }
    y_ += 24;
    if (shown < range.last - range.first + 1) {
      words({margin_, y_}, "… and every size up to " + std::to_string(range.last) + ".", 13, theme().muted);
      y_ += 22;
    }
    y_ = add_paragraph(figure_, in_.text, {margin_, y_}, width_, {.size = 13, .color = theme().muted},
                       output_padding_reason(axis_));
    y_ += 26;
  }

  /// A number of the page that can be clicked and typed over.
  double add_editable(double x, int64_t value, bool from) {
    const std::string text = std::to_string(value);
    const double width = std::max(34.0, in_.text.width(Font::mono, 13, text) + 14);
    figure_.add(RectShape{.rect = {x, y_ - 17, width, 24},
                          .fill = theme().surface,
                          .stroke = theme().border,
                          .stroke_width = 1,
                          .radius = 5},
                FindSize{from});
    words({x + width / 2, y_}, text, 13, theme().text, Font::mono, Align::centre);
    return x + width;
  }

  /// Whether all channels of it together are more than can be computed; other problems are the user's own.
  static bool too_large(const LayerSpec& layer) {
    return std::ranges::any_of(
        validate(layer), [](const Problem& problem) { return problem.field == "output" || problem.field == "weight"; });
  }

  void draw_search() {
    const int64_t from = in_.interaction.find_from;
    const int64_t to = in_.interaction.find_to;
    double x = add_spans(figure_, in_.text, {margin_, y_}, 14,
                         {{"Find a layer", theme().text, Font::semibold}, {"   from ", theme().muted}});
    x = add_editable(x, from, true);
    x = add_spans(figure_, in_.text, {x, y_}, 14, {{" to ", theme().muted}});
    x = add_editable(x, to, false);
    add_spans(figure_, in_.text, {x, y_}, 14, {{" cells", theme().muted}});
    y_ += 22;
    x = margin_;
    std::size_t shown = 0;
    for (const LayerChoice& choice : find_layers(from, to, 9)) {
      LayerSpec layer = layer_;
      for (AxisSpec& axis : layer.spatial()) axis = choice.axis;
      if (shown == 8 || too_large(layer)) continue;
      ++shown;
      const std::string name = short_name(layer);
      const std::string label = name + (choice.even ? " ✓ even" : " ✗ uneven");
      const double width = in_.text.width(Font::regular, 13, label) + 24;
      if (x + width > margin_ + width_) {
        x = margin_;
        y_ += 36;
      }
      figure_.add(RectShape{.rect = {x, y_, width, 27},
                            .fill = theme().surface,
                            .stroke = choice.even ? theme().good : theme().bad,
                            .stroke_width = 1,
                            .radius = 13.5},
                  ChooseLayer{layer, "Layer " + name});
      words({x + width / 2, y_ + 18}, label, 13, theme().text, Font::regular, Align::centre);
      x += width + 12;
    }
    if (shown == 0) words({margin_, y_ + 14}, "No layer does that.", 13, theme().muted);
    y_ += 66;
  }

  void draw_code() {
    const std::string code = pytorch_code(layer_);
    heading("Same layer in PyTorch", "");
    const double left = margin_ + 176;
    const double room = margin_ + width_ - left;
    const FittedText fitted = fit_text(in_.text, Font::mono, 13, code, room - 84);
    const Rect box{left, y_ - 24, room, 38};
    figure_.add(
        RectShape{.rect = box, .fill = theme().surface, .stroke = theme().border, .stroke_width = 1, .radius = 6});
    words({box.x + 12, y_}, fitted.text, fitted.size, theme().text, Font::mono);
    const Rect copy{box.right() - 62, box.y + 6, 54, 26};
    figure_.add(
        RectShape{.rect = copy, .fill = theme().background, .stroke = theme().border, .stroke_width = 1, .radius = 5},
        CopyText{code});
    words({copy.centre().x, y_ + 0.5}, "Copy", 12, theme().text, Font::regular, Align::centre);
    y_ += 36;
  }

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const int index_;
  const AxisSpec axis_;
  const double margin_;
  const double width_;
  double y_ = 0;
};

Figure draw_size(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Output size, term by term"};
  figure.size.h = std::max(in.size.h, SizePage(in, figure).draw());
  return figure;
}

}  // namespace

View size_view() {
  return {.id = "size",
          .label = "Size",
          .group = 1,
          .order = 0,
          .timeline = Timeline::none,
          .has_inspector = false,
          .draw = draw_size,
          .arrays = size_arrays,
          .arrays_of_layer = [](const Interaction&) { return true; }};
}

}  // namespace tconv
