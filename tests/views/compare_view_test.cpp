#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "compute/comparison.h"
#include "document/answers.h"
#include "figure/layout.h"
#include "figure_cells.h"
#include "view_scenes.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;
using test::all_words;
using test::says;

Document document_of(int64_t kernel, int64_t stride, int dims = 2) {
  return test::layer_document({.input = 4, .kernel = kernel, .stride = stride}, dims);
}

/// The page as tests of pictures draw it: times are fixed.
Figure compare_page(const Document& document, const Interaction& interaction = {}, Size size = {1030, 830}) {
  return test::draw(find_view("compare")->draw, document, interaction, size);
}

Interaction compare_choices(const std::vector<std::string>& options) {
  Interaction interaction;
  for (const std::string& option : options) interaction.set_option(option);
  return interaction;
}

Comparison compared(const Document& document, const Interaction& interaction = {}) {
  return *compare(comparison_key(document.scenario, find_view("compare")->comparison(interaction)));
}

std::vector<Rect> image_rects(const Figure& figure) {
  std::vector<Rect> found;
  for (const Shape2D& shape : figure.shapes) {
    if (const auto* image = std::get_if<ImageShape>(&shape.what)) found.push_back(image->rect);
  }
  return found;
}

bool offers(const Figure& figure, const Tag& tag) {
  return std::ranges::any_of(figure.shapes, [&](const Shape2D& shape) { return shape.tag == tag; });
}

TEST(CompareView, ShowsTheNumbersOfTheComparison) {
  const Document document = document_of(3, 2);
  const Figure figure = compare_page(document);
  const Comparison comparison = compared(document);
  ASSERT_EQ(comparison.upsamplers.size(), 5U);
  for (const Upsampler& one : comparison.upsamplers) {
    EXPECT_TRUE(says(figure, one.label)) << one.label;
    EXPECT_TRUE(says(figure, number_text(*one.psnr, 3) + " dB")) << one.label;
    EXPECT_TRUE(says(figure, percent_text(one.flat->off_dc)));
  }
  for (const char* words : {"133 %", "2.25", "12 ms", "Transposed conv K4 S2", "Nearest + conv K3",
                            "Bilinear + conv K3", "Conv K3 + pixel shuffle", "Truth", "Test card"}) {
    EXPECT_TRUE(says(figure, words)) << words;
  }
  EXPECT_TRUE(says(figure, "The scenario's own input, 4 × 4, would show too little"));
}

TEST(CompareView, TimesAreNotForPaper) {
  const Document document = document_of(3, 2);
  const View& view = *find_view("compare");
  const Results results = compute_results(document.scenario, 0, view.needs({}));
  const Figure figure = view.draw({.document = document,
                                   .results = results,
                                   .interaction = {},
                                   .size = {1030, 830},
                                   .theme = dark_theme(),
                                   .text = test::metrics(),
                                   .interactive = false});
  EXPECT_FALSE(says(figure, " ms"));
  EXPECT_FALSE(says(figure, "time"));
  EXPECT_TRUE(says(figure, "133 %"));
}

TEST(CompareView, ThreePicturesACardAndTwoForTheTruth) {
  EXPECT_EQ(image_rects(compare_page(document_of(3, 2))).size(), 5U * 3 + 2);
  EXPECT_EQ(image_rects(compare_page(document_of(4, 2))).size(), 4U * 3 + 2) << "an even layer needs no cure";
  EXPECT_EQ(image_rects(compare_page(document_of(3, 2, 1))).size(), 0U) << "a line is a curve";
  EXPECT_EQ(image_rects(compare_page(document_of(3, 2, 3))).size(), 5U * 3 + 2);
}

TEST(CompareView, OneCursorForAllCards) {
  const Document document = document_of(3, 2);
  const Figure resting = compare_page(document);
  ASSERT_EQ(resting.grids.size(), 6U);
  const Tag cell = ComparedCell{{0, 20, 70}};
  for (const CellGrid& grid : resting.grids) {
    EXPECT_EQ(grid.rows, 96);
    const Rect place = grid.place(20, 70, 20, 70);
    EXPECT_EQ(tag_at(resting, place.centre()), cell);
  }
  Interaction interaction;
  interaction.hover = cell;
  const Figure hovered = compare_page(document, interaction);
  const Comparison comparison = compared(document);
  for (const Upsampler& one : comparison.upsamplers) {
    EXPECT_TRUE(says(hovered, number_text(static_cast<double>(one.output[20 * 96 + 70]), 3) + " at (20, 70)"))
        << one.label;
  }
  EXPECT_TRUE(says(hovered, "at cursor"));
  EXPECT_FALSE(says(resting, "at cursor"));
  interaction.hover = ComparedCell{{0, 5000, 70}};  // of a map that was larger
  EXPECT_FALSE(says(compare_page(document, interaction), "at cursor"));
}

