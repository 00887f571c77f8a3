#pragma once
// A side panel's words, one thing under the other.

#include <string>
#include <vector>

#include "figure/layout.h"
#include "views/view.h"

namespace tconv {

struct Column {
  Figure& figure;
  const ViewInput& in;
  double y;  ///< the next baseline

  void heading(const std::string& words);
  void sentence(const std::string& words) { sentence(words, in.theme.text); }
  void sentence(const std::string& words, Color color);
  /// One line in the mono font; a single span is shortened to what fits.
  void line(std::vector<Span> spans, double step = 22);
  /// A horizontal line.
  void rule();
};

}  // namespace tconv
