// Zero insertion as it is drawn: where the real cells lie and what the window meets.
#include <gtest/gtest.h>

#include "insert_zeros_scene.h"
#include "views/insert_zeros_output.h"
#include "views/linking.h"

namespace tconv::test {
namespace {

using std::int64_t;

TEST(InsertZeros, TheTextbookExampleInFourStages) {
  Scene scene(example("corners", 2));
  EXPECT_EQ(scene.last_step(), 2 + 25);
  EXPECT_EQ(numbers(cells_of<InputCell>(scene.at(0))), (std::vector<std::string>{"1", "2", "3", "4"}));
  EXPECT_EQ(hatched(scene.at(0)), 0);
  EXPECT_EQ(hatched(scene.at(1)), 9 - 4);
  EXPECT_EQ(hatched(scene.at(2)), 49 - 4);
  const Figure centre = scene.at(2 + 13);
  EXPECT_EQ(hatched(centre), 49 - 4);
  EXPECT_TRUE(shows(centre, "45 of 49"));
  EXPECT_TRUE(shows(centre, "4 of 9 products meet a real cell"));
  EXPECT_EQ(cells_of<OutputCell>(centre)[12].number, "10");
  EXPECT_TRUE(shows(centre, "S−1 = 1 → 3 × 3"));
  EXPECT_TRUE(shows(centre, "K−1−P = 2 → 7 × 7"));

  EXPECT_EQ(scene.words_at(0), "Stage 1 of 4 — the input, 2 × 2");
  EXPECT_EQ(scene.words_at(1), "Stage 2 of 4 — S−1 = 1 between neighbours: 3 × 3");
  EXPECT_EQ(scene.words_at(2), "Stage 3 of 4 — a border of zeros: K−1−P = 2: 7 × 7");
  EXPECT_EQ(scene.words_at(2 + 8),
            "Stage 4 of 4, window 8 of 25 — output (1, 2) = 1·0 + 2·0 = 0 — 2 of 9 products meet a real cell");
}

TEST(InsertZeros, RealCellsLieWhereThePaddedMapHasThem) {
  for_some_layers(80, [](Scene& scene) {
    const auto axes = scene.layer().as_3d();
    // A step that slides, and the slice of the kernel that lies on an input slice if one does.
    const Figure figure = scene.at(scene.last_step());
    const auto cells = cells_of<InputCell>(figure);
    const int64_t z = output_size(axes[0]) > 0 ? (axes[0].kernel - 1) * axes[0].dilation : 0;
    const auto slice = input_at(axes[0], z);
    std::vector<CellIndex> expected;
    for (int64_t row = 0; slice && row < insertion_of(axes[1]).padded; ++row) {
      for (int64_t col = 0; col < insertion_of(axes[2]).padded; ++col) {
        const auto y = input_at(axes[1], row);
        const auto x = input_at(axes[2], col);
        if (y && x) expected.push_back({0, 0, {*slice, *y, *x}});
      }
    }
    ASSERT_EQ(cells.size(), expected.size());
    for (std::size_t i = 0; i < cells.size(); ++i) EXPECT_EQ(cells[i].tag, Tag{InputCell{expected[i]}});
  });
}

TEST(InsertZeros, TheWindowHoldsTheCellsThatItMeets) {
  for_some_layers(80, [](Scene& scene) {
    const LayerSpec& layer = scene.layer();
    const auto axes = layer.as_3d();
    if (layer.dims == 3) return;
    const bool dilated = axes[1].dilation > 1 || axes[2].dilation > 1;
    const int64_t cols = output_size(axes[2]);
    for (int64_t step = 3; step <= scene.last_step(); step += 1 + scene.last_step() / 5) {
      const CellIndex output = scene.output((step - 3) / cols, (step - 3) % cols);
      const Figure figure = scene.at(step);
      const Rect window = window_of(figure);
      int64_t inside = 0;
      for (const Cell& cell : cells_of<InputCell>(figure)) inside += window.contains(cell.box.rect.centre()) ? 1 : 0;
      const int64_t met = real_products(layer, output.at);
      if (dilated) {
        EXPECT_GE(inside, met);
      } else {
        EXPECT_EQ(inside, met);
      }
      const std::string words =
          std::to_string(met) + " of " + std::to_string(window_taps(layer)) + " products meet a real cell";
      EXPECT_TRUE(shows(figure, words));
      EXPECT_TRUE(scene.words_at(step).ends_with(words));
      // The taps that meet one are filled: as many as there are products.
      const auto taps = cells_of<KernelTap>(figure);
      if (taps.empty()) continue;  // channels of different groups
      EXPECT_EQ(std::ranges::count_if(taps, [](const Cell& tap) { return !(tap.box.fill == dark_theme().surface); }),
                met);
    }
  });
}

TEST(InsertZeros, FilledTapsAreThoseOfTheProducts) {
  for_some_layers(60, [](Scene& scene) {
    const int64_t step = (3 + scene.last_step()) / 2;
    const int64_t cols = output_size(scene.layer().as_3d()[2]);
    const Tag output = OutputCell{scene.output((step - 3) / cols, (step - 3) % cols)};
    const auto taps = cells_of<KernelTap>(scene.at(step));
    for (const Cell& tap : taps) {
      const bool filled = !(tap.box.fill == dark_theme().surface);
      EXPECT_EQ(filled, share_one(scene.layer(), *multiplications_of(output), *multiplications_of(tap.tag)));
    }
    const auto kernel = scene.layer().as_3d();
    const auto first = std::get<KernelTap>(
        taps.empty() ? Tag{KernelTap{0, 0, {0, kernel[1].kernel - 1, kernel[2].kernel - 1}}} : taps.front().tag);
    EXPECT_EQ(first.tap[1], kernel[1].kernel - 1) << "the last tap stands first";
    EXPECT_EQ(first.tap[2], kernel[2].kernel - 1);
  });
}

TEST(InsertZeros, CroppedCellsAreDashedBeforeTheyAreGone) {
  Scene scene(layer_document(
      {.input = 3, .kernel = 2, .stride = 2, .padding_begin = 2, .padding_end = 2, .output_padding = 1}));
  const auto axis = scene.layer().axes[0];
  ASSERT_EQ(insertion_of(axis).border_begin, -1);
  const auto gone = [&](int64_t cell) {
    const int64_t at = padded_position(axis, cell);
    return at < 0 || at >= insertion_of(axis).padded;
  };
  for (const int64_t step : {1, 2}) {
    const auto cells = cells_of<InputCell>(scene.at(step));
    ASSERT_EQ(cells.size(), 9U) << step;
    for (const Cell& cell : cells) {
      const auto& at = std::get<InputCell>(cell.tag).cell.at;
      EXPECT_EQ(cell.box.dashed, gone(at[1]) || gone(at[2])) << step;
    }
    EXPECT_TRUE(shows(scene.at(step), "5 of them real"));
  }
  EXPECT_EQ(cells_of<InputCell>(scene.at(3)).size(), 4U);
  EXPECT_TRUE(shows(scene.at(3), "3  Crop"));
  EXPECT_EQ(scene.words_at(2),
            "Stage 3 of 4 — K−1−P, after the end plus OP: height 1 cropped before, 0 zeros after; width 1 cropped "
            "before, 0 zeros after: 4 × 4");
}

TEST(InsertZeros, CroppedCellsOfRandomLayers) {
  for_some_layers(120, [](Scene& scene) {
    const auto axes = scene.layer().as_3d();
    const auto gone = [&](std::size_t a, int64_t cell) {
      const int64_t at = padded_position(axes[a], cell);
      return at < 0 || at >= insertion_of(axes[a]).padded;
    };
    for (const int64_t step : {1, 2}) {
      const auto cells = cells_of<InputCell>(scene.at(step));
      EXPECT_EQ(static_cast<int64_t>(cells.size()), axes[1].input * axes[2].input);
      for (const Cell& cell : cells) {
        const auto& at = std::get<InputCell>(cell.tag).cell.at;
        EXPECT_EQ(cell.box.dashed, gone(0, at[0]) || gone(1, at[1]) || gone(2, at[2])) << step;
      }
    }
  });
}

TEST(InsertZeros, AMultiplicationLightsItsThreeCellsAndMovesTheWindow) {
  Scene scene(example("corners", 2));
  const Multiplication product{{0, 0, {0, 1, 0}}, 0, {0, 0, 2}};  // adds to output (2, 2)
  const Figure figure = scene.at(4, product);
  std::vector<Tag> lit;
  for (const Shape2D& shape : figure.shapes) {
    if (shape.highlight) lit.push_back(shape.tag);
  }
  const std::vector<Tag> expected{InputCell{product.input}, KernelTap{0, 0, product.tap},
                                  OutputCell{{0, 0, {0, 2, 2}}}};
  EXPECT_EQ(lit, expected);
  EXPECT_TRUE(shows(figure, "4 of 9"));
  EXPECT_TRUE(window_of(figure).contains(place_of(figure, InputCell{product.input}).centre()));
  EXPECT_EQ(dump(scene.at(4)) == dump(figure), false);
}

TEST(InsertZeros, NothingMovesUnderTheCursor) {
  for_some_layers(25, [](Scene& scene) {
    const Tag output = OutputCell{scene.output(0, 0)};
    for (const Size size : {Size{430, 530}, Size{730, 745}, insertion_room}) {
      const Rect first = place_of(scene.at(0, {}, size), output);
      for (const int64_t step : {int64_t{0}, int64_t{1}, int64_t{2}, int64_t{3}, scene.last_step()}) {
        EXPECT_EQ(place_of(scene.at(step, {}, size), output), first) << step << " at " << size.w;
        EXPECT_EQ(place_of(scene.at(step, output, size), output), first) << step << " at " << size.w;
      }
    }
  });
}

TEST(InsertZeros, CardsAndTheSwitchCanBeClicked) {
  Scene scene(example("corners", 2));
  const Figure figure = scene.at(0);
  for (const int64_t step : {int64_t{0}, int64_t{1}, int64_t{2}, scene.last_step()}) {
    EXPECT_GT(place_of(figure, GoToStep{step}).w, 0) << step;
  }
  EXPECT_GT(place_of(figure, ViewOption{unturned_option}).w, 0);
}

/// A layer for which sliding takes too long has no padded map.
TEST(InsertZeros, WithoutAPaddedMapThereAreWords) {
  for (const int64_t input : {2, 100}) {
    Scene scene(layer_document({.input = input, .kernel = 3, .stride = 2}));
    auto ways = std::make_shared<Ways>(*scene.results().ways);
    ways->padded = {};
    ways->output = {};
    scene.results().ways = ways;
    EXPECT_TRUE(shows(scene.at(5), "too large"));
    EXPECT_FALSE(scene.words_at(5).empty());
    scene.interaction().options.insert(unturned_option);
    EXPECT_FALSE(scene.words_at(5).empty());
    EXPECT_TRUE(shows(picture(*find_view("linked"), scene.input()), "too large"));
  }
}

TEST(InsertZeros, TheCardOfTheLinkedViewIsAlwaysTurned) {
  Scene scene(example("counting", 2));
  const auto linked = [&] { return dump(picture(*find_view("linked"), scene.input())); };
  const std::string before = linked();
  scene.interaction().options.insert(unturned_option);
  EXPECT_EQ(linked(), before);
  EXPECT_NE(before.find("4 of 9 products"), std::string::npos);
}

}  // namespace
}  // namespace tconv::test