/// The zoom's frames lie around the cursor's cell, in the same place of every card.
TEST(CompareView, TheFrameFollowsTheCursor) {
  const Document document = document_of(3, 2);
  for (const std::array<int64_t, 3>& at : {std::array<int64_t, 3>{0, 3, 3}, {0, 50, 20}, {0, 95, 95}}) {
    Interaction interaction;
    interaction.hover = ComparedCell{at};
    const Figure figure = compare_page(document, interaction);
    int frames = 0;
    for (const CellGrid& grid : figure.grids) {
      const Rect cell = grid.place(at[1], at[2], at[1], at[2]);
      for (const Shape2D& shape : figure.shapes) {
        const auto* box = std::get_if<RectShape>(&shape.what);
        if (box == nullptr || box->stroke != dark_theme().cursor || !grid.rect.contains(box->rect.centre())) continue;
        EXPECT_TRUE(box->rect.grown(0.01).contains(cell.centre()));
        EXPECT_LT(box->rect.w, grid.rect.w / 2);
        ++frames;
      }
    }
    EXPECT_EQ(frames, 6);
  }
}

TEST(CompareView, ChipsChooseTheInputAndTheSmallPicture) {
  const Document document = document_of(3, 2);
  const Figure usual = compare_page(document);
  for (const char* id : {"own", "ones", "impulse", "test-card", "landscape"}) {
    EXPECT_TRUE(offers(usual, ViewChoice{"compare/input", id})) << id;
    EXPECT_EQ(compared(document, compare_choices({std::string("compare/input=") + id})).key.choice.input, id);
  }
  EXPECT_EQ(compared(document, compare_choices({"compare/input=nobody knows this"})).key.choice.input, "test-card");
  EXPECT_TRUE(offers(usual, ViewOption{"compare/shrink"}));
  EXPECT_TRUE(says(compare_page(document, compare_choices({"compare/input=landscape"})), ", 48 × 48 → 96 × 96"));
  EXPECT_TRUE(says(compare_page(document, compare_choices({"compare/shrink"})), "means of blocks"));
  EXPECT_TRUE(says(usual, "spectrum"));
  const Figure difference = compare_page(document, compare_choices({"compare/picture=difference"}));
  EXPECT_FALSE(says(difference, "spectrum"));
  EXPECT_TRUE(says(difference, "RMS " + number_text(compared(document).upsamplers[2].rms_difference, 2)));
  EXPECT_TRUE(says(difference, "the first"));
}

TEST(CompareView, GivesAdviceWhenAsked) {
  const Document document = document_of(3, 2);
  EXPECT_TRUE(says(compare_page(document), "Which one should I take?"));
  const std::vector<std::pair<std::string, std::string>> expected{{"gan", "Odena et al. 2016"},
                                                                  {"segmentation", "FCN"},
                                                                  {"super-resolution", "Shi et al. 2016"},
                                                                  {"legacy", "fine-tune"}};
  for (const auto& [id, words] : expected) {
    EXPECT_FALSE(says(compare_page(document), words));
    EXPECT_TRUE(offers(compare_page(document), ViewChoice{"compare/which", id}));
    EXPECT_TRUE(says(compare_page(document, compare_choices({"compare/which=" + id})), words)) << id;
    EXPECT_TRUE(
        offers(compare_page(document, compare_choices({"compare/which=" + id})), ViewChoice{"compare/which", "none"}));
  }
}

TEST(CompareView, SaysWhatItCannotCompare) {
  const Figure one = compare_page({});
  EXPECT_TRUE(says(one, "Stride 1: there is nothing to upsample"));
  LayerSpec two = example_scenario().layer;
  for (AxisSpec& axis : two.spatial()) axis.stride = 2;
  EXPECT_TRUE(offers(one, ChooseLayer{two, "Stride 2"}));
  const Figure tiny = compare_page(document_of(3, 5), compare_choices({"compare/input=own", "compare/shrink"}));
  EXPECT_TRUE(says(tiny, "smaller than the stride"));
  EXPECT_TRUE(image_rects(tiny).empty());
}

TEST(CompareView, WaitsForTheComparison) {
  const Document document = document_of(3, 2);
  const View& view = *find_view("compare");
  Results results = compute_results(document.scenario, 0, Needs{});
  const auto draw = [&](const Interaction& interaction) {
    return view.draw({document, results, interaction, {800, 700}, dark_theme(), test::metrics()});
  };
  EXPECT_TRUE(says(draw({}), "Computing…"));
  results = compute_results(document.scenario, 0, view.needs({}));
  EXPECT_FALSE(says(draw({}), "Computing"));
  const Figure other = draw(compare_choices({"compare/input=impulse"}));
  EXPECT_TRUE(says(other, "Computing what was asked for…")) << "and the old one stays";
  EXPECT_FALSE(image_rects(other).empty());
}

}  // namespace
}  // namespace tconv
