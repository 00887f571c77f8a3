#include "document/verdict.h"

#include <algorithm>
#include <set>

#include "core/coverage.h"
#include "core/sizes.h"
#include "document/fields.h"

namespace tconv {
namespace {

using std::int64_t;

std::string joined_by_axis(const LayerSpec& layer, int64_t (*get)(const AxisSpec&)) {
  const auto axes = layer.spatial();
  const bool same = std::ranges::all_of(axes, [&](const AxisSpec& axis) { return get(axis) == get(axes[0]); });
  std::string text = std::to_string(get(axes[0]));
  for (std::size_t i = 1; i < axes.size() && !same; ++i) text += "×" + std::to_string(get(axes[i]));
  return text;
}

std::string size_text(const LayerSpec& layer, int64_t (*get)(const AxisSpec&)) {
  std::string text;
  for (const AxisSpec& axis : layer.spatial()) text += (text.empty() ? "" : " × ") + std::to_string(get(axis));
  return text;
}

int64_t input_of_axis(const AxisSpec& axis) { return axis.input; }

std::set<int64_t> products_of_counts(const std::set<int64_t>& before, const std::vector<int64_t>& axis) {
  std::set<int64_t> products;
  for (const int64_t count : std::set<int64_t>(axis.begin(), axis.end())) {
    for (const int64_t factor : before) products.insert(factor * count);
  }
  return products;
}

std::string listed_counts(const std::set<int64_t>& numbers) {
  std::string text;
  std::size_t left = numbers.size();
  for (const int64_t number : numbers) {
    text += std::to_string(number);
    --left;
    if (left > 0) text += left == 1 ? " and " : ", ";
  }
  return text;
}

/// How often the interior cells of a large map are reached: the products of the axes' phase counts.
std::set<int64_t> interior_counts(const LayerSpec& layer) {
  std::set<int64_t> counts{1};
  for (const AxisSpec& axis : layer.spatial()) counts = products_of_counts(counts, phase_counts(axis));
  return counts;
}

/// How often the cells of this output are reached.
std::set<int64_t> counts_here(const LayerSpec& layer) {
  std::set<int64_t> counts{1};
  for (const AxisSpec& axis : layer.spatial()) counts = products_of_counts(counts, axis_coverage(axis));
  return counts;
}

/// Whether every axis has an output cell that as many stamps reach as can: the map is large enough to have an interior.
bool has_interior(const LayerSpec& layer) {
  return std::ranges::all_of(layer.spatial(), [](const AxisSpec& axis) {
    const auto here = axis_coverage(axis);
    const auto phases = phase_counts(axis);
    return !here.empty() && *std::ranges::max_element(here) >= *std::ranges::max_element(phases);
  });
}

std::string times(int64_t count) {
  if (count == 1) return "once";
  if (count == 2) return "twice";
  return std::to_string(count) + " times";
}

std::string spaced(std::string name) {
  std::ranges::replace(name, '_', ' ');
  return name;
}

Verdict illegal_verdict(const LayerSpec& layer, const std::vector<Problem>& problems) {
  Verdict verdict{VerdictKind::illegal, "!", "Not a legal layer", "", "", {}, ""};
  const Problem& first = problems.front();
  verdict.reason = spaced(first.field);
  verdict.text = "It " + first.rule + "; found " + first.found + ".";
  if (problems.size() > 1) {
    verdict.text +=
        " And " + std::to_string(problems.size() - 1) + " more problem" + (problems.size() > 2 ? "s." : ".");
  }
  verdict.cure = mended(layer, first);
  if (verdict.cure) verdict.cure_label = "Set " + spaced(first.field) + " to " + std::to_string(*first.nearest);
  return verdict;
}

}  // namespace

std::string short_name(const LayerSpec& layer) {
  const auto kernel = [](const AxisSpec& a) { return a.kernel; };
  const auto stride = [](const AxisSpec& a) { return a.stride; };
  std::string name = "K" + joined_by_axis(layer, kernel) + " S" + joined_by_axis(layer, stride);
  const auto add = [&](const char* symbol, int64_t (*get)(const AxisSpec&), int64_t usual) {
    const bool unusual = std::ranges::any_of(layer.spatial(), [&](const AxisSpec& a) { return get(a) != usual; });
    if (unusual) name += std::string(" ") + symbol + joined_by_axis(layer, get);
  };
  const bool even_padding =
      std::ranges::all_of(layer.spatial(), [](const AxisSpec& a) { return a.padding_begin == a.padding_end; });
  if (even_padding) {
    add(
        "P", [](const AxisSpec& a) { return a.padding_begin; }, 0);
  } else {
    name += " P" + joined_by_axis(layer, [](const AxisSpec& a) { return a.padding_begin; }) + "…" +
            joined_by_axis(layer, [](const AxisSpec& a) { return a.padding_end; });
  }
  add(
      "OP", [](const AxisSpec& a) { return a.output_padding; }, 0);
  add(
      "D", [](const AxisSpec& a) { return a.dilation; }, 1);
  return name;
}

std::optional<LayerSpec> even_cure(const LayerSpec& layer) {
  if (is_even(layer)) return std::nullopt;
  LayerSpec cure = layer;
  for (AxisSpec& axis : cure.spatial()) {
    if (is_even(axis)) continue;
    const int64_t wanted = output_size(axis);
    axis.dilation = 1;
    axis.kernel = (axis.kernel + axis.stride - 1) / axis.stride * axis.stride;
    axis.padding_begin = axis.padding_end = axis.output_padding = 0;
    const int64_t excess = output_size(axis) - wanted;  // 2P − OP must take it away
    if (excess > 0) {
      axis.padding_begin = axis.padding_end = (excess + 1) / 2;
      axis.output_padding = axis.padding_begin * 2 - excess;
    } else {
      axis.output_padding = -excess;
    }
  }
  if (!validate(cure).empty()) return std::nullopt;
  return cure;
}

namespace {

bool every_axis(const LayerSpec& layer, bool (*holds)(const AxisSpec&)) {
  return std::ranges::all_of(layer.spatial(), holds);
}

Verdict even_verdict(const LayerSpec& layer, int64_t interior) {
  Verdict verdict{VerdictKind::even, "✓", "Even coverage", "", "", {}, ""};
  const bool stride_one = every_axis(layer, [](const AxisSpec& a) { return a.stride == 1; });
  verdict.reason = stride_one ? "stride 1" : "S divides K";
  const bool touching = every_axis(layer, [](const AxisSpec& a) { return a.kernel == a.stride && a.dilation == 1; });
  const bool complete = every_axis(layer, [](const AxisSpec& a) { return a.output_padding <= a.padding_end; });
  if (touching) {
    verdict.text = "The stamps touch and never overlap: every cell is hit once";
    verdict.text += complete ? "." : ", but for the last ones, which output padding adds.";
  } else if (has_interior(layer)) {
    verdict.text = "Every interior cell is hit " + times(interior) + "; only the border is hit less.";
  } else {
    verdict.text = "Here every cell is border; inside a larger map all are hit " + times(interior) + ".";
  }
  LayerSpec doubled = layer;
  for (AxisSpec& axis : doubled.spatial()) axis.stride = 2;
  if (stride_one && !is_even(doubled)) verdict.text += " Stride 2 would break this.";
  return verdict;
}

}  // namespace

Verdict verdict_of(const Scenario& scenario, const std::vector<Problem>& problems) {
  const LayerSpec& layer = scenario.layer;
  if (!problems.empty()) return illegal_verdict(layer, problems);
  const std::set<int64_t> counts = interior_counts(layer);
  if (counts.size() == 1) return even_verdict(layer, *counts.begin());

  Verdict verdict{VerdictKind::uneven, "✗", "Checkerboard", "S does not divide K", "", even_cure(layer), ""};
  if (verdict.cure) verdict.cure_label = "Make it " + short_name(*verdict.cure);
  if (counts.contains(0)) {
    verdict.kind = VerdictKind::gaps;
    verdict.title = "Gaps";
    const bool small = std::ranges::any_of(layer.spatial(), [](const AxisSpec& a) { return a.kernel < a.stride; });
    verdict.reason = small ? "K is smaller than S" : "S and D share a factor";
    verdict.text = "Some phases of the output are never hit: their counts are " + listed_counts(counts) + ".";
  } else {
    verdict.text = "Interior cells are hit " + listed_counts(counts) + " times in turn.";
  }
  // One or two input cells make no pattern; the geometry shows on a larger map.
  const std::set<int64_t> here = counts_here(layer);
  if (here.size() == 1)
    verdict.text += " This map is too small to show it: each of its cells is hit " + times(*here.begin()) + ".";
  return verdict;
}

std::string describe(const Scenario& scenario, const std::vector<Problem>& problems) {
  const LayerSpec& layer = scenario.layer;
  std::string text = "ConvTranspose" + std::to_string(layer.dims) + "d " + short_name(layer) + ", " +
                     std::to_string(layer.in_channels) + " → " + std::to_string(layer.out_channels) + " channels";
  if (layer.groups > 1) text += " in " + std::to_string(layer.groups) + " groups";
  text += layer.bias ? ", with bias" : ", no bias";
  if (layer.batch > 1) text += ", batch " + std::to_string(layer.batch);
  text += ".\n";
  if (!problems.empty()) {
    text += "It is not legal:\n";
    for (const Problem& problem : problems) text += "  " + to_line(problem) + "\n";
    return text;
  }
  text += "Input " + size_text(layer, input_of_axis) + " (" + scenario.input.id + ") becomes output " +
          size_text(layer, output_size) + "; the kernel is \"" + scenario.kernel.id + "\", " +
          std::to_string(weight_shape(layer).elements()) +
          (weight_shape(layer).elements() == 1 ? " weight.\n" : " weights.\n");
  const auto axes = layer.spatial();
  const bool alike = std::ranges::all_of(axes, [&](const AxisSpec& axis) { return axis == axes[0]; });
  for (std::size_t i = 0; i < (alike ? 1 : axes.size()); ++i) {
    const SizeTerms terms = size_terms(axes[i]);
    text += (alike ? "Each axis" : "Axis " + std::to_string(i)) + ": " + std::to_string(terms.spread) + " - " +
            std::to_string(-terms.crop) + " + " + std::to_string(terms.reach) + " + " +
            std::to_string(terms.output_padding) + " + 1 = " + std::to_string(output_size(axes[i])) + ". " +
            output_padding_reason(axes[i]) + "\n";
  }
  const Verdict verdict = verdict_of(scenario, problems);
  text += verdict.title + " (" + verdict.reason + "): " + verdict.text;
  if (verdict.cure) text += " " + verdict.cure_label + " for an even " + size_text(*verdict.cure, output_size) + ".";
  return text + "\n";
}

}  // namespace tconv
