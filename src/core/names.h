#pragma once
// Names that somebody writes: compared, listed, and what to say when there is none such.

#include <string>
#include <string_view>
#include <vector>

namespace tconv {

/// Of what ASCII has of letters.
std::string lower_case(std::string text);

/// "a, b, c".
std::string listed(const std::vector<std::string_view>& names);

/// "known: a, b, c" for a short list; for a long one "nearest: a, b, c", those that differ from `wrong` in the fewest
/// letters. "there are none" when the list is empty.
std::string suggestion(std::string_view wrong, std::vector<std::string_view> names);

}  // namespace tconv
