#include "core/scenario.h"

#include <gtest/gtest.h>

#include "core/scatter_add.h"

namespace tconv {
namespace {

TEST(Scenario, TheExampleIsTheTextbooks) {
  const Scenario scenario = example_scenario();
  EXPECT_TRUE(validate(scenario).empty());
  EXPECT_EQ(input_of(scenario), Tensor(Shape{1, 1, 2, 2}, {1, 2, 3, 4}));
  EXPECT_EQ(weight_of(scenario), Tensor(Shape{1, 1, 3, 3}, {1, 0, 1, 0, 1, 0, 1, 0, 1}));
  EXPECT_TRUE(bias_of(scenario).empty());
  EXPECT_EQ(scatter_add(scenario.layer, input_of(scenario), weight_of(scenario)),
            Tensor(Shape{1, 1, 4, 4}, {1, 2, 1, 2, 3, 5, 5, 4, 1, 5, 5, 2, 3, 4, 3, 4}));
}

TEST(Scenario, ArraysHaveTheLayersShapes) {
  Scenario scenario = example_scenario();
  scenario.layer.dims = 3;
  scenario.layer.axes = {AxisSpec{.input = 2, .kernel = 1}, AxisSpec{.input = 3, .kernel = 2},
                         AxisSpec{.input = 4, .kernel = 3}};
  scenario.layer.batch = 2;
  scenario.layer.in_channels = 4;
  scenario.layer.out_channels = 6;
  scenario.layer.groups = 2;
  scenario.layer.bias = true;
  EXPECT_EQ(input_of(scenario).shape(), (Shape{2, 4, 2, 3, 4}));
  EXPECT_EQ(weight_of(scenario).shape(), (Shape{4, 3, 1, 2, 3}));
  EXPECT_EQ(bias_of(scenario).shape(), Shape{6});
}

TEST(Scenario, BilinearKernelsFollowEachAxisStride) {
  Scenario scenario;
  scenario.layer.axes = {AxisSpec{.input = 2, .kernel = 4, .stride = 2}, AxisSpec{.input = 2, .kernel = 2, .stride = 1},
                         AxisSpec{}};
  scenario.kernel.id = "bilinear";
  const Tensor kernel = weight_of(scenario);
  EXPECT_EQ(kernel[0 * 2], 0.25F * 0.5F);
  EXPECT_EQ(kernel[1 * 2], 0.75F * 0.5F);
}

TEST(Scenario, OwnBiasIsOneNumberPerChannel) {
  Scenario scenario = example_scenario();
  scenario.layer.out_channels = 3;
  scenario.bias = custom_pattern(Tensor(Shape{1, 1, 3}, {7, 8, 9}));
  EXPECT_TRUE(bias_of(scenario).empty()) << "as long as the layer has no bias";
  scenario.layer.bias = true;
  EXPECT_EQ(bias_of(scenario), Tensor(Shape{3}, {7, 8, 9}));
}

TEST(Scenario, RefusesUnknownPatterns) {
  for (const char* field : {"input", "kernel", "bias"}) {
    Scenario scenario = example_scenario();
    scenario.layer.bias = true;
    (field == std::string("input")    ? scenario.input
     : field == std::string("kernel") ? scenario.kernel
                                      : scenario.bias)
        .id = "plaid";
    const auto problems = validate(scenario);
    ASSERT_EQ(problems.size(), 1U) << field;
    EXPECT_EQ(problems[0].field, field);
    EXPECT_EQ(problems[0].found, "plaid");
  }
}

TEST(Scenario, IgnoresTheBiasOfALayerWithout) {
  Scenario scenario = example_scenario();
  scenario.bias.id = "plaid";
  EXPECT_TRUE(validate(scenario).empty());
}

TEST(Scenario, RefusesOwnValuesOfAnotherRank) {
  Scenario scenario = example_scenario();
  scenario.kernel = custom_pattern(Tensor(Shape{3, 3}, std::vector<float>(9)));
  const auto problems = validate(scenario);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].field, "kernel");
  EXPECT_EQ(problems[0].found, "shape 3 × 3");
  scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 5, 5}, std::vector<float>(25)));
  EXPECT_TRUE(validate(scenario).empty()) << "other extents are cropped or continued";
}

TEST(Scenario, ReportsTheLayersProblemsToo) {
  Scenario scenario = example_scenario();
  scenario.layer.axes[0].stride = 0;
  scenario.input.id = "plaid";
  EXPECT_EQ(validate(scenario).size(), 2U);
}

TEST(Scenario, IsAValue) {
  EXPECT_EQ(example_scenario(), example_scenario());
  Scenario other = example_scenario();
  other.traversal = Traversal::column_major;
  EXPECT_NE(other, example_scenario());
}

}  // namespace
}  // namespace tconv
