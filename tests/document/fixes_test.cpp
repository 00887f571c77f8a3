#include "document/fixes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/coverage.h"
#include "core/scatter_add.h"
#include "document/answers.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

Scenario kernel_scenario(const AxisSpec& axis, const std::string& kernel) {
  Scenario scenario;
  scenario.layer.axes[0] = scenario.layer.axes[1] = axis;
  scenario.kernel.id = kernel;
  return scenario;
}

Answers answers(const Scenario& scenario) {
  const Tensor weight = weight_of(scenario);
  return answers_of(scenario.layer, weight_evenness(scenario.layer, weight), flat_evenness(scenario.layer, weight));
}

const Fix* fix_named(const std::vector<Fix>& fixes, const std::string& id) {
  const auto found = std::ranges::find(fixes, id, &Fix::id);
  return found == fixes.end() ? nullptr : &*found;
}

TEST(Fixes, OfThreesByTwo) {
  const Scenario scenario = kernel_scenario({.input = 8, .kernel = 3, .stride = 2}, "ones");
  const auto fixes = fixes_of(scenario, weight_of(scenario));
  ASSERT_EQ(fixes.size(), 5U);
  EXPECT_NEAR(fixes[0].flat.worst.ripple, 3 / 2.25, 1e-12);
  EXPECT_EQ(fixes[0].scenario, scenario);
  EXPECT_EQ(fixes[0].cost.parameters, 9);
  for (std::size_t i = 1; i < fixes.size(); ++i) {
    EXPECT_TRUE(fixes[i].flat.worst.even) << fixes[i].id;
    EXPECT_TRUE(validate(fixes[i].scenario).empty()) << fixes[i].id;
  }
  EXPECT_EQ(fix_named(fixes, "multiple")->scenario.layer.axes[0].kernel, 4);
  EXPECT_EQ(fix_named(fixes, "multiple")->cost.parameters, 16);
  EXPECT_EQ(output_size(fix_named(fixes, "multiple")->scenario.layer.axes[0]), 17) << "the size stays";
  EXPECT_EQ(fix_named(fixes, "resize-conv")->cost.parameters, 9);
  EXPECT_EQ(fix_named(fixes, "resize-conv")->cost.multiplications, 9 * 256);
  EXPECT_EQ(fix_named(fixes, "pixel-shuffle")->cost.parameters, 36);
  EXPECT_EQ(fix_named(fixes, "resize-conv")->code,
            "nn.Upsample(scale_factor=2, mode=\"nearest\"),\nnn.Conv2d(1, 1, 3, padding=\"same\", bias=False)");
  EXPECT_NE(fix_named(fixes, "pixel-shuffle")->code.find("nn.PixelShuffle(2)"), std::string::npos);
}

TEST(Fixes, StrideOneNeedsNone) {
  const Scenario scenario = kernel_scenario({.input = 8, .kernel = 3, .stride = 1}, "ones");
  EXPECT_EQ(fixes_of(scenario, weight_of(scenario)).size(), 1U);
}

TEST(FixesProperty, AreLegalAndSayWhatTheirWeightsDo) {
  test::RandomLayers random;
  for (int i = 0; i < 80; ++i) {
    Scenario scenario;
    scenario.layer = random.layer(800);
    scenario.kernel.id = "random";
    SCOPED_TRACE(random.trace(scenario.layer));
    const auto fixes = fixes_of(scenario, weight_of(scenario));
    ASSERT_FALSE(fixes.empty());
    for (const Fix& fix : fixes) {
      ASSERT_TRUE(validate(fix.scenario).empty()) << fix.id;
      const FlatEvenness flat = flat_evenness(fix.scenario.layer, weight_of(fix.scenario));
      EXPECT_DOUBLE_EQ(fix.flat.worst.off_dc, flat.worst.off_dc) << fix.id;
      EXPECT_GT(fix.cost.parameters, 0);
      EXPECT_FALSE(fix.code.empty());
      if (fix.id == "resize-conv" || fix.id == "pixel-shuffle") {
        EXPECT_LT(fix.flat.worst.off_dc, 1e-6) << fix.id;
        EXPECT_EQ(output_size(fix.scenario.layer.axes[0]),
                  scenario.layer.axes[0].input * scenario.layer.axes[0].stride);
      }
    }
  }
}

TEST(Answers, AgreeOnOnes) {
  const Answers uneven = answers(kernel_scenario({.input = 8, .kernel = 3, .stride = 2}, "ones"));
  EXPECT_EQ(uneven.all[0].text, "1, 2, 4 in turn");
  EXPECT_EQ(uneven.all[1].text, "phase sums 4, 2, 2, 1");
  EXPECT_EQ(uneven.all[2].text, "ripple 133 %, 19 % of the energy off DC");
  EXPECT_EQ(uneven.why, "");
  const Answers even = answers(kernel_scenario({.input = 8, .kernel = 4, .stride = 2}, "ones"));
  for (const Answer& answer : even.all) EXPECT_TRUE(answer.good) << answer.question;
  EXPECT_EQ(even.why, "");
}

TEST(Answers, DisagreementIsExplained) {
  const Answers bilinear = answers(kernel_scenario({.input = 8, .kernel = 3, .stride = 2}, "bilinear"));
  EXPECT_FALSE(bilinear.all[0].good);
  EXPECT_TRUE(bilinear.all[1].good);
  EXPECT_TRUE(bilinear.all[2].good);
  EXPECT_NE(bilinear.why.find("compensate"), std::string::npos);

  const Answers learned = answers(kernel_scenario({.input = 8, .kernel = 4, .stride = 2}, "counting"));
  EXPECT_TRUE(learned.all[0].good);
  EXPECT_FALSE(learned.all[1].good);
  EXPECT_NE(learned.why.find("need not have equal sums"), std::string::npos);

  Scenario cancelling;
  cancelling.layer.dims = 1;
  cancelling.layer.axes[0] = {.input = 4, .kernel = 2, .stride = 2};
  cancelling.layer.in_channels = 2;
  cancelling.kernel = custom_pattern(Tensor(Shape{2, 1, 2}, {1, 3, 3, 1}));
  const Answers pairs = answers(cancelling);
  EXPECT_FALSE(pairs.all[1].good);
  EXPECT_NE(pairs.all[1].text.find("worst of 2 uneven pairs: w[0 → 0]"), std::string::npos) << pairs.all[1].text;
  EXPECT_TRUE(pairs.all[2].good);
  EXPECT_NE(pairs.why.find("cancel"), std::string::npos);
}

TEST(PercentText, IsShort) {
  EXPECT_EQ(percent_text(3 / 2.25), "133 %");
  EXPECT_EQ(percent_text(0), "0 %");
  EXPECT_EQ(percent_text(0.0042), "0.42 %");
  EXPECT_EQ(percent_text(INFINITY), "∞");
}

}  // namespace
}  // namespace tconv
