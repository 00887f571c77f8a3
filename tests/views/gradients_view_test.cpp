// The numbers of the gradients view are those of the backward pass.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/gradients.h"
#include "figure_cells.h"
#include "views/cell_map.h"
#include "views/gradient_words.h"
#include "views/linking.h"

namespace tconv::test {
namespace {

using std::int64_t;
using Words = std::vector<std::string>;

struct GradientsPage {
  explicit GradientsPage(const Document& shown) : document(shown), results(compute_results(shown.scenario, 0)) {}
  ViewInput input() const { return {document, results, interaction, small_room, dark_theme(), metrics()}; }
  Figure figure() const { return picture(*find_view("gradients"), input()); }

  Document document;
  Results results;
  Interaction interaction;
};

/// x = [1, 2, 3], w = [1, −1, 2], S = 2, g = [1, 0, 2, −1, 3, 1, 1].
Document gradient_facts() {
  Document document = layer_document({.input = 3, .kernel = 3, .stride = 2}, 1);
  document.scenario.input = custom_pattern(Tensor(Shape{1, 1, 3}, {1, 2, 3}));
  document.scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 3}, {1, -1, 2}));
  document.scenario.grad_output = custom_pattern(Tensor(Shape{1, 1, 7}, {1, 0, 2, -1, 3, 1, 1}));
  return document;
}

template <typename Kind>
Words numbers_in(const Figure& figure) {
  Words numbers;
  for (const TaggedBox& box : boxes_of<Kind>(figure)) {
    const auto words = words_inside(figure, box.rect);
    numbers.push_back(words.empty() ? "" : words[0]);
  }
  return numbers;
}

Words texts(const std::vector<double>& numbers) {
  Words words;
  for (const double number : numbers) words.push_back(number_text(number));
  return words;
}

TEST(GradientsView, ShowsTheWorkedExample) {
  const GradientsPage page(gradient_facts());
  const Figure figure = page.figure();
  EXPECT_EQ(numbers_in<InputCell>(figure), texts({1, 2, 3}));
  EXPECT_EQ(numbers_in<KernelTap>(figure), texts({1, -1, 2}));
  EXPECT_EQ(numbers_in<OutputCell>(figure), texts({1, -1, 4, -2, 7, -3, 6}));
  EXPECT_EQ(numbers_in<GradOutputCell>(figure), texts({1, 0, 2, -1, 3, 1, 1}));
  EXPECT_EQ(numbers_in<GradInputCell>(figure), texts({5, 9, 4}));
  EXPECT_EQ(numbers_in<GradKernelTap>(figure), texts({14, 1, 11}));
  const std::string words = all_words(figure);
  EXPECT_NE(words.find("⟨y, g⟩ = 35   ⟨x, dx⟩ = 35   ⟨w, dw⟩ = 35"), std::string::npos);
  EXPECT_NE(words.find("✓ equal:"), std::string::npos);
}

TEST(GradientsView, WritesSumsOut) {
  const GradientsPage page(gradient_facts());
  const std::string minus_one = "(" + number_text(-1) + ")";
  EXPECT_EQ(backward_text(page.input(), GradInputCell{{0, 0, {0, 0, 1}}}, 9),
            "dx (1) = ∑ g·w = 2·1 + " + minus_one + "·" + minus_one + " + 3·2 = 9");
  EXPECT_EQ(backward_text(page.input(), GradKernelTap{0, 0, {0, 0, 0}}, 9), "dw (0) = ∑ x·g = 1·1 + 2·2 + 3·3 = 14");
  EXPECT_EQ(backward_text(page.input(), GradKernelTap{0, 0, {0, 0, 0}}, 2),
            "dw (0) = ∑ x·g = 1·1 + 2·2 + … (3 terms) = 14");
  EXPECT_EQ(backward_text(page.input(), GradOutputCell{{0, 0, {0, 0, 1}}}, 9),
            "y (1) = 1·" + minus_one +
                ". g (1) = 0 goes back the same ways: times each w into its dx, times each x into its dw, such as 0·" +
                minus_one + " into dx (0).");
  EXPECT_EQ(backward_text(page.input(), Multiplication{{0, 0, {0, 0, 2}}, 0, {0, 0, 2}}, 9),
            "x (2)·w (2) = 3·2 is part of y (6). On the way back g (6)·w (2) = 1·2 is part of dx (2), and x (2)·g (6) "
            "= 3·1 of dw (2).");
  EXPECT_EQ(backward_text(page.input(), GoToStep{1}, 9), "");
}

