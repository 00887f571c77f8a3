#include "files/embedded.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace tconv {
namespace {

TEST(Embedded, finds_every_file_that_it_lists) {
  const auto names = embedded_names("");
  ASSERT_FALSE(names.empty());
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
  for (const std::string_view name : names) EXPECT_TRUE(embedded_file(name)) << name;
}

TEST(Embedded, lists_by_prefix) {
  const auto all = embedded_names("");
  ASSERT_FALSE(all.empty());
  const std::string_view folder = all.front().substr(0, all.front().find('/') + 1);
  const auto starts = [&](std::string_view name) { return name.starts_with(folder); };
  EXPECT_EQ(static_cast<std::ptrdiff_t>(embedded_names(folder).size()), std::count_if(all.begin(), all.end(), starts));
  EXPECT_TRUE(std::all_of(all.begin(), all.end(), [](std::string_view name) {
    const auto found = embedded_names(name);
    return !found.empty() && found.front() == name;
  }));
}

TEST(Embedded, has_nothing_under_an_unknown_name) {
  EXPECT_FALSE(embedded_file(""));
  EXPECT_FALSE(embedded_file("no/such.file"));
  EXPECT_FALSE(embedded_file("\xff"));
  EXPECT_TRUE(embedded_names("no/such").empty());
  EXPECT_TRUE(embedded_names("\xff").empty());
}

}  // namespace
}  // namespace tconv
