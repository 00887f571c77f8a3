#pragma once
// What `--option` may say of a view.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tconv {

struct Interaction;
struct View;

/// A switch (see ViewOption), which has neither values nor a range, or a choice (see ViewChoice).
struct OptionRule {
  std::string id;                     ///< "large/way"
  std::vector<std::string> values{};  ///< legal ones of a choice
  std::int64_t first = 0;             ///< also legal: whole numbers from here
  std::int64_t last = -1;             ///< to here

  bool is_switch() const { return values.empty() && last < first; }
};

/// Those of a view, or of all views where `view` is null: a window may show any of them.
std::vector<OptionRule> option_rules(const View* view);

/// What is wrong with the options and choices that are set, one line for each: no such option, another view's, a value
/// that is not legal. Views themselves take what they do not know for the usual.
std::vector<std::string> option_problems(const View* view, const Interaction& interaction);

}  // namespace tconv
