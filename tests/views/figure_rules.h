#pragma once
// What every picture must keep to, whatever it shows: found by looking at the figure's shapes alone.

#include <string>
#include <vector>

#include "figure/figure.h"

namespace tconv::test {

struct Violation {
  std::string rule;  ///< the same words for the same rule
  std::string what;  ///< which shapes break it, with their places
};

/// Every broken rule of a figure: shapes are finite; words lie inside the figure, inside the card or cell on which they
/// begin, and apart from each other; nothing is painted over them; they have a size for which glyphs are made, and
/// contrast of at least 4.5 to the ground beneath them; a tagged shape is found where it lies.
std::vector<Violation> violations(const Figure& figure, const TextMetrics& text);

/// The ink of a line of words: from its capitals' tops to its lowest letter, without spaces at its ends.
Rect ink_of(const TextShape& shape, const TextMetrics& text);

/// Everything that a figure shows, as words: equal for equal pictures.
std::string dump(const Figure& figure);

/// Collects violations over many pictures, and fails the test once for each rule with its first examples.
class ViolationReport {
 public:
  void add(const std::string& picture, const std::vector<Violation>& found);
  ~ViolationReport();

 private:
  struct Example {
    std::string what;
    std::string picture;
    int times = 1;
  };
  struct Rule {
    std::string rule;
    std::vector<Example> examples;
    int times = 0;
  };
  std::vector<Rule> rules_;
};

}  // namespace tconv::test
