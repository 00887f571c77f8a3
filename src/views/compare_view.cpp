// One input through the layer and through what could stand in its place, side by side: what each does to a picture,
// what it costs, and which one to take.

#include <algorithm>
#include <array>

#include "figure/layout.h"
#include "views/color_bar.h"
#include "views/compare_cards.h"
#include "views/compare_table.h"
#include "views/view_arrays.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

struct Advice {
  std::string_view id;
  std::string_view label;
  std::string_view text;
};

// Sources: Odena et al. 2016 (checkerboards, resize + convolution); Shi et al. 2016 (sub-pixel convolution); Aitken et
// al. 2017 (ICNR); Long et al. 2015 (bilinear start).
constexpr std::array advice{
    Advice{"gan", "GAN generator",
           "Resize first, then convolve: a generator shows every ripple, and this has none whatever the weights become "
           "(Odena et al. 2016). If a transposed convolution must stay, make K a multiple of S; that evens the counts, "
           "but not what is learned."},
    Advice{"segmentation", "Segmentation",
           "A transposed convolution that starts with bilinear weights, as FCN does (Long et al. 2015), or bilinear "
           "resizing without any weights. Scores are smooth, and small ripples seldom change which class wins; still "
           "keep K a multiple of S where the weights are learned."},
    Advice{"super-resolution", "Super-resolution",
           "Convolve at low resolution, then shuffle pixels (Shi et al. 2016): all layers before stay small, and every "
           "place of the super-pixel has filters of its own. Start it with ICNR (Aitken et al. 2017), or it begins "
           "with a checkerboard."},
    Advice{
        "legacy", "A network that exists",
        "Keep the layer and look first: is K a multiple of S, and do its weights ripple in the table above? What was "
        "trained may have learned around it. Any other upsampler needs weights of another shape or place, so "
        "fine-tune after the change."},
};

std::string map_size_text(const LayerSpec& layer, bool output) {
  std::string text;
  for (const AxisSpec& axis : layer.spatial()) {
    text += (text.empty() ? "" : " × ") + std::to_string(output ? axis.input * axis.stride : axis.input);
  }
  return text;
}

std::string_view input_label(std::string_view id) {
  if (id == "own") return "The scenario's";
  if (id == "ones") return "Flat";
  const auto list = input_patterns();
  const auto found = std::ranges::find(list, id, &PatternInfo::id);
  return found == list.end() ? id : found->label;
}

class ComparePage {
 public:
  ComparePage(const ViewInput& in, Figure& figure)
      : in_(in), figure_(figure), margin_(page_margin(in.size.w)), width_(in.size.w - 2 * margin_) {}

  void draw() {
    const Comparison* comparison = in_.results.comparison.get();
    double y = draw_choices(comparison);
    if (comparison == nullptr) {
      figure_.add(TextShape{.at = {margin_, y + 30}, .text = "Computing…", .size = 17, .color = in_.theme.muted});
      return;
    }
    y = draw_input_line(*comparison, y + 22) + 2;
    if (!comparison->refused.empty()) {
      y = paragraph(y + 24, {.font = Font::semibold, .size = 14, .color = in_.theme.text}, "This cannot be compared");
      y = paragraph(y + 2, {.size = 13, .color = in_.theme.muted}, comparison->refused);
    } else {
      const CompareScene scene(in_, *comparison);
      y = add_compare_cards(figure_, scene, {margin_, y}, width_);
      if (scene.scale && !scene.line()) {
        y = add_color_bar(figure_, in_, {margin_, y + 14}, std::min(width_, 300.0), *scene.scale);
        figure_.color_range = scene.range();
      }
      if (scene.comparison.upsamplers.size() == 1) y = draw_stride_one(y + 26);
      y = add_compare_table(figure_, scene, {margin_, y + 20}, width_);
      y = add_compare_notes(figure_, scene, {margin_, y + 8}, width_);
    }
    y = draw_advice(y + 16);
    figure_.size.h = std::max(in_.size.h, y + 16);
  }

 private:
  double paragraph(double y, const TextShape& style, std::string_view words) {
    return add_paragraph(figure_, in_.text, {margin_, y}, width_, style, words);
  }

  double draw_choices(const Comparison* comparison) {
    if (!in_.interactive) return 18;  // what is chosen stands in the line below
    const std::string now =
        comparison != nullptr ? comparison->key.choice.input : compared_choice(in_.interaction).input;
    std::vector<ViewChip> chips{{std::string(input_label("own")), now == "own", ViewChoice{"compare/input", "own"}}};
    for (const std::string_view id : compared_patterns) {
      chips.push_back({std::string(input_label(id)), now == id, ViewChoice{"compare/input", std::string(id)}});
    }
    chips.push_back(
        {"Shrink a truth first", in_.interaction.options.contains("compare/shrink"), ViewOption{"compare/shrink"}});
    const auto width_of = [&](const std::vector<ViewChip>& list) {
      double sum = 0;
      for (const ViewChip& chip : list) sum += in_.text.width(Font::regular, 13, chip.label) + 34;
      return sum;
    };
    const double inputs = width_of(chips);
    const double y = add_chips(figure_, in_, {margin_, 18}, width_, chips);
    chips.clear();
    const bool difference = in_.interaction.choice(compare_picture_choice, "spectrum") == "difference";
    chips.push_back({"Spectrum", !difference, ViewChoice{std::string(compare_picture_choice), "spectrum"}});
    chips.push_back({"Difference", difference, ViewChoice{std::string(compare_picture_choice), "difference"}});
    // Beside the others where there is room.
    const std::string label = "Small picture: ";
    const double label_width = in_.text.width(Font::regular, 13, label) + 4;
    double x = in_.size.w - margin_ - width_of(chips) + 10;
    double top = 18;
    if (margin_ + inputs + 14 > x - label_width) {
      x = margin_ + label_width;
      top = y + 8;
    }
    figure_.add(TextShape{.at = {x - label_width, top + 18}, .text = label, .size = 13, .color = in_.theme.muted});
    return std::max(y, add_chips(figure_, in_, {x, top}, in_.size.w - margin_ - x, chips));
  }

