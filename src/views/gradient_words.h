#pragma once
// Sums of the backward pass, written out.

#include <string>

#include "views/view.h"

namespace tconv {

/// How the cell of a tag is made by the backward pass, with at most `most` terms: "dx (1) = Σ g·w = 2·1 + (−1)·2 + … =
/// 9" of an input cell or its gradient, likewise dw of a tap; of an output cell or g what y sums up and which way back
/// g goes; of one multiplication the three places where it counts. Empty for tags that are no cells. The results must
/// have gradients.
std::string backward_text(const ViewInput& in, const Tag& tag, std::size_t most);

}  // namespace tconv
