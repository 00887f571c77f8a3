#include "views/view_options.h"

#include <algorithm>
#include <charconv>

#include "core/names.h"
#include "files/file_error.h"
#include "views/view.h"

namespace tconv {
namespace {

std::vector<std::string_view> ids_of(const std::vector<OptionRule>& rules) {
  std::vector<std::string_view> ids;
  for (const OptionRule& rule : rules) ids.push_back(rule.id);
  return ids;
}

/// "cpu, gpu or both", "0 or 2 to 64".
std::string legal_values(const OptionRule& rule) {
  std::vector<std::string> parts = rule.values;
  if (rule.first <= rule.last) parts.push_back(std::to_string(rule.first) + " to " + std::to_string(rule.last));
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == parts.size() ? " or " : ", ") + parts[i];
  }
  return text;
}

bool is_legal(const OptionRule& rule, std::string_view value) {
  if (std::ranges::find(rule.values, value) != rule.values.end()) return true;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = error == std::errc() && end == value.data() + value.size();
  return whole && number >= rule.first && number <= rule.last;
}

std::string no_such_option(const View* view, std::string_view id) {
  std::string line = "there is no option " + quoted(id) + "; ";
  for (const View& other : all_views()) {
    if (&other == view || std::ranges::count(ids_of(option_rules(&other)), id) == 0) continue;
    line = quoted(id) + " is an option of the view " + std::string(other.id) + "; ";
  }
  const std::vector<OptionRule> rules = option_rules(view);
  if (view == nullptr) return line + suggestion(id, ids_of(rules));
  return line + "the view " + std::string(view->id) + " has " + (rules.empty() ? "none" : listed(ids_of(rules)));
}

}  // namespace

std::vector<OptionRule> option_rules(const View* view) {
  if (view != nullptr) return view->options == nullptr ? std::vector<OptionRule>{} : view->options();
  std::vector<OptionRule> all;
  for (const View& each : all_views()) {
    for (OptionRule& rule : option_rules(&each)) all.push_back(std::move(rule));
  }
  return all;
}

std::vector<std::string> option_problems(const View* view, const Interaction& interaction) {
  const std::vector<OptionRule> rules = option_rules(view);
  std::vector<std::string> lines;
  for (const std::string& id : interaction.options) {
    const auto rule = std::ranges::find(rules, id, &OptionRule::id);
    if (rule == rules.end()) {
      lines.push_back(no_such_option(view, id));
    } else if (!rule->is_switch()) {
      lines.push_back(id + ": must be " + id + "=VALUE, the value " + legal_values(*rule));
    }
  }
  for (const auto& [id, value] : interaction.choices) {
    const auto rule = std::ranges::find(rules, id, &OptionRule::id);
    if (rule == rules.end()) {
      lines.push_back(no_such_option(view, id));
    } else if (rule->is_switch()) {
      lines.push_back(id + ": is a switch and takes no value, found " + tconv::quoted(value));
    } else if (!is_legal(*rule, value)) {
      lines.push_back(id + ": must be " + legal_values(*rule) + ", found " + tconv::quoted(value));
    }
  }
  return lines;
}

}  // namespace tconv