  double draw_input_line(const Comparison& comparison, double y) {
    const std::string& id = comparison.key.choice.input;
    const LayerSpec& layer = comparison.layer;
    std::vector<Span> spans{
        {"Input: ", in_.theme.muted},
        {std::string(id == "own" ? "the scenario's own" : input_label(id)), in_.theme.text, Font::semibold}};
    std::string rest = ", " + map_size_text(layer, false) + " → " + map_size_text(layer, true);
    if (comparison.key.choice.shrink) rest += ", made from a truth by taking means of blocks";
    const LayerSpec& own = comparison.key.scenario.layer;
    if (layer.out_channels > 1 && comparison.channels.size() == 1) {
      rest += " · output channel " + std::to_string(comparison.channels[0]) + " of " + std::to_string(own.out_channels);
    }
    if (layer.dims == 3) rest += " · middle slice";
    const bool chosen = in_.interaction.choices.contains("compare/input");
    std::string why;
    if (id != "own" && !chosen)
      why = "The scenario's own input, " + map_size_text(own, false) + ", would show too little.";
    if (comparison.key != comparison_key(in_.results.scenario, compared_choice(in_.interaction))) {
      why = "Computing what was asked for…";
    }
    const double used =
        in_.text.width(Font::regular, 13, spans[0].text) + in_.text.width(Font::semibold, 13, spans[1].text);
    if (used + in_.text.width(Font::regular, 13, rest) <= width_) {
      spans.push_back({rest, in_.theme.muted});
      add_spans(figure_, in_.text, {margin_, y}, 13, spans);
      y += 20;
    } else {
      add_spans(figure_, in_.text, {margin_, y}, 13, spans);
      y = paragraph(y + 19, {.size = 13, .color = in_.theme.muted}, rest.substr(2));
    }
    return why.empty() ? y : paragraph(y, {.size = 13, .color = in_.theme.muted}, why);
  }

  double draw_stride_one(double y) {
    LayerSpec layer = in_.results.scenario.layer;
    for (AxisSpec& axis : layer.spatial()) axis.stride = 2;
    y = paragraph(y, {.font = Font::semibold, .size = 14, .color = in_.theme.text},
                  "Stride 1: there is nothing to upsample");
    if (!in_.interactive || !validate(layer).empty()) return y - 8;
    add_link(figure_, in_.text, {margin_, y + 2}, 13, "Make it stride 2", in_.theme.input_text,
             ChooseLayer{layer, "Stride 2"});
    return y + 14;
  }

  double draw_advice(double y) {
    const std::string now = in_.interaction.choice("compare/which", "");
    const auto chosen = std::ranges::find(advice, now, &Advice::id);
    if (!in_.interactive && chosen == advice.end()) return y;
    figure_.add(TextShape{.at = {margin_, y + 14},
                          .text = "Which one should I take?",
                          .font = Font::semibold,
                          .size = 14,
                          .color = in_.theme.text});
    std::vector<ViewChip> chips;
    for (const Advice& one : advice) {
      // Clicking the open one closes it.
      chips.push_back({std::string(one.label), one.id == now,
                       ViewChoice{"compare/which", one.id == now ? std::string("none") : std::string(one.id)}});
    }
    y = add_chips(figure_, in_, {margin_, y + 26}, width_, chips);
    if (chosen == advice.end()) return y;
    return add_paragraph(figure_, in_.text, {margin_, y + 24}, std::min(width_, 760.0),
                         {.size = 13, .color = in_.theme.text}, chosen->text);
  }

  const ViewInput& in_;
  Figure& figure_;
  const double margin_;
  const double width_;
};

Figure draw_compare(const ViewInput& in) {
  Figure figure{.size = in.size, .background = in.theme.background, .title = "Ways to a larger map, compared"};
  if (!add_no_result_page(figure, in)) ComparePage(in, figure).draw();
  return figure;
}

std::vector<OptionRule> compare_options() {
  OptionRule input{"compare/input", {"own"}};
  for (const std::string_view id : compared_patterns) input.values.emplace_back(id);
  OptionRule which{"compare/which", {"none"}};
  for (const Advice& one : advice) which.values.emplace_back(one.id);
  return {input, {"compare/shrink"}, {std::string(compare_picture_choice), {"spectrum", "difference"}}, which};
}

}  // namespace

View compare_view() {
  return {.id = "compare",
          .label = "Compare",
          .group = 3,
          .order = 1,
          .timeline = Timeline::none,
          .has_inspector = false,
          .draw = draw_compare,
          .comparison = compared_choice,
          .arrays = compare_arrays,
          .options = compare_options};
}

}  // namespace tconv
