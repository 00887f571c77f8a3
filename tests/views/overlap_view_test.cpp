#include <gtest/gtest.h>

#include <algorithm>

#include "core/coverage.h"
#include "figure_cells.h"
#include "support/random_layers.h"
#include "view_scenes.h"
#include "views/kernel_stride_table.h"
#include "views/overlap_map.h"

namespace tconv::test {
namespace {

using std::int64_t;

const View& overlap() { return *find_view("overlap"); }

Figure drawn_overlap(const Document& document, Interaction interaction = {},
                     Figure (*draw_it)(const ViewInput&) = nullptr, Size size = {730, 745}) {
  const Results results = compute_results(document.scenario, 0, {.ways = true});
  if (draw_it == nullptr) draw_it = overlap().draw;
  return draw_it({document, results, clamped(interaction, document.scenario), size, dark_theme(), metrics()});
}

/// The numbers in the heat map's cells, row by row.
std::vector<std::string> numbers_of(const Figure& figure, int64_t rows, int64_t cols) {
  std::vector<std::string> numbers;
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t col = 0; col < cols; ++col) {
      const Rect cell = place_of(figure, OutputCell{{.batch = 0, .channel = 0, .at = {0, row, col}}});
      std::string found;
      for (const Shape2D& shape : figure.shapes) {
        const auto* text = std::get_if<TextShape>(&shape.what);
        if (text != nullptr && cell.contains({text->at.x, text->at.y - 2})) found = text->text;
      }
      numbers.push_back(found);
    }
  }
  return numbers;
}

TEST(Overlap, CellsShowTheCoresCounts) {
  const Document document = layer_document({.input = 3, .kernel = 3, .stride = 2});
  const Figure figure = drawn_overlap(document);
  const Tensor map = coverage_map(document.scenario.layer);
  const auto numbers = numbers_of(figure, 7, 7);
  for (int64_t i = 0; i < map.size(); ++i) {
    EXPECT_EQ(numbers[static_cast<std::size_t>(i)], std::to_string(static_cast<int>(map[i]))) << i;
  }
}

TEST(Overlap, WeighsByTheKernelAndItsMagnitude) {
  Document document = layer_document({.input = 2, .kernel = 2, .stride = 1});
  document.scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 2, 2}, {1, -2, 3, -4}));
  Interaction interaction;
  interaction.set_option("overlap/sum=kernel");
  EXPECT_EQ(numbers_of(drawn_overlap(document, interaction), 3, 3),
            (std::vector<std::string>{"1", "−1", "−2", "4", "−2", "−6", "3", "−1", "−4"}));
  interaction.set_option("overlap/sum=magnitude");
  EXPECT_EQ(numbers_of(drawn_overlap(document, interaction), 3, 3),
            (std::vector<std::string>{"1", "3", "2", "4", "10", "6", "3", "7", "4"}));
}

TEST(Overlap, TheTableOffersEveryKernelAndStrideAndFramesTheEvenOnes) {
  const Document document = layer_document({.input = 4, .kernel = 3, .stride = 2});
  const Figure figure = drawn_overlap(document);
  int offered = 0;
  for (const Shape2D& shape : figure.shapes) {
    const auto* choice = std::get_if<ChooseLayer>(&shape.tag);
    if (choice == nullptr) continue;
    ++offered;
    EXPECT_TRUE(validate(choice->layer).empty()) << choice->label;
    const auto& frame = std::get<RectShape>(shape.what);
    EXPECT_EQ(frame.stroke == dark_theme().good, is_even(choice->layer)) << choice->label;
  }
  EXPECT_EQ(offered, table_kernels * table_strides - 1) << "all but the one on show";
}

TEST(OverlapProperty, WhatTheTableOffersIsLegal) {
  RandomLayers random;
  for (int i = 0; i < 200; ++i) {
    const LayerSpec layer = random.layer();
    for (int kernel = 1; kernel <= table_kernels; ++kernel) {
      for (int stride = 1; stride <= table_strides; ++stride) {
        const LayerSpec chosen = with_kernel_and_stride(layer, kernel, stride);
        EXPECT_TRUE(validate(chosen).empty()) << random.trace(layer) << " K" << kernel << " S" << stride;
        EXPECT_EQ(chosen.axes[0].kernel, kernel);
        EXPECT_EQ(chosen.axes[0].stride, stride);
      }
    }
  }
}

