#pragma once
// What the program says about a layer in words: everything here is derived from the core, nothing is stored.

#include <optional>
#include <string>
#include <vector>

#include "core/scenario.h"

namespace tconv {

enum class VerdictKind { even, uneven, gaps, illegal };

/// What the strip under the sliders shows. `mark` and `title` say it without colour.
struct Verdict {
  VerdictKind kind;
  std::string mark;               ///< "✓", "✗" or "!"
  std::string title;              ///< "Even coverage", "Checkerboard", …
  std::string reason;             ///< after the title: "S divides K"
  std::string text;               ///< one to three sentences
  std::optional<LayerSpec> cure;  ///< a layer of the same output size with even counts (or the nearest legal layer)
  std::string cure_label;         ///< "Make it K4 S2 P1"
};

/// Judges the counts of the geometry, not the weights: these can ripple although the counts are even.
Verdict verdict_of(const Scenario& scenario, const std::vector<Problem>& problems);

/// "K3 S2 P1 OP1", leaving out what is usual; axes that differ as "3×5".
std::string short_name(const LayerSpec& layer);

/// The layer with every axis' kernel raised to the next multiple of its stride (dilation 1), paddings chosen so that
/// the output size stays; empty when nothing has to change or no such paddings are legal.
std::optional<LayerSpec> even_cure(const LayerSpec& layer);

/// The state in plain words, a few lines: what `tconv describe` prints.
std::string describe(const Scenario& scenario, const std::vector<Problem>& problems);

}  // namespace tconv
