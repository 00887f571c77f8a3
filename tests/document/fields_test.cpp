#include "document/fields.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/random_layers.h"

namespace tconv {
namespace {

LayerSpec two_axes() {
  LayerSpec layer;
  layer.axes.fill({.input = 4, .kernel = 3});
  return layer;
}

TEST(Fields, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (const Field& field : fields()) {
    EXPECT_TRUE(names.insert(field.name).second) << field.name << " twice";
    EXPECT_EQ(find_field(field.name), &field);
    EXPECT_FALSE(field.label.empty()) << field.name;
    EXPECT_FALSE(field.symbol.empty()) << field.name;
    EXPECT_FALSE(field.help.empty()) << field.name;
    EXPECT_EQ(field.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << field.name;
  }
  EXPECT_EQ(find_field("nonsense"), nullptr);
  EXPECT_EQ(find_field(""), nullptr);
}

TEST(Fields, CoverEveryNumberOfALayer) {
  // Setting every field to its slider's last value leaves no member as it was.
  LayerSpec layer;
  layer.dims = 3;
  for (const Field& field : fields()) layer = with_field(layer, field, all_axes, field.slider_last);
  const LayerSpec usual;
  for (const AxisSpec& axis : layer.spatial()) {
    EXPECT_NE(axis.input, usual.axes[0].input);
    EXPECT_NE(axis.kernel, usual.axes[0].kernel);
    EXPECT_NE(axis.stride, usual.axes[0].stride);
    EXPECT_NE(axis.padding_begin, usual.axes[0].padding_begin);
    EXPECT_NE(axis.padding_end, usual.axes[0].padding_end);
    EXPECT_NE(axis.output_padding, usual.axes[0].output_padding);
    EXPECT_NE(axis.dilation, usual.axes[0].dilation);
  }
  EXPECT_NE(layer.batch, usual.batch);
  EXPECT_NE(layer.in_channels, usual.in_channels);
  EXPECT_NE(layer.out_channels, usual.out_channels);
  EXPECT_NE(layer.groups, usual.groups);
  EXPECT_NE(layer.bias, usual.bias);
}

TEST(Fields, WhatIsSetIsRead) {
  test::RandomLayers random;
  for (int i = 0; i < 50; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (const Field& field : fields()) {
      SCOPED_TRACE(std::string(field.name));
      const auto axis = static_cast<int>(random.between(0, layer.dims - 1));
      const std::int64_t value = random.between(field.slider_first, field.slider_last);
      const LayerSpec after = with_field(layer, field, axis, value);
      EXPECT_EQ(value_of(after, field, axis), value);
      // Nothing else changed: the old value brings the old layer back. "padding" moves two numbers.
      if (field.name != "padding") {
        EXPECT_EQ(with_field(after, field, axis, value_of(layer, field, axis)), layer);
      }
      for (int other = 0; other < layer.dims; ++other) {
        if (other == axis || field.scope == FieldScope::layer) continue;
        EXPECT_EQ(value_of(after, field, other), value_of(layer, field, other));
      }
    }
  }
}

TEST(Fields, AllAxesAreSetTogether) {
  const Field& stride = *find_field("stride");
  LayerSpec layer = with_field(two_axes(), stride, all_axes, 3);
  EXPECT_EQ(layer.axes[0].stride, 3);
  EXPECT_EQ(layer.axes[1].stride, 3);
  EXPECT_TRUE(same_on_all_axes(layer, stride));
  EXPECT_EQ(value_of(layer, stride, all_axes), 3);
  layer = with_field(layer, stride, 1, 2);
  EXPECT_EQ(layer.axes[0].stride, 3);
  EXPECT_EQ(layer.axes[1].stride, 2);
  EXPECT_FALSE(same_on_all_axes(layer, stride));
  EXPECT_TRUE(same_on_all_axes(layer, *find_field("groups")));
}

TEST(Fields, TheThirdAxisFollowsWhileItDoesNotCount) {
  LayerSpec layer = with_field(two_axes(), *find_field("stride"), all_axes, 3);
  layer.dims = 3;
  EXPECT_EQ(layer.axes[2].stride, 3);
}

TEST(Fields, PaddingIsBothEnds) {
  const Field& padding = *find_field("padding");
  const LayerSpec layer = with_field(two_axes(), padding, 0, 2);
  EXPECT_EQ(layer.axes[0].padding_begin, 2);
  EXPECT_EQ(layer.axes[0].padding_end, 2);
  EXPECT_EQ(layer.axes[1].padding_begin, 0);
}

TEST(Fields, PaddingIsNotTheSameOnAllAxesWhenOneIsUneven) {
  LayerSpec layer = with_field(two_axes(), *find_field("padding"), all_axes, 1);
  layer.axes[1].padding_end = 0;
  EXPECT_FALSE(same_on_all_axes(layer, *find_field("padding")));
}

TEST(Fields, UsualValuesAreALegalLayerWithinTheSliders) {
  LayerSpec layer;
  for (const Field& field : fields()) {
    EXPECT_LT(field.slider_first, field.slider_last) << field.name;
    EXPECT_GE(field.usual, field.slider_first) << field.name;
    EXPECT_LE(field.usual, field.slider_last) << field.name;
    layer = with_field(layer, field, all_axes, field.usual);
  }
  EXPECT_TRUE(validate(layer).empty());
}

TEST(LegalRange, IsWhatValidateAccepts) {
  test::RandomLayers random;
  for (int i = 0; i < 60; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (const Field& field : fields()) {
      SCOPED_TRACE(std::string(field.name));
      const auto axis = static_cast<int>(random.between(0, layer.dims - 1));
      const auto range = legal_range(layer, field, axis);
      std::vector<std::int64_t> offered;
      for (std::int64_t value = field.slider_first; value <= field.slider_last; ++value) {
        const bool withheld = field.withheld != nullptr && !field.withheld(layer, axis, value).empty();
        if (!withheld && validate(with_field(layer, field, axis, value)).empty()) offered.push_back(value);
      }
      ASSERT_EQ(range.has_value(), !offered.empty());
      if (!range) continue;
      EXPECT_EQ(range->first, offered.front());
      EXPECT_EQ(range->last, offered.back());
      const auto span = static_cast<std::size_t>(range->last - range->first + 1);
      EXPECT_EQ(range->has_holes, offered.size() < span);
      const auto all = static_cast<std::size_t>(field.slider_last - field.slider_first + 1);
      EXPECT_EQ(offered.size() < all, !range->why.empty()) << range->why;
    }
  }
}

TEST(LegalRange, OffersOutputPaddingBelowTheStrideOnly) {
  LayerSpec layer = two_axes();
  for (AxisSpec& axis : layer.spatial()) {
    axis.stride = 2;
    axis.dilation = 4;
  }
  const auto range = legal_range(layer, *find_field("output_padding"), all_axes);
  ASSERT_TRUE(range);
  EXPECT_EQ(range->last, 1) << "PyTorch would take 3";
  EXPECT_NE(range->why.find("2 sizes to choose from"), std::string::npos) << range->why;
}

TEST(LegalRange, HoldsThePresentValueOfALegalLayer) {
  test::RandomLayers random;
  for (int i = 0; i < 100; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (const Field& field : fields()) {
      if (field.name == "padding") continue;  // of uneven paddings it has no value
      const std::int64_t value = value_of(layer, field, 0);
      if (field.withheld != nullptr && !field.withheld(layer, 0, value).empty()) continue;
      const auto range = legal_range(layer, field, 0);
      ASSERT_TRUE(range) << field.name;
      EXPECT_LE(range->first, value) << field.name;
      EXPECT_GE(range->last, value) << field.name << ": the slider could not show it";
    }
  }
}

TEST(LegalRange, SaysWhyItEnds) {
  LayerSpec layer = two_axes();
  for (AxisSpec& axis : layer.spatial()) axis.stride = 2;
  const auto output_padding = legal_range(layer, *find_field("output_padding"), all_axes);
  ASSERT_TRUE(output_padding);
  EXPECT_EQ(output_padding->first, 0);
  EXPECT_EQ(output_padding->last, 1);
  EXPECT_NE(output_padding->why.find("max(stride, dilation) = 2"), std::string::npos) << output_padding->why;

  const auto padding = legal_range(layer, *find_field("padding"), all_axes);
  ASSERT_TRUE(padding);
  EXPECT_EQ(padding->last, 4) << "9 − 2·4 = 1 cell is left";
  EXPECT_FALSE(padding->why.empty());

  const auto kernel = legal_range(layer, *find_field("kernel"), all_axes);
  ASSERT_TRUE(kernel);
  EXPECT_TRUE(kernel->why.empty()) << "the slider's own ends";
}

TEST(LegalRange, IsEmptyWhenAnotherFieldIsWrong) {
  LayerSpec layer = two_axes();
  layer.axes[0].dilation = 0;
  EXPECT_FALSE(legal_range(layer, *find_field("kernel"), all_axes));
}

TEST(Mended, SetsTheNearestLegalValue) {
  LayerSpec layer = two_axes();
  layer.axes[1].stride = 0;
  const auto after = mended(layer, validate(layer).front());
  ASSERT_TRUE(after);
  EXPECT_EQ(after->axes[1].stride, 1);
  EXPECT_TRUE(validate(*after).empty());
  EXPECT_FALSE(mended(layer, {.field = "output", .rule = {}, .found = {}, .nearest = 3})) << "no such field";
  EXPECT_FALSE(mended(layer, {.field = "stride", .axis = 0, .rule = {}, .found = {}, .nearest = {}}));
}

}  // namespace
}  // namespace tconv
