// What the views of the other ways say: the numbers of the textbooks, in their pictures.
#include <gtest/gtest.h>

#include <algorithm>

#include "figure_cells.h"
#include "view_scenes.h"

namespace tconv::test {
namespace {

struct Shown {
  Document document;
  Interaction interaction;

  Figure draw(std::string_view view) const {
    const Results results = compute_results(document.scenario, step_count(document.scenario));
    Interaction state = interaction;
    state.step = step_count(document.scenario);
    return picture(*find_view(view),
                   {document, results, clamped(state, document.scenario), {1030, 830}, dark_theme(), metrics()});
  }
};

Document stride_two() { return layer_document({.input = 2, .kernel = 3, .stride = 2}); }

TEST(InsertZerosView, SaysHowManyProductsAreReal) {
  Shown shown{stride_two(), {}};
  shown.interaction.own_step = 2 + 13;  // the window of output (2, 2)
  EXPECT_TRUE(says(shown.draw("insert-zeros"), "4 of 9 products meet a real cell"));
  EXPECT_TRUE(says(shown.draw("insert-zeros"), "zeros: 45 of 49 cells"));
  shown.interaction.own_step = 0;
  EXPECT_FALSE(says(shown.draw("insert-zeros"), "meet a real cell"));
}

TEST(InsertZerosView, TheUnturnedKernelIsWrong) {
  Shown shown{stride_two(), {}};
  shown.document.scenario.kernel.id = "counting";
  shown.interaction.own_step = 2 + 25;
  EXPECT_FALSE(says(shown.draw("insert-zeros"), "cells are wrong"));
  shown.interaction.options.insert("insert-zeros/unturned");
  EXPECT_TRUE(says(shown.draw("insert-zeros"), "cells are wrong"));
  shown.document.scenario.kernel.id = "ones";
  EXPECT_TRUE(says(shown.draw("insert-zeros"), "No cell is wrong"));
}

TEST(MatrixView, CountsAndShowsWhatDoesNotComeBack) {
  Shown shown{layer_document({.input = 2, .kernel = 2, .stride = 2}), {}};
  shown.document.scenario.kernel = custom_pattern(Tensor::filled(Shape{1, 1, 2, 2}, 0.25F));
  EXPECT_TRUE(says(shown.draw("matrix"), "Cᵀ 16 × 4 · 16 non-zeros (25 %)"));
  EXPECT_TRUE(says(shown.draw("matrix"), "difference 0"));
  EXPECT_FALSE(says(shown.draw("matrix"), "Not recovered"));
  shown.interaction.options.insert("matrix/down-up");
  const Figure figure = shown.draw("matrix");
  EXPECT_TRUE(says(figure, "Not recovered"));
  const auto words = words_inside(figure, {0, 0, figure.size.w, figure.size.h});
  EXPECT_NE(std::ranges::find(words, "0.875"), words.end());
}

TEST(MatrixView, NamesTheLimitOfHugeMatrices) {
  const Shown shown{layer_document({.input = 600, .kernel = 4, .stride = 2}), {}};
  EXPECT_TRUE(says(shown.draw("matrix"), "it is shown up to"));
}

}  // namespace
}  // namespace tconv::test
