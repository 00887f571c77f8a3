#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "core/gradients.h"
#include "core/scatter_add.h"
#include "document/scenario_source.h"

namespace tconv {
namespace {

using Values = std::vector<float>;

Values values_of(const Tensor& array) { return {array.values().begin(), array.values().end()}; }

Tensor painted(const Scenario& scenario) {
  return scatter_add(scenario.layer, input_of(scenario), weight_of(scenario), bias_of(scenario));
}

Values output_of(std::string_view id) { return values_of(painted(load_document(id).scenario)); }

TEST(BuiltInScenarios, GiveTheNumbersOfTheChapter) {
  EXPECT_EQ(output_of("chapter-2x2"), (Values{1, 2, 1, 2, 3, 5, 5, 4, 1, 5, 5, 2, 3, 4, 3, 4}));
  EXPECT_EQ(output_of("stride-2-centre-10")[12], 10);
  EXPECT_EQ(output_of("stride-3-no-overlap"), (Values{1, 0, 1, 2, 0, 2, 0, 1, 0, 0, 2, 0, 1, 0, 1, 2, 0, 2,  //
                                                      3, 0, 3, 4, 0, 4, 0, 3, 0, 0, 4, 0, 3, 0, 3, 4, 0, 4}));
  EXPECT_EQ(output_of("ones-3x3"), (Values{1, 3, 3, 2, 4, 10, 10, 6, 4, 10, 10, 6, 3, 7, 7, 4}));
  const Values counted = output_of("kernel-1-to-9");
  EXPECT_EQ(Values(counted.begin(), counted.begin() + 4), (Values{1, 4, 7, 6}));
  EXPECT_EQ(output_of("input-is-kernel"), (Values{0, 0, 1, 0, 4, 6, 4, 12, 9}));
  EXPECT_EQ(output_of("phases-1d"), (Values{1, 2, 3, 4, -1, -2, -1, 0, 6, 8}));
  EXPECT_EQ(output_of("matrix-mean-2x2")[0], 0.875F);
  // x times C = [w1 w2 0 0 0; 0 w0 w1 w2 0; 0 0 0 w0 w1] with x = w = 1, 2, 3
  EXPECT_EQ(output_of("matrix-1d-n5"), (Values{2, 3 + 2, 4, 6 + 3, 6}));
}

TEST(BuiltInScenarios, GiveTheGradientsOfTheChapter) {
  const Scenario scenario = load_document("gradients-1d").scenario;
  EXPECT_EQ(values_of(painted(scenario)), (Values{1, -1, 4, -2, 7, -3, 6}));
  const auto found =
      gradients(scenario.layer, input_of(scenario), weight_of(scenario), grad_output_of(scenario), [] { return true; });
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(values_of(found->input), (Values{5, 9, 4}));
  EXPECT_EQ(values_of(found->weight), (Values{14, 1, 11}));
}

TEST(BuiltInScenarios, HaveTheSizesOfTheNetworksTheyAreNamedAfter) {
  const auto sizes = [](std::string_view id) {
    const AxisSpec axis = load_document(id).scenario.layer.spatial().front();
    return std::pair(axis.input, output_size(axis));
  };
  using Sizes = std::pair<std::int64_t, std::int64_t>;
  EXPECT_EQ(sizes("dcgan-k4-s2"), Sizes(4, 8));
  EXPECT_EQ(sizes("dcgan-k5-s2"), Sizes(4, 8));
  EXPECT_EQ(sizes("dcgan-channels"), Sizes(4, 8));
  EXPECT_EQ(sizes("deconvnet-7x7"), Sizes(1, 7));
  EXPECT_EQ(sizes("unet-up"), Sizes(4, 8));
  EXPECT_EQ(sizes("fcn-bilinear-x2"), Sizes(4, 8));
  EXPECT_EQ(sizes("fcn-bilinear-x8"), Sizes(4, 32));
}

TEST(BuiltInScenarios, AreSmallEnoughToOpenAtOnce) {
  for (const BuiltInScenario& scenario : built_in_scenarios()) {
    EXPECT_LE(output_shape(load_document(scenario.id).scenario.layer).elements(), 4096) << scenario.id;
  }
}

}  // namespace
}  // namespace tconv