TEST(GradientsView, TheHoveredSumIsShown) {
  GradientsPage page(gradient_facts());
  page.interaction.hover = GradKernelTap{0, 0, {0, 0, 2}};
  EXPECT_NE(all_words(page.figure()).find("dw (2) = ∑ x·g = 1·2 + 2·3 + 3·1 = 11"), std::string::npos);
}

TEST(GradientsView, ShowsFansByShapeAndTrue) {
  Document document = layer_document({.input = 1, .kernel = 4, .stride = 2});
  document.scenario.layer.in_channels = 32;
  document.scenario.layer.out_channels = 16;
  const Figure figure = GradientsPage(document).figure();
  const std::string words = all_words(figure);
  EXPECT_NE(words.find("fan-in 256 128 "), std::string::npos);
  EXPECT_NE(words.find("fan-out 512 256 "), std::string::npos);
}

TEST(GradientsView, TheBiasIsLeftOutOfTheIdentity) {
  Document document = gradient_facts();
  document.scenario.layer.bias = true;
  document.scenario.bias = custom_pattern(Tensor(Shape{1, 1, 1}, {10}));
  const std::string words = all_words(GradientsPage(document).figure());
  EXPECT_NE(words.find("⟨y, g⟩ − ⟨b, db⟩ = 35   ⟨x, dx⟩ = 35   ⟨w, dw⟩ = 35"), std::string::npos);
  EXPECT_NE(words.find("db[0] = ∑ g = 7"), std::string::npos);
}

TEST(GradientsView, TheIdentityHoldsForAnyLayer) {
  for (const auto& [name, document] : random_documents(60)) {
    SCOPED_TRACE(name);
    const std::string words = all_words(GradientsPage(document).figure());
    EXPECT_NE(words.find("✓ equal"), std::string::npos);
    EXPECT_EQ(words.find("✗"), std::string::npos);
  }
}

/// One multiplication is at one place of each of the six maps.
TEST(GradientsView, OneMultiplicationLightsSixCells) {
  int compared = 0;
  for (const auto& [name, document] : random_documents(60)) {
    GradientsPage page(document);
    const LayerSpec& layer = document.scenario.layer;
    const auto list = list_multiplications(layer, *multiplications_of(InputCell{}), 1);
    if (list.first.empty()) continue;
    const Multiplication& one = list.first[0];
    page.interaction.hover = one;
    page.interaction.out_channel = one.out_channel;
    page.interaction.tap_slice = one.tap[0];
    page.interaction.out_slice = output_of(layer, one).at[0];
    const Figure figure = page.figure();
    if (!figure.grids.empty()) continue;  // maps that are images
    SCOPED_TRACE(name);
    EXPECT_EQ(boxes_of<InputCell>(figure, true).size(), 1U);
    EXPECT_EQ(boxes_of<GradInputCell>(figure, true).size(), 1U);
    EXPECT_EQ(boxes_of<KernelTap>(figure, true).size(), 1U);
    EXPECT_EQ(boxes_of<GradKernelTap>(figure, true).size(), 1U);
    EXPECT_EQ(boxes_of<OutputCell>(figure, true).size(), 1U);
    ASSERT_EQ(boxes_of<GradOutputCell>(figure, true).size(), 1U);
    EXPECT_EQ(boxes_of<GradOutputCell>(figure, true)[0].tag, Tag{GradOutputCell{output_of(layer, one)}});
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

}  // namespace
}  // namespace tconv::test
