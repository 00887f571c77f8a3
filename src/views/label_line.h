#pragma once
// Words along a line, such as those over the marks of a chart.

#include <array>
#include <string>
#include <vector>

#include "figure/figure.h"

namespace tconv {

/// Words that are left out where they would touch others; whatever is put first has its place. Type size 12.
class LabelLine {
 public:
  /// With this baseline, from `left` to `right`.
  LabelLine(Figure& figure, const TextMetrics& text, double baseline, double left, double right)
      : figure_(figure), text_(text), baseline_(baseline), left_(left), right_(right) {}

  /// Centred at x, moved inwards at the line's ends; false where there is no room.
  bool put(double x, const std::string& words, Font font, Color color);

 private:
  Figure& figure_;
  const TextMetrics& text_;
  double baseline_;
  double left_;
  double right_;
  std::vector<std::array<double, 2>> taken_;  ///< from, to
};

}  // namespace tconv
