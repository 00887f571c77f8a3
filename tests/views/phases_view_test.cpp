// The phases view shows every tap and every cell once, in the card of its phase.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/phases.h"
#include "figure_cells.h"
#include "views/cell_map.h"
#include "views/linking.h"

namespace tconv::test {
namespace {

using std::int64_t;
using Words = std::vector<std::string>;

const View& phases() { return *find_view("phases"); }

/// A document with its results, at a step of the view's timeline.
struct PhasesPage {
  explicit PhasesPage(const Document& shown, int64_t step = INT64_MAX)
      : document(shown), results(compute_results(shown.scenario, 0)) {
    interaction.own_step = std::min(step, phases().own_steps(shown.scenario));
  }
  ViewInput input() const { return {document, results, interaction, small_room, dark_theme(), metrics()}; }
  Figure figure() const { return picture(phases(), input()); }

  Document document;
  Results results;
  Interaction interaction;
};

/// h = [1, 2, 3, 4], x = [1, 0, −1, 2], S = 2.
Document phase_facts() {
  Document document = layer_document({.input = 4, .kernel = 4, .stride = 2}, 1);
  document.scenario.input = custom_pattern(Tensor(Shape{1, 1, 4}, {1, 0, -1, 2}));
  document.scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 4}, {1, 2, 3, 4}));
  return document;
}

/// The cells and taps inside every card, by the phase that a click on its header goes to.
struct Card {
  std::vector<int64_t> taps;                  // flat: row · K_x + column
  std::vector<std::array<int64_t, 2>> cells;  // row, column
  std::vector<std::string> tap_numbers, cell_numbers;
};
std::map<int64_t, Card> cards_of(const Figure& figure) {
  // A card is the smallest untagged box around its header.
  std::map<int64_t, Card> cards;
  for (const TaggedBox& header : boxes_of<GoToStep>(figure)) {
    Rect card{0, 0, 1e9, 1e9};
    for (const Shape2D& shape : figure.shapes) {
      const auto* box = std::get_if<RectShape>(&shape.what);
      if (box == nullptr || has_tag(shape.tag) || box->rect.w >= card.w || box->rect.w < header.rect.w) continue;
      if (box->rect.contains({header.rect.x, header.rect.y})) card = box->rect;
    }
    Card& found = cards[std::get<GoToStep>(header.tag).step - 1];
    for (const TaggedBox& box : boxes_of<KernelTap>(figure)) {
      if (!card.contains(box.rect.centre())) continue;
      const auto& tap = std::get<KernelTap>(box.tag).tap;
      found.taps.push_back(tap[1] * 1000 + tap[2]);
      for (const auto& words : words_inside(figure, box.rect)) found.tap_numbers.push_back(words);
    }
    for (const TaggedBox& box : boxes_of<OutputCell>(figure)) {
      if (!card.contains(box.rect.centre())) continue;
      const auto& at = std::get<OutputCell>(box.tag).cell.at;
      found.cells.push_back({at[1], at[2]});
      for (const auto& words : words_inside(figure, box.rect)) found.cell_numbers.push_back(words);
    }
  }
  return cards;
}

TEST(PhasesView, ShowsTheEvenAndTheOddBranch) {
  const PhasesPage page(phase_facts());
  const Figure figure = page.figure();
  auto cards = cards_of(figure);
  ASSERT_EQ(cards.size(), 2U);
  EXPECT_EQ(cards[0].tap_numbers, (Words{"1", "3"}));
  EXPECT_EQ(cards[0].cell_numbers, (Words{"1", "3", number_text(-1), number_text(-1), "6"}));
  EXPECT_EQ(cards[1].tap_numbers, (Words{"2", "4"}));
  EXPECT_EQ(cards[1].cell_numbers, (Words{"2", "4", number_text(-2), "0", "8"}));
  // Interleaved: a letter and a number in each cell.
  const std::array<double, 10> y{1, 2, 3, 4, -1, -2, -1, 0, 6, 8};
  std::size_t seen = 0;
  for (const TaggedBox& box : boxes_of<OutputCell>(figure)) {
    const auto words = words_inside(figure, box.rect);
    if (words.size() != 2) continue;
    const auto at = static_cast<std::size_t>(std::get<OutputCell>(box.tag).cell.at[2]);
    EXPECT_NE(std::ranges::find(words, number_text(y[at])), words.end()) << at;
    EXPECT_NE(std::ranges::find(words, at % 2 == 0 ? "a" : "b"), words.end()) << at;
    ++seen;
  }
  EXPECT_EQ(seen, y.size());
}

TEST(PhasesView, CountsTheProducts) {
  const PhasesPage page(layer_document({.input = 2, .kernel = 3, .stride = 2}));
  EXPECT_NE(all_words(page.figure()).find("36 products, none with an inserted zero, instead of the 225 "),
            std::string::npos);
}

TEST(PhasesView, SaysWhereNoTapIs) {
  Document document = layer_document({.input = 3, .kernel = 2, .stride = 3}, 1);
  EXPECT_NE(all_words(PhasesPage(document).figure()).find("no tap: these cells stay 0"), std::string::npos);
  EXPECT_EQ(step_words(phases(), PhasesPage(document, 3).input()),
            "Step 3 of 3 — phase (2): no tap, so that nothing reaches 2 cells of y: cells 2, 5");
  document.scenario.layer.bias = true;
  EXPECT_NE(all_words(PhasesPage(document).figure()).find("(only bias)"), std::string::npos);
}

