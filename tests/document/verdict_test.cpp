#include "document/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/coverage.h"
#include "support/random_layers.h"
#include "support/words.h"

namespace tconv {
namespace {

using test::contains;

Scenario example_with(const AxisSpec& axis, int dims = 2) {
  Scenario scenario = example_scenario();
  scenario.layer.dims = dims;
  scenario.layer.axes.fill(axis);
  return scenario;
}

Verdict verdict_on(const Scenario& scenario) { return verdict_of(scenario, validate(scenario)); }

AxisSpec axis_of(std::int64_t kernel, std::int64_t stride, std::int64_t padding = 0, std::int64_t output_padding = 0,
                 std::int64_t dilation = 1) {
  return {16, kernel, stride, padding, padding, output_padding, dilation};
}

TEST(Verdict, StrideOneIsEven) {
  const Verdict verdict = verdict_on(example_with(axis_of(3, 1)));
  EXPECT_EQ(verdict.kind, VerdictKind::even);
  EXPECT_EQ(verdict.mark, "✓");
  EXPECT_EQ(verdict.title, "Even coverage");
  EXPECT_TRUE(contains(verdict.text, "hit 9 times")) << verdict.text;
  EXPECT_TRUE(contains(verdict.text, "only the border is hit less")) << verdict.text;
  EXPECT_TRUE(contains(verdict.text, "Stride 2 would break this")) << verdict.text;
  EXPECT_FALSE(verdict.cure);
}

TEST(Verdict, StrideTwoWouldNotBreakAnEvenKernel) {
  EXPECT_FALSE(contains(verdict_on(example_with(axis_of(4, 1))).text, "Stride 2")) << "2 divides 4";
  EXPECT_FALSE(contains(verdict_on(example_with(axis_of(3, 3))).text, "Stride 2")) << "the stride is not 1";
}

TEST(Verdict, TheOpeningExampleSaysWhatItsPictureShows) {
  // No cell of its 4 × 4 output is hit more than four times.
  const Verdict verdict = verdict_on(example_scenario());
  EXPECT_EQ(verdict.kind, VerdictKind::even);
  EXPECT_FALSE(contains(verdict.text, "Every interior cell is hit 9 times")) << verdict.text;
}

TEST(Verdict, AStrideThatDividesTheKernelIsEven) {
  const Verdict verdict = verdict_on(example_with(axis_of(4, 2, 1)));
  EXPECT_EQ(verdict.kind, VerdictKind::even);
  EXPECT_EQ(verdict.reason, "S divides K");
  EXPECT_TRUE(contains(verdict.text, "hit 4 times")) << verdict.text;
}

TEST(Verdict, StampsThatTouchAreHitOnce) {
  const Verdict verdict = verdict_on(example_with(axis_of(2, 2)));
  EXPECT_EQ(verdict.kind, VerdictKind::even);
  EXPECT_TRUE(contains(verdict.text, "hit once")) << verdict.text;
  EXPECT_TRUE(contains(verdict.text, "touch and never overlap")) << verdict.text;
}

TEST(Verdict, ThreesByTwoAreACheckerboard) {
  const Verdict verdict = verdict_on(example_with(axis_of(3, 2, 1, 1)));
  EXPECT_EQ(verdict.kind, VerdictKind::uneven);
  EXPECT_EQ(verdict.mark, "✗");
  EXPECT_EQ(verdict.title, "Checkerboard");
  EXPECT_EQ(verdict.reason, "S does not divide K");
  EXPECT_TRUE(contains(verdict.text, "1, 2 and 4 times")) << verdict.text;
  ASSERT_TRUE(verdict.cure);
  EXPECT_EQ(verdict.cure_label, "Make it K4 S2 P1");
  EXPECT_TRUE(is_even(*verdict.cure));
}

TEST(Verdict, AKernelSmallerThanTheStrideLeavesGaps) {
  const Verdict verdict = verdict_on(example_with(axis_of(2, 3), 1));
  EXPECT_EQ(verdict.kind, VerdictKind::gaps);
  EXPECT_EQ(verdict.title, "Gaps");
  EXPECT_EQ(verdict.reason, "K is smaller than S");
  EXPECT_TRUE(contains(verdict.text, "0 and 1")) << verdict.text;
  ASSERT_TRUE(verdict.cure);
}

TEST(Verdict, DilationCanSkipHalfTheOutput) {
  const Verdict verdict = verdict_on(example_with(axis_of(4, 2, 0, 0, 2), 1));
  EXPECT_EQ(verdict.kind, VerdictKind::gaps);
  EXPECT_EQ(verdict.reason, "S and D share a factor");
  EXPECT_TRUE(contains(verdict.text, "0 and 4")) << verdict.text;
}

TEST(Verdict, AnIllegalLayerIsNamedWithItsMend) {
  const Scenario scenario = example_with(axis_of(3, 2, 0, 2), 1);
  const Verdict verdict = verdict_on(scenario);
  EXPECT_EQ(verdict.kind, VerdictKind::illegal);
  EXPECT_EQ(verdict.mark, "!");
  EXPECT_EQ(verdict.reason, "output padding");
  EXPECT_TRUE(contains(verdict.text, "must be less than max(stride, dilation) = 2")) << verdict.text;
  EXPECT_TRUE(contains(verdict.text, "found 2")) << verdict.text;
  ASSERT_TRUE(verdict.cure);
  EXPECT_EQ(verdict.cure->axes[0].output_padding, 1);
  EXPECT_TRUE(contains(verdict.cure_label, "to 1")) << verdict.cure_label;
}

TEST(Verdict, AProblemWithoutAMendHasNoCure) {
  Scenario scenario = example_scenario();
  scenario.kernel.id = "plaid";
  const Verdict verdict = verdict_on(scenario);
  EXPECT_EQ(verdict.kind, VerdictKind::illegal);
  EXPECT_FALSE(verdict.cure);
  EXPECT_TRUE(verdict.cure_label.empty());
}

TEST(VerdictProperty, TheKindIsWhatTheCountsSay) {
  test::RandomLayers random;
  for (int i = 0; i < 300; ++i) {
    Scenario scenario = example_scenario();
    scenario.layer = random.layer();
    // Long enough for an interior: every phase is reached by as many stamps as anywhere.
    for (AxisSpec& axis : scenario.layer.spatial()) axis.input = 40;
    SCOPED_TRACE(random.trace(scenario.layer));
    bool gaps = false;
    bool even = true;
    for (const AxisSpec& axis : scenario.layer.spatial()) {
      AxisSpec uncropped = axis;
      uncropped.padding_begin = uncropped.padding_end = uncropped.output_padding = 0;
      const auto counts = axis_coverage(uncropped);
      const auto middle = counts.begin() + stamp_extent(axis);
      const auto [least, most] = std::ranges::minmax_element(middle, middle + axis.stride);
      gaps = gaps || *least == 0;
      even = even && *least == *most;
    }
    const Verdict verdict = verdict_on(scenario);
    EXPECT_EQ(verdict.kind, even ? VerdictKind::even : gaps ? VerdictKind::gaps : VerdictKind::uneven);
  }
}

TEST(EvenCure, KeepsTheSizeAndIsEven) {
  test::RandomLayers random;
  int cures = 0;
  int uneven = 0;
  for (int i = 0; i < 600; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    const auto cure = even_cure(layer);
    if (is_even(layer)) {
      EXPECT_FALSE(cure) << "nothing has to change";
      continue;
    }
    ++uneven;
    if (!cure) continue;
    ++cures;
    SCOPED_TRACE(test::layer_text(*cure));
    EXPECT_TRUE(is_even(*cure));
    EXPECT_TRUE(validate(*cure).empty());
    EXPECT_EQ(output_shape(*cure), output_shape(layer));
    EXPECT_EQ(input_shape(*cure), input_shape(layer));
    for (std::size_t a = 0; a < layer.spatial().size(); ++a) {
      EXPECT_EQ(cure->axes[a].stride, layer.axes[a].stride);
      EXPECT_GE(cure->axes[a].kernel, layer.axes[a].kernel);
      EXPECT_LT(cure->axes[a].kernel, layer.axes[a].kernel + layer.axes[a].stride);
      if (is_even(layer.axes[a])) {
        EXPECT_EQ(cure->axes[a], layer.axes[a]);
      }
    }
  }
  EXPECT_GT(cures * 2, uneven) << "most layers have a cure";
}

TEST(ShortName, LeavesOutTheUsual) {
  EXPECT_EQ(short_name(example_with(axis_of(3, 1)).layer), "K3 S1");
  EXPECT_EQ(short_name(example_with(axis_of(3, 2, 1, 1)).layer), "K3 S2 P1 OP1");
  EXPECT_EQ(short_name(example_with(axis_of(3, 2, 0, 0, 2)).layer), "K3 S2 D2");
  LayerSpec layer = example_with(axis_of(3, 2, 1)).layer;
  layer.axes[1].kernel = 5;
  EXPECT_EQ(short_name(layer), "K3×5 S2 P1");
  layer.axes[1].padding_begin = 0;
  EXPECT_EQ(short_name(layer), "K3×5 S2 P1×0…1");
}

TEST(Describe, TheExample) {
  const Scenario scenario = example_scenario();
  const std::string text = describe(scenario, validate(scenario));
  EXPECT_TRUE(text.starts_with("ConvTranspose2d K3 S1, 1 → 1 channels, no bias.\n")) << text;
  EXPECT_TRUE(contains(text, "Input 2 × 2 (counting) becomes output 4 × 4; the kernel is \"corners\", 9 weights.\n"))
      << text;
  EXPECT_TRUE(contains(text, "Each axis: 1 - 0 + 2 + 0 + 1 = 4.")) << text;
  EXPECT_FALSE(contains(text, "Axis 0: ")) << "both axes are alike\n" << text;
  EXPECT_TRUE(contains(text, "Even coverage")) << text;
  EXPECT_TRUE(text.ends_with("\n"));
}

TEST(Describe, ALayerWithEverything) {
  Scenario scenario = example_with({4, 3, 2, 1, 1, 1, 1}, 3);
  scenario.layer.in_channels = 4;
  scenario.layer.out_channels = 2;
  scenario.layer.groups = 2;
  scenario.layer.batch = 5;
  scenario.layer.bias = true;
  const std::string text = describe(scenario, validate(scenario));
  EXPECT_TRUE(text.starts_with("ConvTranspose3d K3 S2 P1 OP1, 4 → 2 channels in 2 groups, with bias, batch 5.\n"))
      << text;
  EXPECT_TRUE(contains(text, "Input 4 × 4 × 4")) << text;
  EXPECT_TRUE(contains(text, "output 8 × 8 × 8")) << text;
  EXPECT_TRUE(contains(text, "108 weights")) << text;
  EXPECT_TRUE(contains(text, "Each axis: 6 - 2 + 2 + 1 + 1 = 8.")) << text;
  EXPECT_TRUE(contains(text, "Checkerboard (S does not divide K)")) << text;
  EXPECT_TRUE(contains(text, "Make it K4 S2 P1 for an even 8 × 8 × 8.")) << text;
}

TEST(Describe, AnIllegalLayerListsAllItsProblems) {
  Scenario scenario = example_scenario();
  scenario.layer.axes[0].stride = 0;
  scenario.layer.axes[1].kernel = 0;
  const std::string text = describe(scenario, validate(scenario));
  EXPECT_TRUE(contains(text, "It is not legal:\n")) << text;
  EXPECT_TRUE(contains(text, "  stride (axis 0): must be at least 1, found 0; nearest legal value: 1\n")) << text;
  EXPECT_TRUE(contains(text, "  kernel (axis 1): must be at least 1, found 0; nearest legal value: 1\n")) << text;
}

}  // namespace
}  // namespace tconv