TEST(Overlap, FixesAreOneStepAwayWithWhatTheyChange) {
  const Document document = layer_document({.input = 8, .kernel = 3, .stride = 2});
  const Figure figure = drawn_overlap(document);
  const Tensor weight = weight_of(document.scenario);
  const auto fixes = fixes_of(document.scenario, weight);
  for (const Fix& fix : fixes) {
    EXPECT_TRUE(says(figure, fix.label)) << fix.label;
    if (fix.id.empty()) continue;
    const ChooseScenario use{std::make_shared<const Scenario>(fix.scenario), fix.label};
    EXPECT_GT(place_of(figure, use).w, 0) << fix.label;
    EXPECT_GT(place_of(figure, CopyText{fix.code}).w, 0) << fix.label;
  }
  EXPECT_TRUE(says(figure, "✗ ripple 133 %"));
  EXPECT_TRUE(says(figure, "9 → 16 parameters"));
  EXPECT_TRUE(says(figure, "576 → 1,024"));
}

TEST(Overlap, ThePanelWritesTheArithmetic) {
  const auto panel = [](const AxisSpec& axis) {
    return drawn_overlap(layer_document(axis), {}, overlap().inspector, {270, 700});
  };
  const Figure uneven = panel({.input = 8, .kernel = 5, .stride = 3});
  for (const char* line : {"K = q·S + r", "5 = 1·3 + 2", "2 phases hit q+1 = 2×", "1 phase hit q = 1×",
                           "V = r/S·(1−r/S) = 0.2222", "✗ Counts", "✗ These weights", "✗ Flat input"}) {
    EXPECT_TRUE(says(uneven, line)) << line;
  }
  const Figure stack = panel({.input = 8, .kernel = 3, .stride = 2});
  for (const char* line :
       {"1 layer  2 : 1  (4 : 1 in 2D)", "2 layers  3 : 1  (9 : 1 in 2D)", "3 layers  5 : 1  (25 : 1 in 2D)"}) {
    EXPECT_TRUE(says(stack, line)) << line;
  }
  EXPECT_TRUE(says(panel({.input = 8, .kernel = 4, .stride = 2}), "3 layers  ✓ even"));
  EXPECT_TRUE(says(panel({.input = 8, .kernel = 2, .stride = 5}), "gap S−K = 3 cells"));
  const Figure dilated = panel({.input = 8, .kernel = 4, .stride = 2, .dilation = 2});
  EXPECT_TRUE(says(dilated, "share the factor 2"));
  EXPECT_TRUE(says(dilated, "1 never hit"));
}

TEST(Overlap, AGuideFollowsTheCursor) {
  const Document document = layer_document({.input = 3, .kernel = 3, .stride = 2});
  EXPECT_TRUE(says(drawn_overlap(document), "Along output row 3: 1 to 2"));
  Interaction interaction;
  interaction.hover = OutputCell{{.batch = 0, .channel = 0, .at = {0, 2, 5}}};
  EXPECT_TRUE(says(drawn_overlap(document, interaction), "Along output row 2: 2 to 4"));
}

TEST(Overlap, ALargeMapIsAnImageWithTheSameCells) {
  const Document document = layer_document({.input = 1024, .kernel = 3, .stride = 2});
  Results results;
  results.scenario = document.scenario;
  results.pending = true;
  const Figure figure = overlap().draw({document, results, {}, {730, 745}, dark_theme(), metrics()});
  ASSERT_EQ(figure.grids.size(), 1U);
  EXPECT_EQ(figure.grids[0].rows, 2049);
  EXPECT_EQ(figure.grids[0].cols, 2049);
}

TEST(Verdict, EvenCountsUnderUnevenWeightsAreNoAllClear) {
  Document document = layer_document({.input = 4, .kernel = 4, .stride = 2});
  const auto verdict = [&] { return drawn_overlap(document, {}, drawers().back().draw, {236, 120}); };
  EXPECT_TRUE(says(verdict(), "Even coverage"));
  document.scenario.kernel.id = "counting";
  EXPECT_TRUE(says(verdict(), "Even counts, uneven weights"));
  EXPECT_TRUE(says(drawn_overlap(document, {}, drawers().back().draw, {200, 120}), "Uneven weights"));
  document.scenario.layer.axes[0].kernel = document.scenario.layer.axes[1].kernel = 3;
  document.scenario.kernel.id = "bilinear";
  EXPECT_TRUE(says(verdict(), "Checkerboard"));
  EXPECT_TRUE(says(verdict(), "compensate"));
}

TEST(Verdict, FixesAreOneClickAway) {
  const auto links = [](const Document& document) {
    int count = 0;
    for (const Shape2D& shape : drawn_overlap(document, {}, drawers().back().draw, {236, 120}).shapes) {
      count += std::holds_alternative<ChooseScenario>(shape.tag);
    }
    return count;
  };
  EXPECT_GE(links(layer_document({.input = 4, .kernel = 3, .stride = 2})), 3);
  EXPECT_EQ(links(layer_document({.input = 4, .kernel = 4, .stride = 2})), 0) << "nothing to mend";
  EXPECT_EQ(links(layer_document({.input = 4, .kernel = 3, .stride = 1})), 0);
}

}  // namespace
}  // namespace tconv::test
