// The numbers behind every view are well described, whatever the layer.
#include <gtest/gtest.h>

#include <cctype>
#include <set>

#include "arrays_scene.h"

namespace tconv::test {
namespace {

bool is_identifier(const std::string& name) {
  const auto is_letter = [](char c) { return std::islower(static_cast<unsigned char>(c)) || c == '_'; };
  return !name.empty() && is_letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return is_letter(c) || std::isdigit(static_cast<unsigned char>(c)); });
}

void expect_well_described(const Arrays& arrays, const std::string& where) {
  std::set<std::string> names;
  for (const NamedArray& array : arrays) {
    const std::string which = where + ": " + array.name;
    EXPECT_TRUE(is_identifier(array.name)) << which;
    EXPECT_TRUE(names.insert(array.name).second) << which << " twice";
    EXPECT_FALSE(array.words.empty()) << which;
    EXPECT_EQ(array.words.find('\n'), std::string::npos) << which;
    const Shape& shape = array.values.shape();
    EXPECT_GT(array.values.size(), 0) << which;
    EXPECT_EQ(shape.elements(), array.values.size()) << which;
    EXPECT_EQ(static_cast<std::size_t>(shape.rank()), array.axes.size()) << which;
    for (const std::string& axis : array.axes) EXPECT_TRUE(is_identifier(axis)) << which << ", axis " << axis;
    for (const std::string& column : array.columns) EXPECT_TRUE(is_identifier(column)) << which << ", " << column;
    if (array.columns.empty()) continue;
    EXPECT_EQ(static_cast<std::int64_t>(array.columns.size()), shape[shape.rank() - 1]) << which;
  }
}

class ViewArrays : public testing::TestWithParam<std::string_view> {};

TEST_P(ViewArrays, OfEverySceneAreWellDescribed) {
  const View& view = *find_view(GetParam());
  auto list = documents();
  for (NamedDocument& one : random_documents(25)) list.push_back(std::move(one));
#ifdef __SANITIZE_ADDRESS__
  constexpr std::size_t stride = 4;
#else
  constexpr std::size_t stride = 1;
#endif
  for (std::size_t turn = 0; turn < list.size(); turn += stride) {
    const auto& [name, document] = list[turn];
    const auto doings = interactions(document.scenario);
    const auto& doing = doings[turn % doings.size()];
    const std::string where = std::string(view.id) + " of " + name + ", " + doing.name;
    const ArraysScene scene(view, document, doing.interaction, turn % 3 == 0 ? 0.5 : 1);
    const Arrays arrays = scene.arrays(view);
    expect_well_described(arrays, where);
    const bool refused = (scene.results.comparison && !scene.results.comparison->refused.empty()) ||
                         (scene.results.large_map && !scene.results.large_map->refused.empty());
    const bool computed = scene.results.ways == nullptr || !scene.results.ways->output.empty();
    const bool expected = validate(document.scenario).empty() && !refused && computed;
    EXPECT_EQ(!arrays.empty(), expected) << where;
  }
}

TEST_P(ViewArrays, AreTheSameEachTime) {
  const Document document = layer_document({.input = 5, .kernel = 3, .stride = 2});
  const auto first = arrays_of(GetParam(), document);
  const auto second = arrays_of(GetParam(), document);
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].name, second[i].name);
    EXPECT_EQ(first[i].words, second[i].words);
    EXPECT_EQ(first[i].values, second[i].values) << first[i].name;
  }
}

TEST_P(ViewArrays, WaitForResults) {
  const View& view = *find_view(GetParam());
  const Document document;
  const Results none;
  if (view.arrays_of_layer != nullptr && view.arrays_of_layer({})) {
    EXPECT_FALSE(view.arrays(input_of(document, none, {})).empty());
  } else {
    EXPECT_TRUE(view.arrays(input_of(document, none, {})).empty());
  }
}

std::vector<std::string_view> view_ids() {
  std::vector<std::string_view> ids;
  for (const View& view : all_views()) ids.push_back(view.id);
  return ids;
}

INSTANTIATE_TEST_SUITE_P(All, ViewArrays, testing::ValuesIn(view_ids()), [](const auto& view) {
  std::string name(view.param);
  std::erase(name, '-');
  return name;
});

TEST(NamedArrays, SayWhenNumbersAreRounded) {
  EXPECT_EQ(rounding_note(16777216), "");
  EXPECT_NE(rounding_note(16777217), "");
  const Document document = layer_document({.input = 1 << 20, .kernel = 17, .stride = 17}, 1);
  const Results none;
  const Arrays arrays = find_view("size")->arrays(input_of(document, none, {}));
  EXPECT_NE(arrays.front().words.find("rounded"), std::string::npos);
}

}  // namespace
}  // namespace tconv::test
