// The pixel-shuffle view: both sides lit by either, the formula's numbers, every choice within the figure rules.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/equal_layers.h"
#include "figure_cells.h"
#include "support/pace.h"
#include "support/random_layers.h"
#include "views/shuffle_formula.h"
#include "views/shuffle_scene.h"

namespace tconv::test {
namespace {

using std::int64_t;

const View& view() { return *find_view("pixel-shuffle"); }

Document shuffle_document(const LayerSpec& layer) {
  Document document;
  document.scenario.layer = layer;
  document.scenario.input.id = "counting";
  document.scenario.kernel.id = "ones";
  return document;
}

/// `input`: (z, y, x), of which the last `dims` count.
LayerSpec layer_of(int dims, int64_t stride, std::array<int64_t, 3> input, int64_t out_channels) {
  LayerSpec layer;
  layer.dims = dims;
  layer.out_channels = out_channels;
  for (std::size_t a = 0; a < layer.spatial().size(); ++a) {
    layer.axes[a] = {.input = input[a + 3 - layer.spatial().size()], .kernel = 3, .stride = stride};
  }
  return layer;
}

/// A name that orders cells.
std::string name_of(const ShuffleCell& cell) {
  return std::string(cell.large ? "large " : "small ") + std::to_string(cell.place.channel) + ": " +
         std::to_string(cell.place.at[0]) + " " + std::to_string(cell.place.at[1]) + " " +
         std::to_string(cell.place.at[2]);
}

std::set<std::string> lit(const Figure& figure) {
  std::set<std::string> names;
  for (const TaggedBox& box : boxes_of<ShuffleCell>(figure, true))
    names.insert(name_of(std::get<ShuffleCell>(box.tag)));
  return names;
}

struct Drawn {
  Document document;
  Results results;
  Interaction interaction;
  ViewInput input(Size size = large_room, const Theme& theme = dark_theme()) const {
    return {document, results, clamped(interaction, document.scenario), size, theme, metrics()};
  }
  Figure figure(Size size = large_room, const Theme& theme = dark_theme()) const {
    return picture(view(), input(size, theme));
  }
};

Drawn drawn_shuffle(const LayerSpec& layer) {
  const Document document = shuffle_document(layer);
  return {document, compute_results(document.scenario, 0, Needs{}), {}};
}

/// The words of a formula's last line that must stand there: "in[2, 1, 2] = ".
std::string read_text(const ShufflePlace& place, int dims) {
  std::string text = "= in[" + std::to_string(place.channel);
  for (auto a = static_cast<std::size_t>(3 - dims); a < 3; ++a) text += ", " + std::to_string(place.at[a]);
  return text + "] = ";
}

TEST(PixelShuffleView, EitherSideLightsItsPartnerAndTheSuperPixel) {
  RandomLayers random;
  for (int round = 0; round < 40; ++round) {
    const int dims = static_cast<int>(random.between(1, 3));
    const int64_t r = random.between(1, 4);
    const LayerSpec layer =
        layer_of(dims, r, {random.between(1, 3), random.between(1, 4), random.between(1, 4)}, random.between(1, 3));
    SCOPED_TRACE(random.trace(layer) + ", round " + std::to_string(round));
    Drawn one = drawn_shuffle(layer);
    if (random.between(0, 1) == 1) one.interaction.set_option("pixel-shuffle/order=dcr");
    if (random.between(0, 1) == 1) one.interaction.set_option("pixel-shuffle/direction=unshuffle");
    one.interaction.out_channel = random.between(0, layer.out_channels - 1);
    one.interaction.out_slice = random.between(0, layer.axes[0].input * r - 1);
    const ShuffleScene plain(one.input());
    const auto size = plain.large_size();
    const ShufflePlace large{plain.channel(),
                             {plain.slice(), random.between(0, size[1] - 1), random.between(0, size[2] - 1)}};
    const ShufflePlace small = shuffle_source(plain.spec(), large);
    std::set<std::string> wanted{name_of({true, large})};
    for (int64_t y = 0; y < (dims > 1 ? r : 1); ++y) {
      for (int64_t x = 0; x < r; ++x) {
        const ShufflePlace other{large.channel,
                                 {large.at[0], (dims > 1 ? large.at[1] / r * r : 0) + y, large.at[2] / r * r + x}};
        wanted.insert(name_of({false, shuffle_source(plain.spec(), other)}));
      }
    }
    for (const ShuffleCell& hovered : {ShuffleCell{true, large}, ShuffleCell{false, small}}) {
      one.interaction.hover = hovered;
      const Figure figure = one.figure();
      // Both cells are drawn once, and found where they are drawn.
      for (const ShuffleCell& cell : {ShuffleCell{true, large}, ShuffleCell{false, small}}) {
        const Rect place = place_of(figure, cell);
        ASSERT_GT(place.w, 0);
        EXPECT_EQ(tag_at(figure, place.centre()), Tag(cell));
      }
      EXPECT_EQ(lit(figure), wanted);
      const ShuffleScene scene(one.input());
      const std::string result = shuffle_formula(dark_theme(), scene).back().text();
      const ShufflePlace& read = scene.unshuffle() ? large : small;
      EXPECT_TRUE(result.starts_with(read_text(read, dims))) << result;
      EXPECT_TRUE(result.ends_with("= " + scene.value_text(small))) << result;
      EXPECT_NE(all_words(figure).find(std::to_string(read.at[2])), std::string::npos);
    }
  }
}

TEST(PixelShuffleView, EveryOutputCellIsDrawnOnceWithTheNumberOfItsSource) {
  Drawn one = drawn_shuffle(layer_of(2, 3, {1, 2, 4}, 2));
  one.interaction.out_channel = 1;
  const Figure figure = one.figure();
  const ShuffleScene scene(one.input());
  int64_t large = 0;
  std::set<std::string> seen;
  for (const TaggedBox& box : boxes_of<ShuffleCell>(figure)) {
    const auto& cell = std::get<ShuffleCell>(box.tag);
    const ShufflePlace small = cell.large ? shuffle_source(scene.spec(), cell.place) : cell.place;
    const auto words = words_inside(figure, box.rect);
    ASSERT_EQ(words.size(), 1U);
    EXPECT_EQ(words[0], std::to_string(small.channel) + "." + std::to_string(small.at[1] * 4 + small.at[2]));
    large += cell.large ? 1 : 0;
    if (cell.large) seen.insert(words[0]);
  }
  EXPECT_EQ(large, 6 * 12);
  EXPECT_EQ(seen.size(), 6U * 12U);
}

TEST(PixelShuffleView, WritesTheFormulaOfTheExample) {
  Drawn one = drawn_shuffle(layer_of(2, 2, {1, 3, 4}, 1));
  const auto lines = [&] {
    std::vector<std::string> text;
    for (const FormulaLine& line : shuffle_formula(dark_theme(), ShuffleScene(one.input())))
      text.push_back(line.text());
    return text;
  };
  using Lines = std::vector<std::string>;
  // Without a cursor: a cell near the middle.
  EXPECT_EQ(lines(), (Lines{"out[c, y, x] = in[c·r² + (y mod r)·r + (x mod r), ⌊y/r⌋, ⌊x/r⌋]",
                            "out[0, 3, 4] = in[0·4 + (3 mod 2)·2 + (4 mod 2), ⌊3/2⌋, ⌊4/2⌋]", "= in[2, 1, 2] = 2.6"}));
  one.interaction.set_option("pixel-shuffle/direction=unshuffle");
  EXPECT_EQ(lines(),
            (Lines{"out[k, y, x] = in[⌊k/r²⌋, y·r + ⌊j/r⌋, x·r + j mod r], j = k mod r²",
                   "out[2, 1, 2] = in[⌊2/4⌋, 1·2 + ⌊2/2⌋, 2·2 + 2 mod 2], 2 = 2 mod 4", "= in[0, 3, 4] = 2.6"}));
  one = drawn_shuffle(layer_of(2, 2, {1, 3, 4}, 3));
  one.interaction.set_option("pixel-shuffle/order=dcr");
  one.interaction.out_channel = 1;
  EXPECT_EQ(lines(),
            (Lines{"out[c, y, x] = in[((y mod r)·r + (x mod r))·C + c, ⌊y/r⌋, ⌊x/r⌋]",
                   "out[1, 3, 4] = in[((3 mod 2)·2 + (4 mod 2))·3 + 1, ⌊3/2⌋, ⌊4/2⌋]", "= in[7, 1, 2] = 7.6"}));
  one.interaction.set_option("pixel-shuffle/direction=unshuffle");
  EXPECT_EQ(lines()[1], "out[7, 1, 2] = in[7 mod 3, 1·2 + ⌊2/2⌋, 2·2 + 2 mod 2], 2 = ⌊7/3⌋");
  one = drawn_shuffle(layer_of(3, 2, {2, 2, 2}, 1));
  EXPECT_EQ(lines()[0], "out[c, z, y, x] = in[c·r³ + (z mod r)·r² + (y mod r)·r + (x mod r), ⌊z/r⌋, ⌊y/r⌋, ⌊x/r⌋]");
  one = drawn_shuffle(layer_of(1, 3, {1, 1, 5}, 1));
  EXPECT_EQ(lines()[0], "out[c, x] = in[c·r + (x mod r), ⌊x/r⌋]");
}

TEST(PixelShuffleView, SaysWhatTheThreeWaysCost) {
  LayerSpec layer = layer_of(2, 2, {1, 10, 10}, 64);
  layer.in_channels = 64;
  for (AxisSpec& axis : layer.spatial()) axis.kernel = 4;
  Drawn one = drawn_shuffle(layer);
  const std::string words = all_words(one.figure());
  for (const char* part : {"64 → 64 channels, ×2", "65,536 weights", "36,864 weights", "147,456 weights",
                           "14,745,600 multiplications", "6,553,600 multiplications"}) {
    EXPECT_NE(words.find(part), std::string::npos) << part << "\n" << words;
  }
}

TEST(PixelShuffleView, FiltersStartUnevenOrEqual) {
  Drawn one = drawn_shuffle(layer_of(2, 2, {1, 3, 4}, 1));
  EXPECT_NE(all_words(one.figure()).find("comes out with a pattern"), std::string::npos);
  one.interaction.set_option("pixel-shuffle/start=icnr");
  EXPECT_NE(all_words(one.figure()).find("stays flat"), std::string::npos);
}

TEST(PixelShuffleView, FactorsAreOfferedAsLegalLayers) {
  LayerSpec layer = layer_of(2, 4, {1, 2, 2}, 1);
  for (AxisSpec& axis : layer.spatial()) {
    axis.output_padding = 3;
    axis.padding_begin = axis.padding_end = 1;
  }
  ASSERT_TRUE(validate(layer).empty());
  std::set<int64_t> strides;
  for (const Shape2D& shape : drawn_shuffle(layer).figure().shapes) {
    const auto* choice = std::get_if<ChooseLayer>(&shape.tag);
    if (choice == nullptr) continue;
    EXPECT_TRUE(validate(choice->layer).empty());
    strides.insert(choice->layer.axes[0].stride);
  }
  EXPECT_EQ(strides, (std::set<int64_t>{2, 3}));  // 4 it is
}

TEST(PixelShuffleView, LargeMapsAreImagesThatTheCursorFollows) {
  Drawn one = drawn_shuffle(layer_of(2, 2, {1, 200, 300}, 1));
  one.interaction.hover = ShuffleCell{true, {0, {0, 101, 40}}};
  const Figure figure = one.figure();
  ASSERT_EQ(figure.grids.size(), 5U);  // four channels and the large map
  EXPECT_TRUE(boxes_of<ShuffleCell>(figure).empty());
  const ShuffleScene scene(one.input());
  const ShufflePlace small{2, {0, 50, 20}};
  EXPECT_EQ(scene.small_focus(), small);
  EXPECT_TRUE(lit(figure).contains(name_of({false, small})));
  EXPECT_EQ(lit(figure).size(), 5U);
  for (const CellGrid& grid : figure.grids) {
    const auto tag = tag_at(figure, grid.place(3, 5, 3, 5).centre());
    ASSERT_TRUE(std::holds_alternative<ShuffleCell>(tag));
    EXPECT_EQ(std::get<ShuffleCell>(tag).large, grid.rows == 400);
  }
  // The number is the same on both sides.
  EXPECT_EQ(pixel_shuffle(scene.small_values(), 2), scene.large_values());
  EXPECT_EQ(scene.value_text(small), number_text(static_cast<double>(scene.large_values()[101 * 600 + 40])));
}

TEST(PixelShuffleView, HugeNumbersAreCutAndSaidSo) {
  for (const LayerSpec& layer :
       {layer_of(1, 1 << 20, {1, 1, 5}, 1), layer_of(2, 300, {1, 3, 3}, 1), layer_of(3, 40, {2, 2, 2}, 2),
        layer_of(2, 2, {1, 700, 1500}, 1), layer_of(1, 3, {1, 1, 1'000'003}, 1), layer_of(2, 4, {1, 64, 1}, 1)}) {
    Drawn one = drawn_shuffle(layer);
    if (!one.results.ready()) continue;
    const Figure figure = one.figure();
    EXPECT_LT(figure.shapes.size(), 30'000U);
    EXPECT_TRUE(violations(figure, metrics()).empty()) << violations(figure, metrics())[0].what;
  }
}

TEST(PixelShuffleView, ACellThatIsNotThereIsNoCursor) {
  Drawn one = drawn_shuffle(layer_of(2, 2, {1, 3, 4}, 1));
  const ShufflePlace usual = ShuffleScene(one.input()).focus();
  for (const ShufflePlace& place : {ShufflePlace{4, {}}, ShufflePlace{0, {0, 6, 0}}, ShufflePlace{-1, {0, 0, -1}}}) {
    for (const bool large : {true, false}) {
      one.interaction.hover = ShuffleCell{large, place};
      EXPECT_EQ(ShuffleScene(one.input()).focus(), usual);
    }
  }
}

TEST(PixelShuffleView, EveryChoiceKeepsTheRules) {
  ViolationReport report;
  int turn = 0;
  for (const LayerSpec& layer :
       {layer_of(2, 2, {1, 3, 4}, 3), layer_of(3, 3, {2, 2, 3}, 12), layer_of(1, 4, {1, 1, 7}, 2),
        layer_of(2, 4, {1, 16, 16}, 100), layer_of(2, 2, {1, 200, 100}, 1), layer_of(2, 8, {1, 1, 1}, 1)}) {
    Drawn one = drawn_shuffle(layer);
    for (const char* order : {"crd", "dcr"}) {
      for (const char* direction : {"shuffle", "unshuffle"}) {
        for (const char* start : {"random", "icnr"}) {
          one.interaction.choices = {{std::string(shuffle_order_choice), order},
                                     {std::string(shuffle_direction_choice), direction},
                                     {std::string(shuffle_start_choice), start}};
          for (const Size size : {Size{400, 530}, Size{730, 745}, Size{1030, 830}}) {
            for (const Theme* theme : {&dark_theme(), &light_theme()}) {
              if (++turn % every_nth != 0) continue;
              report.add(std::string(order) + " " + direction + " " + start + " " + std::to_string(size.w) + " " +
                             std::to_string(layer.dims) + "D",
                         violations(one.figure(size, *theme), metrics()));
            }
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace tconv::test
