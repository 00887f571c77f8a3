#include "core/layer_spec.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include "document/fields.h"
#include "support/random_layers.h"
#include "support/reference_cases.h"

namespace tconv {
namespace {

LayerSpec one_axis(const AxisSpec& axis) {
  LayerSpec layer;
  layer.dims = 1;
  layer.axes[0] = axis;
  return layer;
}

/// The only problem of a layer; field "none" or "several" otherwise.
Problem only_problem(const LayerSpec& layer) {
  const auto problems = validate(layer);
  if (problems.size() == 1) return problems.front();
  return {.field = problems.empty() ? "none" : "several", .rule = {}, .found = {}, .nearest = {}};
}

void expect_problem(const LayerSpec& layer, std::string_view field, int axis, std::string_view rule,
                    std::string_view found, std::optional<std::int64_t> nearest) {
  SCOPED_TRACE(test::layer_text(layer));
  const Problem problem = only_problem(layer);
  EXPECT_EQ(problem.field, field);
  EXPECT_EQ(problem.axis, axis);
  EXPECT_NE(problem.rule.find(rule), std::string::npos) << problem.rule;
  EXPECT_NE(problem.found.find(found), std::string::npos) << problem.found;
  EXPECT_EQ(problem.nearest, nearest);
}

TEST(Validate, AcceptsTheUsual) {
  EXPECT_TRUE(validate(LayerSpec{}).empty());
  EXPECT_TRUE(validate(one_axis({.input = 2, .kernel = 3})).empty());
}

TEST(Validate, EachNumberHasALeastValue) {
  struct Row {
    const char* field;
    std::int64_t least;
  };
  for (const Row row : {Row{"input", 1}, Row{"kernel", 1}, Row{"stride", 1}, Row{"padding_begin", 0},
                        Row{"padding_end", 0}, Row{"dilation", 1}, Row{"output_padding", 0}}) {
    LayerSpec layer;
    layer.dims = 3;
    layer.axes.fill({.input = 4, .kernel = 3});
    const std::int64_t wrong = row.least - 3;
    layer = with_field(layer, *find_field(row.field), 2, wrong);
    expect_problem(layer, row.field, 2, "at least " + std::to_string(row.least), std::to_string(wrong), row.least);
  }
  for (const char* field : {"batch", "in_channels", "out_channels", "groups"}) {
    expect_problem(with_field(LayerSpec{}, *find_field(field), all_axes, 0), field, -1, "at least 1", "0", 1);
  }
}

TEST(Validate, OutputPaddingIsBelowStrideOrDilation) {
  expect_problem(one_axis({.input = 4, .kernel = 3, .stride = 2, .output_padding = 2}), "output_padding", 0,
                 "max(stride, dilation) = 2", "2", 1);
  expect_problem(one_axis({.input = 4, .kernel = 3, .stride = 2, .output_padding = 9, .dilation = 4}), "output_padding",
                 0, "max(stride, dilation) = 4", "9", 3);
  EXPECT_TRUE(validate(one_axis({.input = 4, .kernel = 3, .stride = 2, .output_padding = 3, .dilation = 4})).empty())
      << "PyTorch takes output padding up to the dilation, although textbooks say stride";
}

TEST(Validate, PaddingMayNotCropEverything) {
  expect_problem(one_axis({.input = 3, .kernel = 3, .padding_begin = 5, .padding_end = 5}), "padding", 0, "at least 1",
                 "-5", 2);
  expect_problem(one_axis({.input = 3, .kernel = 3, .padding_begin = 1, .padding_end = 7}), "padding_end", 0,
                 "at least 1", "1, 7", 3);
  expect_problem(one_axis({.input = 3, .kernel = 3, .padding_begin = 7, .padding_end = 1}), "padding_begin", 0,
                 "at least 1", "7, 1", 3);
}

TEST(Validate, WhenBothPaddingsAloneCropTooMuchTheMendStillHelps) {
  // I = 3, K = 3: five cells. Begin 10 and end 9 each crop all of them, so no value of one of the two mends it.
  const LayerSpec layer = one_axis({.input = 3, .kernel = 3, .padding_begin = 10, .padding_end = 9});
  const auto problems = validate(layer);
  ASSERT_EQ(problems.size(), 1U);
  const auto after = mended(layer, problems.front());
  if (after) {
    EXPECT_TRUE(validate(*after).empty()) << to_line(problems.front());
  }
}

TEST(Validate, PaddingBeyondTheStampIsLegal) {
  // P > D(K−1): the first input cells are cropped away with all they paint. PyTorch takes it.
  EXPECT_TRUE(validate(one_axis({.input = 9, .kernel = 2, .padding_begin = 3, .padding_end = 3})).empty());
}

TEST(Validate, GroupsDivideBothChannelCounts) {
  LayerSpec layer;
  layer.in_channels = 4;
  layer.out_channels = 6;
  layer.groups = 2;
  EXPECT_TRUE(validate(layer).empty());
  layer.groups = 4;
  expect_problem(layer, "groups", -1, "divide in_channels and out_channels", "4 for 4 and 6", 2);
  layer.in_channels = layer.out_channels = 12;
  layer.groups = 5;
  expect_problem(layer, "groups", -1, "divide", "5", 4);
  layer.groups = 11;
  expect_problem(layer, "groups", -1, "divide", "11", 12);
  layer.groups = 40;
  expect_problem(layer, "groups", -1, "divide", "40", 12);
}

TEST(Validate, HugeGroupsAreAnsweredAtOnce) {
  // A search from the wrong value down to a divisor would never end.
  LayerSpec layer;
  layer.in_channels = 6;
  layer.out_channels = 4;
  layer.groups = INT64_MAX;
  expect_problem(layer, "groups", -1, "divide", "9223372036854775807", 2);
}

TEST(Validate, DimsAreOneToThree) {
  for (const auto& [dims, nearest] : {std::pair{0, 1}, {-5, 1}, {4, 3}, {99, 3}}) {
    LayerSpec layer;
    layer.dims = dims;
    const Problem problem = only_problem(layer);
    EXPECT_EQ(problem.field, "dims");
    EXPECT_EQ(problem.nearest, nearest);
  }
}

TEST(Validate, ReportsEveryProblemInTheOrderOfTheFields) {
  LayerSpec layer;
  layer.axes[0].kernel = 0;
  layer.axes[1].stride = -1;
  layer.axes[1].dilation = 0;
  layer.batch = 0;
  const auto problems = validate(layer);
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems[0].field, "kernel");
  EXPECT_EQ(problems[0].axis, 0);
  EXPECT_EQ(problems[1].field, "stride");
  EXPECT_EQ(problems[1].axis, 1);
  EXPECT_EQ(problems[2].field, "dilation");
  EXPECT_EQ(problems[3].field, "batch");
}

TEST(Validate, IgnoresAxesThatDoNotCount) {
  LayerSpec layer = one_axis({.input = 4, .kernel = 3});
  layer.axes[1].kernel = -7;
  layer.axes[2].stride = 0;
  EXPECT_TRUE(validate(layer).empty());
  EXPECT_EQ(layer, one_axis({.input = 4, .kernel = 3}));
}

TEST(Validate, RefusesWhatPyTorchRefuses) {
  ASSERT_FALSE(test::bad_layers().empty());
  for (const test::BadLayer& bad : test::bad_layers()) {
    LayerSpec layer;
    layer.dims = static_cast<int>(bad.kernel.size());
    for (std::size_t a = 0; a < bad.kernel.size(); ++a) {
      layer.axes[a] = {bad.input[a],   bad.kernel[a],         bad.stride[a],  bad.padding[a],
                       bad.padding[a], bad.output_padding[a], bad.dilation[a]};
    }
    EXPECT_FALSE(validate(layer).empty()) << bad.torch << "\n" << test::layer_text(layer);
  }
}

/// Whether the two say the same of the same number. That an axis is cropped away is said of any of its paddings.
bool same_rule(const Problem& a, const Problem& b) {
  return a.axis == b.axis && a.rule == b.rule && (a.field == b.field || a.rule.starts_with("crops"));
}

/// A legal layer in which one number was set to something near or beyond its legal range.
LayerSpec with_one_wrong_number(test::RandomLayers& random) {
  const LayerSpec layer = random.layer();
  const auto table = fields();
  const Field& field = table[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(table.size()) - 1))];
  const auto axis = static_cast<int>(random.between(0, layer.dims - 1));
  return with_field(layer, field, axis, random.between(-3, 60));
}

