#pragma once
// Three questions about a checkerboard, three answers, in words: are the counts even, are these weights' sums even,
// does a flat input stay flat? They can disagree, and then the reason is said.

#include <array>
#include <string>

#include "core/evenness.h"
#include "core/layer_spec.h"

namespace tconv {

struct Answer {
  bool good = false;
  std::string question;  ///< "Counts"
  std::string brief;     ///< the same in a word: "counts"
  std::string text;      ///< "1, 2 and 4 in turn"
};

struct Answers {
  std::array<Answer, 3> all;  ///< counts, weights, flat input
  std::string why;            ///< how it comes that they disagree; empty when they agree
};

/// Of a legal layer and its numbers.
Answers answers_of(const LayerSpec& layer, const WeightEvenness& weights, const FlatEvenness& flat);

/// "133 %", "0.4 %", "∞": a part as a percentage.
std::string percent_text(double part);

}  // namespace tconv
