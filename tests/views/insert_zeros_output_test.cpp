// What the sliding kernel makes of the output, turned and unturned; maps that are images.
#include "views/insert_zeros_output.h"

#include <gtest/gtest.h>

#include <cmath>
#include <ranges>

#include "figure/layout.h"
#include "insert_zeros_scene.h"

namespace tconv::test {
namespace {

using std::int64_t;

TEST(InsertZeros, TheUnturnedKernelGoesWrong) {
  Scene scene(example("counting", 1));
  const auto right = cells_of<OutputCell>(scene.at(scene.last_step()));
  const std::vector<std::string> first{"1", "4", "7", "6"};
  EXPECT_TRUE(std::ranges::equal(first, numbers(right) | std::views::take(4)));
  EXPECT_TRUE(std::ranges::none_of(right, &Cell::marked));

  scene.interaction().options.insert(unturned_option);
  const Figure figure = scene.at(scene.last_step());
  const auto wrong = cells_of<OutputCell>(figure);
  const std::vector<std::string> unturned{"9", "26", "23", "14"};
  EXPECT_TRUE(std::ranges::equal(unturned, numbers(wrong) | std::views::take(4)));
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    EXPECT_EQ(wrong[i].marked, wrong[i].number != right[i].number) << i;
  }
  EXPECT_TRUE(shows(figure, "16 of 16 cells are wrong"));
  EXPECT_EQ(scene.words_at(3),
            "Stage 4 of 4, window 1 of 16 — with the kernel unturned, output (0, 0) = 9, not 1 ✗ — 1 of 9 products "
            "meet a real cell");

  Scene symmetric(example("ones", 2));
  symmetric.interaction().options.insert(unturned_option);
  EXPECT_TRUE(shows(symmetric.at(symmetric.last_step()), "No cell is wrong"));
}

TEST(InsertZeros, UnturnedIsTheTransposedConvolutionOfTheFlippedKernel) {
  for_some_layers(40, [](Scene& scene) {
    scene.interaction().out_channel = scene.layer().out_channels - 1;
    scene.interaction().batch = scene.layer().batch - 1;
    const auto plane = unturned_output(scene.input());
    ASSERT_TRUE(plane);
    const Results& results = scene.results();
    const Tensor all = scatter_add(scene.layer(), results.input, flipped(results.weight), results.bias);
    const auto expected = all.values().last(static_cast<std::size_t>(plane->size()));
    const double largest = 1e-30 + std::abs(static_cast<double>(*std::ranges::max_element(
                                       expected, {}, [](float value) { return std::abs(value); })));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_FALSE(is_wrong(plane->values()[i], expected[i], largest)) << i;
    }
  });
}

TEST(InsertZeros, TheOutputFillsWindowByWindow) {
  for_some_layers(60, [](Scene& scene) {
    const auto axes = scene.layer().as_3d();
    if (output_size(axes[1]) > 8 || output_size(axes[2]) > 8) return;
    for (const int64_t step : {int64_t{0}, int64_t{2}, int64_t{3}, scene.last_step() / 2, scene.last_step()}) {
      const auto cells = cells_of<OutputCell>(scene.at(step));
      ASSERT_EQ(static_cast<int64_t>(cells.size()), scene.last_step() - 2);
      const bool legible = !cells.front().number.empty() || step < 3;
      for (std::size_t i = 0; legible && i < cells.size(); ++i) {
        const float value =
            scene.results().ways->output[flat_output(scene.layer(), std::get<OutputCell>(cells[i].tag).cell)];
        const std::string number = number_text(static_cast<double>(value));
        const bool reached = static_cast<int64_t>(i) < step - 2;
        if (!reached || !cells[i].number.empty()) {
          EXPECT_EQ(cells[i].number, reached ? number : "");
        }
      }
    }
  });
}

TEST(InsertZeros, LargeMapsAreImagesInEveryStage) {
  Document document = layer_document({.input = 60, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1});
  Scene scene(document);
  const Figure spread = scene.at(1);
  ASSERT_EQ(spread.grids.size(), 2U);
  EXPECT_EQ(spread.grids[0].rows, 119);
  EXPECT_EQ(spread.grids[0].tag(4, 6), (Tag{InputCell{{0, 0, {0, 2, 3}}}}));
  EXPECT_EQ(spread.grids[0].tag(4, 5), Tag{});
  const Figure padded = scene.at(2 + 120 * 120);
  EXPECT_EQ(padded.grids[0].rows, 123);
  EXPECT_EQ(padded.grids[0].tag(6, 8), (Tag{InputCell{{0, 0, {0, 2, 3}}}}));
  EXPECT_EQ(padded.grids[0].tag(6, 9), Tag{});

  // The cells of the cursor's products are framed there too.
  const CellIndex output{0, 0, {0, 20, 21}};
  const Figure hovered = scene.at(2 + 120 * 120, OutputCell{output});
  const auto products = products_of(document.scenario, scene.results().input, scene.results().weight, output);
  EXPECT_EQ(products.size(), 4U);
  for (const Product& product : products) {
    EXPECT_EQ(std::ranges::count_if(
                  hovered.shapes,
                  [&](const Shape2D& shape) { return shape.highlight && shape.tag == Tag{InputCell{product.input}}; }),
              1);
  }

  // What no window has reached is covered: of the 120 rows, 60 and a half.
  const Figure half = scene.at(2 + 60 * 120 + 60);
  const Rect map = half.grids[1].rect;
  double covered = 0;
  for (const Shape2D& shape : half.shapes) {
    const auto* box = std::get_if<RectShape>(&shape.what);
    if (box != nullptr && box->fill == dark_theme().background && map.contains(box->rect.centre()) &&
        box->stroke_width == 0) {
      covered += box->rect.w * box->rect.h;
    }
  }
  EXPECT_NEAR(covered / (map.w * map.h), 59.5 / 120, 1e-6);
}

}  // namespace
}  // namespace tconv::test
