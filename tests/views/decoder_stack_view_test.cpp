// The numbers of the decoder stack view are the core's, and its chips and rows do what they say.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "document/stack_file.h"
#include "document/stack_text.h"
#include "figure_cells.h"
#include "views/stack_scene.h"
#include "views/stack_table.h"

namespace tconv::test {
namespace {

using std::int64_t;

constexpr Size decoder_room{1030, 696};

Interaction decoder_choices(const std::vector<std::string>& options) {
  Interaction interaction;
  for (const std::string& option : options) interaction.set_option("decoder-stack/" + option);
  return interaction;
}

Figure decoder_page(const Document& document, const std::vector<std::string>& options = {}) {
  return draw(find_view("decoder-stack")->draw, document, decoder_choices(options), decoder_room);
}

Document k3_s2() { return layer_document({.input = 8, .kernel = 3, .stride = 2}); }

TEST(DecoderStackView, StandsBeforeGradients) {
  std::vector<std::string_view> group;
  for (const View& view : all_views()) {
    if (view.group == find_view("decoder-stack")->group) group.push_back(view.id);
  }
  ASSERT_GE(group.size(), 2U);
  EXPECT_EQ(group.front(), "decoder-stack");
  EXPECT_EQ(group.back(), "gradients");
}

TEST(DecoderStackView, UnevennessGrowsWithTheDepth) {
  const std::array<std::pair<const char*, const char*>, 3> expected{
      {{"the busiest cell gets 4 times", "✗ 4 : 1"}, {"gets 9 times", "✗ 9 : 1"}, {"gets 25 times", "✗ 25 : 1"}}};
  for (int depth = 1; depth <= 3; ++depth) {
    const Figure figure = decoder_page(k3_s2(), {"depth=" + std::to_string(depth)});
    const auto& [sentence, ratio] = expected[static_cast<std::size_t>(depth - 1)];
    EXPECT_TRUE(says(figure, sentence)) << depth;
    EXPECT_TRUE(says(figure, ratio)) << depth;
    EXPECT_EQ(says(figure, "35 → 71"), depth == 3);
  }
  EXPECT_TRUE(says(decoder_page(k3_s2()), "1, 2, 3, 4, 5"));
  EXPECT_TRUE(
      says(decoder_page(layer_document({.input = 4, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1})),
           "✓ After 3 layers equally many paths lead to every cell"));
}

TEST(DecoderStackView, AConvolutionThatEvensIsOffered) {
  const Figure before = decoder_page(k3_s2(), {"depth=1"});
  EXPECT_TRUE(says(before, "conv K2 ✓"));
  EXPECT_TRUE(says(before, "repeats every 2 cells"));
  const Figure after = decoder_page(k3_s2(), {"depth=1", "then=2"});
  EXPECT_TRUE(says(after, "✓ After 2 layers equally many paths"));
  EXPECT_TRUE(says(after, "conv K2 P0…1"));
  EXPECT_TRUE(says(decoder_page(k3_s2(), {"depth=3"}), "conv K8 ✓"));
  EXPECT_TRUE(says(decoder_page(k3_s2(), {"depth=3", "then=8"}), "✓ After 4 layers"));
}

TEST(DecoderStackView, DriftIsWrittenOut) {
  const Document document =
      layer_document({.input = 8, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1});
  const Figure figure = decoder_page(document);
  for (const char* drift : {"−0.5", "−1.5", "−3.5"}) EXPECT_TRUE(says(figure, drift));
  EXPECT_TRUE(says(figure, "lies 3.5 cells before the place"));
}

/// Every number of every preset's rows, as the core has them.
TEST(DecoderStackView, PresetsShowTheirNumbers) {
  for (const BuiltInStack& stack : built_in_stacks()) {
    SCOPED_TRACE(stack.id);
    const Figure figure = decoder_page({}, {"preset=" + stack.id});
    const StackReport report = report_on(built_in_stack(stack.id).stack);
    for (const StackDepth& depth : report.depths) {
      EXPECT_TRUE(says(figure, sizes_text(depth)));
      EXPECT_TRUE(says(figure, short_count(depth.parameters)));
      EXPECT_TRUE(says(figure, short_count(depth.macs)));
      EXPECT_TRUE(says(figure, channels_text(depth.layer)));
      EXPECT_TRUE(says(figure, counts_text(depth)));
    }
    EXPECT_TRUE(says(figure, grouped(report.parameters)));
    EXPECT_TRUE(says(figure, grouped(report.macs)));
  }
}

TEST(DecoderStackView, ChipsChooseWhatTheyName) {
  std::set<std::string> presets;
  std::set<std::string> depths;
  for (const TaggedBox& box : boxes_of<ViewChoice>(decoder_page(k3_s2()))) {
    const auto& tag = std::get<ViewChoice>(box.tag);
    if (tag.name == "decoder-stack/preset") presets.insert(tag.value);
    if (tag.name == "decoder-stack/depth") depths.insert(tag.value);
  }
  EXPECT_EQ(presets.size(), built_in_stacks().size() + 1);
  EXPECT_EQ(depths, (std::set<std::string>{"1", "2", "3", "4", "5"}));
  // What nobody offered is as if nothing was chosen.
  const std::string usual = dump(decoder_page(k3_s2()));
  for (const char* odd : {"depth=0", "depth=6", "depth=3x", "depth=", "then=1", "then=-2", "then=99", "preset=none",
                          "axis=2", "axis=99999999999999999999"}) {
    EXPECT_EQ(dump(decoder_page(k3_s2(), {odd})), usual) << odd;
  }
}

TEST(DecoderStackView, ARowChoosesItsLayer) {
  const Figure figure = decoder_page(k3_s2(), {"preset=dcgan-4x4"});
  const auto rows = boxes_of<ChooseLayer>(figure);
  ASSERT_EQ(rows.size(), 5U);
  const auto& choice = std::get<ChooseLayer>(rows[2].tag);
  EXPECT_EQ(choice.label, "Layer K4 S2 P1");
  EXPECT_EQ(choice.layer.axes[0].input, 8);
  EXPECT_EQ(choice.layer.axes[1].kernel, 4);
  EXPECT_EQ(choice.layer.in_channels, 1);
  const auto words = words_inside(figure, rows[2].rect);
  EXPECT_NE(std::ranges::find(words, "8 → 16"), words.end());
  for (const BuiltInStack& stack : built_in_stacks()) {
    for (const TaggedBox& box : boxes_of<ChooseLayer>(decoder_page(k3_s2(), {"preset=" + stack.id}))) {
      const LayerSpec& layer = std::get<ChooseLayer>(box.tag).layer;
      EXPECT_TRUE(validate(layer).empty()) << stack.id;
      EXPECT_LE(output_shape(layer).elements(), 1 << 16) << stack.id;
    }
  }
  EXPECT_FALSE(layer_to_show(size_keeping_convolution(2, 1, 3)).has_value());
}

TEST(DecoderStackView, SaysWhereAStackEnds) {
  const Figure figure = decoder_page(layer_document({.input = 16, .kernel = 1, .stride = 1024}, 1), {"depth=3"});
  EXPECT_TRUE(says(figure, "The stack ends here. layer 3, output: may have at most"));
  EXPECT_TRUE(says(figure, "16 → 15361"));
  Document illegal = layer_document({.input = 2, .kernel = 3, .stride = 0});
  EXPECT_TRUE(says(decoder_page(illegal), "must be at least 1"));
  EXPECT_TRUE(says(decoder_page(illegal, {"preset=fcn-8s"}), "28 → 224"));
}

TEST(DecoderStackView, AxesThatDifferAreChosen) {
  Document document = k3_s2();
  document.scenario.layer.axes[0] = {.input = 3, .kernel = 2, .stride = 3};
  EXPECT_TRUE(says(decoder_page(document), "Paths along the width"));
  EXPECT_TRUE(says(decoder_page(document, {"axis=0"}), "Paths along the height"));
  EXPECT_TRUE(says(decoder_page(document, {"depth=1"}), "repeats every 3 × 2 cells"));
}

/// The curve of a depth has one bar for each run of equal counts, at the heights of the profile.
TEST(DecoderStackView, CurvesAreTheProfiles) {
  const Document document = k3_s2();
  const StackReport report = report_on(repeated(document.scenario.layer, 3));
  const Figure figure = decoder_page(document);
  std::vector<std::vector<double>> heights;
  for (const Shape2D& shape : figure.shapes) {
    const auto* line = std::get_if<LineShape>(&shape.what);
    if (line == nullptr || line->color != dark_theme().output) continue;
    std::vector<double>& curve = heights.emplace_back();
    for (const Point point : line->points) {
      if (curve.empty() || curve.back() != point.y) curve.push_back(point.y);
    }
  }
  ASSERT_EQ(heights.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<int64_t> runs;
    for (const int64_t count : report.depths[i].axes[1].profile) {
      if (runs.empty() || runs.back() != count) runs.push_back(count);
    }
    ASSERT_EQ(heights[i].size(), runs.size());
    for (std::size_t k = 1; k < runs.size(); ++k) {
      EXPECT_EQ(heights[i][k]<heights[i][k - 1], runs[k]> runs[k - 1]) << i << " " << k;
    }
  }
}

/// Presets, depths and convolutions in every room: the rules that other tests hold the usual picture to.
TEST(DecoderStackView, EveryChoiceKeepsTheRules) {
  ViolationReport report;
  std::vector<std::vector<std::string>> all;
  for (const BuiltInStack& stack : built_in_stacks()) all.push_back({"preset=" + stack.id});
  for (const char* depth : {"1", "2", "4", "5"}) {
    all.push_back({std::string("depth=") + depth, "then=3"});
    all.push_back({std::string("depth=") + depth, "then=2", "axis=0"});
  }
  const auto list = documents();
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto& options = all[i % all.size()];
    for (const double width : {300.0, 430.0, 614.0, 730.0, 1030.0}) {
      const Theme& theme = i % 2 == 0 ? dark_theme() : light_theme();
      const Figure figure =
          draw(find_view("decoder-stack")->draw, list[i].document, decoder_choices(options), {width, 600}, theme);
      report.add(list[i].name + " " + options[0] + " " + std::to_string(width), violations(figure, metrics()));
    }
  }
}

}  // namespace
}  // namespace tconv::test