TEST(ValidateProperty, TheNearestValueMendsItsProblem) {
  test::RandomLayers random;
  int mends = 0;
  for (int i = 0; i < 1500; ++i) {
    const LayerSpec layer = with_one_wrong_number(random);
    SCOPED_TRACE(random.trace(layer));
    for (const Problem& problem : validate(layer)) {
      SCOPED_TRACE(to_line(problem));
      const auto after = mended(layer, problem);
      if (!after) continue;
      ++mends;
      for (const Problem& left : validate(*after)) EXPECT_FALSE(same_rule(left, problem)) << to_line(left);
    }
  }
  EXPECT_GT(mends, 300) << "the generator no longer makes wrong layers";
}

TEST(ValidateProperty, NoLegalValueIsNearer) {
  test::RandomLayers random;
  int compared = 0;
  for (int i = 0; i < 1500; ++i) {
    const LayerSpec layer = with_one_wrong_number(random);
    const auto problems = validate(layer);
    if (problems.size() != 1 || !problems.front().nearest) continue;
    SCOPED_TRACE(random.trace(layer));
    SCOPED_TRACE(to_line(problems.front()));
    const Field* field = find_field(problems.front().field);
    ASSERT_NE(field, nullptr);
    const int axis = problems.front().axis;
    const std::int64_t found = value_of(layer, *field, axis);
    const std::int64_t distance = std::abs(*problems.front().nearest - found);
    for (std::int64_t nearer = 1; nearer < distance; ++nearer) {
      EXPECT_FALSE(validate(with_field(layer, *field, axis, found - nearer)).empty()) << found - nearer;
      EXPECT_FALSE(validate(with_field(layer, *field, axis, found + nearer)).empty()) << found + nearer;
    }
    ++compared;
  }
  EXPECT_GT(compared, 200) << "the generator no longer makes wrong layers";
}

}  // namespace
}  // namespace tconv
