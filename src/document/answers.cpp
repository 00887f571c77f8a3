#include "document/answers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <set>

#include "core/coverage.h"

namespace tconv {
namespace {

using std::int64_t;

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", std::abs(value));
  return (value < 0 ? "−" : "") + std::string(text);
}

template <typename Numbers, typename Text>
std::string listed_at_most(const Numbers& numbers, std::size_t most, Text text_of) {
  std::string text;
  std::size_t done = 0;
  for (const auto& one : numbers) {
    if (done == most) return text + ", …";
    text += (done++ > 0 ? ", " : "") + text_of(one);
  }
  return text;
}

/// The different products of the axes' counts.
std::set<int64_t> counts_of(const LayerSpec& layer) {
  std::set<int64_t> counts{1};
  for (const AxisSpec& axis : layer.spatial()) {
    const auto phases = phase_counts(axis);
    std::set<int64_t> next;
    for (const int64_t count : std::set<int64_t>(phases.begin(), phases.end())) {
      for (const int64_t before : counts) next.insert(before * count);
    }
    counts = std::move(next);
  }
  return counts;
}

Answer counts_answer(const LayerSpec& layer) {
  const std::set<int64_t> counts = counts_of(layer);
  const auto text = [](int64_t count) { return std::to_string(count); };
  if (counts.size() == 1) return {true, "Counts", "counts", "every cell " + text(*counts.begin()) + "×"};
  return {false, "Counts", "counts", listed_at_most(counts, 6, text) + " in turn"};
}

Answer weights_answer(const LayerSpec& layer, const WeightEvenness& weights) {
  const bool many = weights.pairs > 1;
  if (weights.uneven == 0) {
    return {true, "These weights", "weights",
            (many ? "all " + std::to_string(weights.pairs) + " pairs: " : std::string()) +
                (layer.spatial()[0].stride == 1 && weights.sums.size() == 1 ? "one phase" : "phase sums equal")};
  }
  std::string text = "phase sums " + listed_at_most(weights.sums, 4, short_number);
  if (many) {
    text += ", worst of " + std::to_string(weights.uneven) + " uneven pairs: w[" + std::to_string(weights.in_channel) +
            " → " + std::to_string(weights.out_channel) + "]";
  }
  return {false, "These weights", "weights", text};
}

Answer flat_answer(const FlatEvenness& flat) {
  if (flat.uneven == 0) return {true, "Flat input", "flat", "stays flat"};
  std::string text =
      "ripple " + percent_text(flat.worst.ripple) + ", " + percent_text(flat.worst.off_dc) + " of the energy off DC";
  if (flat.channels > 1) text += ", in output channel " + std::to_string(flat.out_channel);
  return {false, "Flat input", "flat", text};
}

std::string reason(bool counts, bool weights, bool flat) {
  if (!weights && flat) {
    return "Single pairs of channels ripple, but over a group's input channels they cancel while all are equally "
           "bright; other inputs will show it.";
  }
  if (counts && !weights) {
    return "Equally many taps need not have equal sums: each phase has taps of its own, and these weights' differ. "
           "Start evenly (bilinear, or equal filters), or train it out.";
  }
  if (!counts && weights) {
    return "The counts differ, yet where more taps meet they are smaller, so the sums are equal. These weights "
           "compensate; others will not by themselves.";
  }
  return "";
}

}  // namespace

std::string percent_text(double part) {
  if (std::isinf(part)) return "∞";
  const double percent = part * 100;
  char text[32];
  std::snprintf(text, sizeof text, percent >= 10 || percent == 0 ? "%.0f %%" : "%.2g %%", percent);
  return text;
}

Answers answers_of(const LayerSpec& layer, const WeightEvenness& weights, const FlatEvenness& flat) {
  Answers answers{{counts_answer(layer), weights_answer(layer, weights), flat_answer(flat)}, ""};
  answers.why = reason(answers.all[0].good, answers.all[1].good, answers.all[2].good);
  return answers;
}

}  // namespace tconv
