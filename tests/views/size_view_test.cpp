// The numbers and the choices of the size view are the core's.
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>

#include "core/coverage.h"
#include "core/sizes.h"
#include "document/verdict.h"
#include "figure_rules.h"
#include "support/pace.h"
#include "support/random_layers.h"
#include "view_scenes.h"
#include "views/wording.h"

namespace tconv::test {
namespace {

using std::int64_t;

Figure size_page(const Document& document, const Interaction& interaction) {
  return draw(find_view("size")->draw, document, interaction, large_room);
}

/// The words that lie inside `place`, in the order of painting, without spaces at their ends.
std::vector<std::string> words_in(const Figure& figure, const Rect& place) {
  std::vector<std::string> found;
  for (const Shape2D& shape : figure.shapes) {
    const auto* words = std::get_if<TextShape>(&shape.what);
    if (words == nullptr || !place.contains(ink_of(*words, metrics()).centre())) continue;
    const std::size_t first = words->text.find_first_not_of(' ');
    if (first != std::string::npos) {
      found.push_back(words->text.substr(first, words->text.find_last_not_of(' ') + 1 - first));
    }
  }
  return found;
}

bool shows_line(const Figure& figure, const std::string& words) {
  const auto all = words_in(figure, {0, 0, figure.size.w, figure.size.h});
  return std::ranges::find(all, words) != all.end();
}

/// Shapes that choose a layer, with the words on them.
struct Choice {
  ChooseLayer tag;
  std::vector<std::string> words;
};
std::vector<Choice> choices_of(const Figure& figure) {
  std::vector<Choice> found;
  for (const Shape2D& shape : figure.shapes) {
    const auto* tag = std::get_if<ChooseLayer>(&shape.tag);
    const auto* rect = std::get_if<RectShape>(&shape.what);
    if (tag != nullptr && rect != nullptr) found.push_back({*tag, words_in(figure, rect->rect)});
  }
  return found;
}

TEST(SizeFormula, TermsAddUpToTheOutputSize) {
  RandomLayers random;
  for (int i = 0; i < 300; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (const AxisSpec& axis : layer.spatial()) {
      int64_t sum = 0;
      for (const Term& term : size_formula(axis)) {
        sum += term.value;
        EXPECT_EQ(term.sign.empty(), term.symbols == "(I-1)·S");
        EXPECT_EQ(term.sign.starts_with("-"), term.symbols == "2P" || term.symbols == "(P+P′)") << term.symbols;
      }
      EXPECT_EQ(sum, output_size(axis));
    }
  }
}

TEST(SizeView, ShowsTheTermsAndTheSize) {
  auto list = random_documents(40);
  for (const auto& [name, document] : list) {
    SCOPED_TRACE(name);
    const LayerSpec& layer = document.scenario.layer;
    for (int index = 0; index < layer.dims; ++index) {
      Interaction interaction;
      interaction.axis = index;
      const Figure figure = size_page(document, interaction);
      const AxisSpec& axis = layer.axes[static_cast<std::size_t>(index)];
      for (const Term& term : size_formula(axis)) {
        if (term.fields.empty()) continue;
        const Rect card = place_of(figure, FormulaTerm{term.fields.back()});
        ASSERT_GT(card.w, 0) << term.symbols;
        const auto words = words_in(figure, card);
        const std::string value = std::to_string(std::abs(term.value));
        EXPECT_TRUE(std::ranges::any_of(words, [&](const std::string& w) { return w.ends_with(value); }))
            << term.symbols << " = " << term.value;
        EXPECT_TRUE(std::ranges::any_of(words, [&](const std::string& w) { return w.ends_with(term.symbols); }))
            << term.symbols;
      }
      EXPECT_TRUE(shows_line(figure, std::to_string(output_size(axis))));
      EXPECT_TRUE(std::ranges::any_of(words_in(figure, {0, 0, figure.size.w, figure.size.h}), [&](const auto& words) {
        return words.ends_with(spatial_text(output_shape(layer)));
      })) << spatial_text(output_shape(layer));
    }
  }
}

TEST(SizeView, GoingBackChoosesWhatItSays) {
  auto list = random_documents(80);
  for (auto& named : documents()) list.push_back(named);
  int seen = 0;
  for (const auto& [name, document] : list) {
    const LayerSpec& layer = document.scenario.layer;
    if (!validate(document.scenario).empty() || layer.axes[0].input > 1000) continue;
    SCOPED_TRACE(name);
    for (int index = 0; index < layer.dims; ++index) {
      Interaction interaction;
      interaction.axis = index;
      const auto a = static_cast<std::size_t>(index);
      for (const Choice& choice : choices_of(size_page(document, interaction))) {
        if (!choice.tag.label.starts_with("Output padding")) continue;
        ++seen;
        SCOPED_TRACE(choice.tag.label);
        const AxisSpec& chosen = choice.tag.layer.axes[a];
        EXPECT_TRUE(validate(choice.tag.layer).empty());
        ASSERT_GE(choice.words.size(), 2U);
        EXPECT_EQ(choice.words[0], std::to_string(output_size(chosen)));
        EXPECT_EQ(forward_output_size(chosen, output_size(chosen)), chosen.input);
        EXPECT_EQ(choice.tag.label, "Output padding " + std::to_string(chosen.output_padding));
        // Nothing but the output padding changes.
        LayerSpec back = choice.tag.layer;
        for (std::size_t i = 0; i < 3; ++i) back.axes[i].output_padding = layer.axes[i].output_padding;
        EXPECT_EQ(back, layer);
        EXPECT_NE(choice.tag.layer, layer);
      }
    }
  }
  EXPECT_GT(seen, 50);
}

TEST(SizeView, FoundLayersLeadFromOneSizeToTheOther) {
  const std::array<std::pair<int64_t, int64_t>, 9> pairs{
      {{14, 28}, {1, 1}, {1, 16384}, {7, 7}, {5, 13}, {224, 225}, {3, 100}, {28, 14}, {1000, 4000}}};
  for (const auto& [name, document] : documents()) {
    SCOPED_TRACE(name);
    for (const auto& [from, to] : pairs) {
      SCOPED_TRACE(std::to_string(from) + " to " + std::to_string(to));
      Interaction interaction;
      interaction.find_from = from;
      interaction.find_to = to;
      const auto choices = choices_of(size_page(document, interaction));
      int chips = 0;
      for (const Choice& choice : choices) {
        if (!choice.tag.label.starts_with("Layer ")) continue;
        ++chips;
        const LayerSpec& layer = choice.tag.layer;
        for (const AxisSpec& axis : layer.spatial()) {
          EXPECT_EQ(axis.input, from);
          EXPECT_EQ(output_size(axis), to);
        }
        EXPECT_EQ(choice.tag.label, "Layer " + short_name(layer));
        EXPECT_TRUE(!validate(document.scenario).empty() || validate(layer).empty()) << choice.tag.label;
        ASSERT_FALSE(choice.words.empty());
        const std::string word = is_even(layer) ? "even" : "uneven";
        EXPECT_TRUE(choice.words.back().ends_with(" " + word)) << choice.words.back();
      }
      const auto found = find_layers(from, to, 9);
      const bool any = std::ranges::any_of(found, [&](const LayerChoice& choice) {
        LayerSpec layer = document.scenario.layer;
        for (AxisSpec& axis : layer.spatial()) axis = choice.axis;
        return !std::ranges::any_of(validate(layer),
                                    [](const Problem& p) { return p.field == "output" || p.field == "weight"; });
      });
      EXPECT_EQ(chips > 0, any);
    }
  }
}

/// Anywhere in any view or panel: choosing what mends a problem leaves that problem behind, other choices are legal.
TEST(Choices, MendWhatTheySay) {
  int turn = 0;
  for (const Drawer& drawer : drawers()) {
    for (const auto& [name, document] : documents()) {
      if (++turn % every_nth != 0) continue;
      SCOPED_TRACE(drawer.id + " of " + name);
      const auto before = validate(document.scenario);
      // Views of the other ways offer layers only in place of an illegal one.
      const View* view = find_view(drawer.id);
      if (before.empty() && view != nullptr && view->needs_ways) continue;
      const Figure figure = draw(drawer.draw, document, Interaction{}, drawer.sizes.back());
      for (const Choice& choice : choices_of(figure)) {
        Scenario after = document.scenario;
        after.layer = choice.tag.layer;
        const auto problems = validate(after);
        EXPECT_FALSE(choice.tag.label.empty());
        EXPECT_NE(choice.tag.layer, document.scenario.layer) << choice.tag.label;
        if (before.empty()) {
          EXPECT_TRUE(problems.empty()) << choice.tag.label << ": " << to_line(problems.front());
        } else if (choice.tag.label.starts_with("Set")) {
          EXPECT_NE(problems, before) << choice.tag.label;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tconv::test
