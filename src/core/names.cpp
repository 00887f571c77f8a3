#include "core/names.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace tconv {
namespace {

/// Letters to insert, leave out or replace until `a` is `b` (Levenshtein's distance).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = std::min({above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row.back();
}

}  // namespace

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::string listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

std::string suggestion(std::string_view wrong, std::vector<std::string_view> names) {
  constexpr std::size_t few = 12;
  constexpr std::size_t nearest = 3;
  constexpr std::size_t longest = 64;  // of a name worth comparing
  if (names.empty()) return "there are none";
  const bool all = names.size() <= few;
  if (!all) {
    const std::string_view start = wrong.substr(0, longest);
    std::ranges::stable_sort(names, {}, [&](std::string_view name) { return edit_distance(start, name); });
    names.resize(nearest);
  }
  return (all ? "known: " : "nearest: ") + listed(names);
}

}  // namespace tconv
