#include "document/color_settings.h"

#include <array>
#include <cmath>
#include <utility>

namespace tconv {
namespace {

constexpr std::array<std::pair<ScaleKind, std::string_view>, 3> scale_names{
    {{ScaleKind::linear, "linear"}, {ScaleKind::log, "log"}, {ScaleKind::symlog, "symlog"}}};
constexpr std::array<std::pair<Centring, std::string_view>, 3> centring_names{
    {{Centring::automatic, "auto"}, {Centring::on, "on"}, {Centring::off, "off"}}};

template <typename Names, typename Value>
std::string_view name_in(const Names& names, Value value) {
  for (const auto& [one, name] : names) {
    if (one == value) return name;
  }
  return names.front().second;
}

template <typename Value, std::size_t count>
std::optional<Value> value_in(const std::array<std::pair<Value, std::string_view>, count>& names,
                              std::string_view name) {
  for (const auto& [value, one] : names) {
    if (one == name) return value;
  }
  return {};
}

}  // namespace

std::string_view name_of(ScaleKind kind) { return name_in(scale_names, kind); }
std::string_view name_of(Centring centring) { return name_in(centring_names, centring); }
std::optional<ScaleKind> find_scale_kind(std::string_view name) { return value_in(scale_names, name); }
std::optional<Centring> find_centring(std::string_view name) { return value_in(centring_names, name); }

std::string problem_of(const ColorRange& range) {
  const auto possible = [](double value) { return std::abs(value) <= largest_color_value; };  // false for NaN
  if (!possible(range.low) || !possible(range.high)) return "must be two finite numbers up to 3.4e38";
  return range.low <= range.high ? "" : "must begin with the lower number";
}

std::string problem_of(const PercentileClamp& clamp) {
  if (!(clamp.low >= 0 && clamp.high <= 100)) return "must be two percentiles, 0 to 100";
  return clamp.low < clamp.high ? "" : "must begin with the lower percentile";
}

}  // namespace tconv
