#pragma once
// What to say when somebody writes a name that is not there.

#include <string>
#include <string_view>
#include <vector>

namespace tconv {

/// "a, b, c".
std::string listed(const std::vector<std::string_view>& names);

/// "known: a, b, c" for a short list; for a long one "nearest: a, b, c", those that differ from `wrong` in the fewest
/// letters. "there are none" when the list is empty.
std::string suggestion(std::string_view wrong, std::vector<std::string_view> names);

}  // namespace tconv