TEST(PhasesView, StepsInterleaveOnePhaseAfterTheOther) {
  const Document document = layer_document({.input = 3, .kernel = 3, .stride = 2});
  EXPECT_EQ(step_words(phases(), PhasesPage(document, 0).input()), "Step 0 of 4 — no phase is interleaved yet");
  EXPECT_EQ(step_words(phases(), PhasesPage(document, 2).input()),
            "Step 2 of 4 — phase (0, 1): 2 taps make 12 cells of y: rows 0, 2, 4, 6 × columns 1, 3, 5");
  for (int64_t step = 0; step <= 4; ++step) {
    const Figure figure = PhasesPage(document, step).figure();
    std::size_t cells = 0;
    for (const TaggedBox& box : boxes_of<OutputCell>(figure)) {
      const auto words = words_inside(figure, box.rect);
      const bool letter = std::ranges::any_of(words, [](const auto& one) { return one[0] >= 'a' && one[0] <= 'd'; });
      if (!letter) continue;  // in a card
      const auto& at = std::get<OutputCell>(box.tag).cell.at;
      EXPECT_EQ(words.size(), at[1] % 2 * 2 + at[2] % 2 < step ? 2U : 1U) << "step " << step;
      ++cells;
    }
    EXPECT_EQ(cells, 49U);
  }
}

TEST(PhasesView, EveryTapAndCellIsInTheCardOfItsPhase) {
  int compared = 0;
  for (const auto& [name, document] : random_documents(60)) {
    const LayerSpec& layer = document.scenario.layer;
    const auto axes = layer.as_3d();
    const Shape shape = output_shape(layer);
    if (layer.dims == 3 || shape[shape.rank() - 1] > 40 || (layer.dims == 2 && shape[2] > 40)) continue;
    if (!joined(layer, 0, 0) || axes[1].stride * axes[2].stride > 36) continue;
    SCOPED_TRACE(name);
    auto cards = cards_of(PhasesPage(document).figure());
    ASSERT_EQ(cards.size(), static_cast<std::size_t>(axes[1].stride * axes[2].stride));
    int64_t taps = 0;
    int64_t cells = 0;
    for (const auto& [index, card] : cards) {
      for (const int64_t tap : card.taps) {
        EXPECT_EQ(tap / 1000 * axes[1].dilation % axes[1].stride, index / axes[2].stride);
        EXPECT_EQ(tap % 1000 * axes[2].dilation % axes[2].stride, index % axes[2].stride);
      }
      for (const auto& at : card.cells) {
        EXPECT_EQ((at[0] + axes[1].padding_begin) % axes[1].stride, index / axes[2].stride);
        EXPECT_EQ((at[1] + axes[2].padding_begin) % axes[2].stride, index % axes[2].stride);
      }
      taps += static_cast<int64_t>(card.taps.size());
      cells += static_cast<int64_t>(card.cells.size());
    }
    EXPECT_EQ(taps, axes[1].kernel * axes[2].kernel);
    EXPECT_EQ(cells, output_size(axes[1]) * output_size(axes[2]));
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

TEST(PhasesView, OneMultiplicationLightsItsThreeCells) {
  int compared = 0;
  for (const auto& [name, document] : random_documents(100)) {
    PhasesPage page(document);
    const LayerSpec& layer = document.scenario.layer;
    const auto axes = layer.as_3d();
    const Shape shape = output_shape(layer);
    const Shape from = input_shape(layer);
    const auto small = [](const Shape& one) { return one[one.rank() - 1] <= 40 && one[one.rank() - 2] <= 40; };
    if (layer.dims == 3 || !small(shape) || !small(from) || axes[1].stride * axes[2].stride > 36) continue;
    const auto list = list_multiplications(layer, *multiplications_of(InputCell{}), 1);
    if (list.first.empty()) continue;
    SCOPED_TRACE(name);
    page.interaction.hover = list.first[0];
    page.interaction.out_channel = list.first[0].out_channel;
    const Figure figure = page.figure();
    const OutputCell output{output_of(layer, list.first[0])};
    const auto lit_outputs = boxes_of<OutputCell>(figure, true);
    ASSERT_EQ(lit_outputs.size(), 2U);  // interleaved, and in its card
    EXPECT_EQ(lit_outputs[0].tag, Tag{output});
    EXPECT_EQ(lit_outputs[1].tag, Tag{output});
    ASSERT_EQ(boxes_of<InputCell>(figure, true).size(), 1U);
    EXPECT_EQ(boxes_of<InputCell>(figure, true)[0].tag, Tag{InputCell{list.first[0].input}});
    const auto lit_taps = boxes_of<KernelTap>(figure, true);
    ASSERT_EQ(lit_taps.size(), 1U);
    EXPECT_EQ(std::get<KernelTap>(lit_taps[0].tag).tap, list.first[0].tap);
    ++compared;
  }
  EXPECT_GT(compared, 5);
}

/// A stride far beyond what can be drawn: one page of cards, and the way to the others.
TEST(PhasesView, ManyPhasesComeInPages) {
  const Document document = layer_document({.input = 1, .kernel = 4, .stride = 1 << 20}, 1);
  PhasesPage page(document, 0);
  auto cards = cards_of(page.figure());
  EXPECT_TRUE(cards.contains(35));
  EXPECT_TRUE(cards.contains(36));  // "after" leads there
  EXPECT_FALSE(cards.contains(38));
  page.interaction.own_step = 1'000'000;
  cards = cards_of(page.figure());
  EXPECT_TRUE(cards.contains(999'999));
  EXPECT_FALSE(cards.contains(0));
}

}  // namespace
}  // namespace tconv::test
