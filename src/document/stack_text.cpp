#include "document/stack_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

#include "document/verdict.h"

namespace tconv {
namespace {

using std::int64_t;

/// One text for all axes when they are alike, else theirs between `between`.
template <typename Part>
std::string depth_text(const StackDepth& depth, const std::string& between, Part part) {
  std::vector<std::string> texts;
  for (const StackAxis& axis : depth.axes) texts.push_back(part(axis));
  if (std::ranges::all_of(texts, [&](const std::string& text) { return text == texts[0]; })) return texts[0];
  std::string text;
  for (const std::string& one : texts) text += (text.empty() ? "" : between) + one;
  return text;
}

/// The distinct counts of an axis, least first.
std::string axis_counts(const StackAxis& axis) {
  constexpr std::size_t most = 5;
  if (axis.pattern.empty()) return "?";
  const std::set<int64_t> kinds(axis.pattern.begin(), axis.pattern.end());
  if (kinds.size() > most) return std::to_string(axis.least) + " … " + std::to_string(axis.most);
  std::string text;
  for (const int64_t count : kinds) text += (text.empty() ? "" : ", ") + std::to_string(count);
  return text;
}

/// "2.78", "25", "15,625".
std::string digits(double number) {
  if (std::abs(number) >= 999.5 && std::abs(number) < 1e15) return grouped(std::llround(number));
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number, std::chars_format::general, 3);
  return {text.data(), end.ptr};
}

std::string layers_text(const StackReport& report) {
  const std::size_t layers = report.depths.size();
  return "After " + std::to_string(layers) + (layers == 1 ? " layer " : " layers ");
}

}  // namespace

std::string layer_name(const StackLayer& layer) {
  if (layer.kind == StackKind::transposed) return short_name(layer.spec);
  if (layer.kind == StackKind::convolution) {
    std::string name = short_name(layer.spec);
    if (const std::size_t stride = name.find(" S1"); stride != std::string::npos) name.erase(stride, 3);
    return "conv " + name;
  }
  LayerSpec factors = layer.spec;
  for (AxisSpec& axis : factors.spatial()) axis = {.stride = axis.stride};
  const std::string name = short_name(factors);
  return std::string(kind_name(layer.kind)) + " ×" + name.substr(name.find('S') + 1);
}

std::string sizes_text(const StackDepth& depth) {
  const bool alike = std::ranges::all_of(depth.axes, [&](const StackAxis& axis) {
    return axis.input == depth.axes[0].input && axis.output == depth.axes[0].output;
  });
  std::string from;
  std::string to;
  for (const StackAxis& axis : depth.axes) {
    from += (from.empty() ? "" : "×") + std::to_string(axis.input);
    to += (to.empty() ? "" : "×") + std::to_string(axis.output);
    if (alike) break;
  }
  return from + " → " + to;
}

std::string channels_text(const StackLayer& layer) {
  const std::string own = std::to_string(layer.spec.in_channels - layer.joined);
  const std::string joined = layer.joined > 0 ? " + " + std::to_string(layer.joined) : "";
  return own + joined + " → " + std::to_string(layer.spec.out_channels);
}

std::string counts_text(const StackDepth& depth) {
  const std::string alike = depth_text(depth, "|", axis_counts);
  if (alike.find('|') == std::string::npos) return alike;
  return depth_text(depth, " × ", [](const StackAxis& axis) { return "{" + axis_counts(axis) + "}"; });
}

std::string ratio_text(const StackDepth& depth) {
  if (!depth.known()) return "?";
  if (depth.even()) return depth.least() == 0 ? "none" : "even";
  const double ratio = depth.ratio();
  return std::isfinite(ratio) ? digits(ratio) + " : 1" : "some never";
}

std::string drift_text(const StackDepth& depth) {
  return depth_text(depth, ", ", [](const StackAxis& axis) { return half_text(axis.drift); });
}

std::string grouped(int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t place = text.size(); place > sign + 3; place -= 3) text.insert(place - 3, ",");
  return text;
}

std::string short_count(int64_t number) {
  constexpr std::array<const char*, 7> units{"", " k", " M", " G", " T", " P", " E"};
  auto value = static_cast<double>(number);
  std::size_t unit = 0;
  // 999.6 would be written as 1e+03.
  while (std::abs(value) >= 999.5 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  return (number < 10000 && number > -10000 ? grouped(number) : digits(value) + units[unit]);
}

std::string half_text(double number) {
  if (std::abs(number) >= 1e9) return digits(number);
  const auto twice = static_cast<int64_t>(std::llround(number * 2));
  const std::string whole = std::to_string(std::abs(twice) / 2) + (twice % 2 != 0 ? ".5" : "");
  return (twice < 0 ? "-" : "") + whole;
}

std::string unevenness_sentence(const StackReport& report) {
  const StackDepth& last = report.depths.back();
  const std::string after = layers_text(report);
  if (!last.known()) {
    for (const StackAxis& axis : last.axes) {
      if (axis.pattern.empty() && axis.scale > longest_pattern) {
        return after + "the pattern repeats only after " + grouped(axis.scale) + " cells: too many to count.";
      }
    }
    return after + "there are more paths than can be counted.";
  }
  if (last.most() == 0) return after + "no cell is reached far from the borders.";
  if (last.least() == 0) return after + "some cells are never reached, however the weights are chosen.";
  if (last.even()) return after + "equally many paths lead to every cell that is far from the borders.";
  return after + "the busiest cell gets " + digits(last.ratio()) + " times as many paths as the quietest.";
}

std::string evening_sentence(const StackDepth& depth) {
  if (!depth.known() || depth.even()) return {};
  const std::string period =
      depth_text(depth, " × ", [](const StackAxis& axis) { return std::to_string(axis.period); });
  return "The pattern repeats every " + period +
         " cells: a stride-1 convolution of equal taps evens it if its kernel is " + period +
         " or a multiple of it, and no other.";
}

}  // namespace tconv
