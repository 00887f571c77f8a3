#include "views/shuffle_formula.h"

#include <algorithm>
#include <cmath>

namespace tconv {
namespace {

using std::int64_t;

/// The letters of the formula, or what stands for them.
struct Names {
  std::string channel;               ///< of the cell that is written
  std::array<std::string, 3> at;     ///< its (z, y, x)
  std::string inside;                ///< unshuffle: the place in the super-pixel
  std::string factor;                ///< r
  std::array<std::string, 4> power;  ///< of r
  std::string channels;              ///< C
};

class Formula {
 public:
  Formula(const Theme& theme, const ShuffleScene& scene)
      : theme_(theme),
        spec_(scene.spec()),
        scene_(scene),
        first_(static_cast<std::size_t>(3 - spec_.dims)),
        crd_(spec_.order == ChannelOrder::crd) {}

  std::vector<FormulaLine> lines() { return {written_and_read(letters()), written_and_read(numbers()), result()}; }

 private:
  Names letters() const {
    return {scene_.unshuffle() ? "k" : "c", {"z", "y", "x"}, "j", "r", {"1", "r", "r²", "r³"}, "C"};
  }

  Names numbers() const {
    const ShufflePlace& written = scene_.unshuffle() ? small_ : large_;
    Names names{std::to_string(written.channel), {}, "", std::to_string(spec_.factor), {}, ""};
    for (std::size_t a = 0; a < 3; ++a) names.at[a] = std::to_string(written.at[a]);
    ShuffleSpec power = spec_;
    for (int dims = 0; dims < 4; ++dims) {
      power.dims = dims;
      names.power[static_cast<std::size_t>(dims)] = std::to_string(power.group());
    }
    names.channels = std::to_string(spec_.out_channels);
    const int64_t inside = crd_ ? small_.channel % spec_.group() : small_.channel / spec_.out_channels;
    names.inside = std::to_string(inside);
    return names;
  }

  void say(const std::string& words) { line_.pieces.back().push_back({words, theme_.text, Font::mono}); }
  void say(const std::string& words, Color color) { line_.pieces.back().push_back({words, color, Font::mono}); }
  void out(const std::string& words) { say(words, theme_.output_text); }
  void factor(const std::string& words) { say(words, theme_.kernel_text); }
  void next_piece() { line_.pieces.emplace_back(); }

  FormulaLine written_and_read(const Names& n) {
    line_ = {};
    next_piece();
    say("out[");
    out(n.channel);
    for (std::size_t a = first_; a < 3; ++a) {
      say(", ");
      out(n.at[a]);
    }
    say("] = ");
    next_piece();
    say("in[");
    if (scene_.unshuffle()) {
      unshuffled(n);
    } else {
      shuffled(n);
    }
    return line_;
  }

  /// (z mod r)·r² + (y mod r)·r + (x mod r)
  void place_in_super_pixel(const Names& n) {
    for (std::size_t a = first_; a < 3; ++a) {
      if (a > first_) {
        say(" + ");
        next_piece();
      }
      say("(");
      out(n.at[a]);
      say(" mod ");
      factor(n.factor);
      say(")");
      if (a == 2) continue;
      say("·");
      factor(n.power[2 - a]);
    }
  }

  void shuffled(const Names& n) {
    if (crd_) {
      out(n.channel);
      say("·");
      factor(n.power[static_cast<std::size_t>(spec_.dims)]);
      say(" + ");
      next_piece();
      place_in_super_pixel(n);
    } else {
      if (spec_.dims > 1) say("(");
      place_in_super_pixel(n);
      say(std::string(spec_.dims > 1 ? ")" : "") + "·" + n.channels + " + ");
      out(n.channel);
    }
    for (std::size_t a = first_; a < 3; ++a) {
      say(", ");
      next_piece();
      say("⌊");
      out(n.at[a]);
      say("/");
      factor(n.factor);
      say("⌋");
    }
    say("]");
  }

  void unshuffled(const Names& n) {
    const std::string& whole = n.power[static_cast<std::size_t>(spec_.dims)];
    if (crd_) {
      say("⌊");
      out(n.channel);
      say("/");
      factor(whole);
      say("⌋");
    } else {
      out(n.channel);
      say(" mod " + n.channels);
    }
    for (std::size_t a = first_; a < 3; ++a) {
      say(", ");
      next_piece();
      out(n.at[a]);
      say("·");
      factor(n.factor);
      say(" + ");
      if (a == 2) {
        say(n.inside);
      } else {
        say("⌊" + n.inside + "/");
        factor(n.power[2 - a]);
        say("⌋");
      }
      if (a == first_) continue;
      say(" mod ");
      factor(n.factor);
    }
    say("], ");
    next_piece();
    say(n.inside == "j" ? "j = " : n.inside + " = ");
    if (crd_) {
      out(n.channel);
      say(" mod ");
      factor(whole);
    } else {
      say("⌊");
      out(n.channel);
      say("/" + n.channels + "⌋");
    }
  }

  FormulaLine result() {
    line_ = {};
    next_piece();
    say("= in[");
    const ShufflePlace& read = scene_.unshuffle() ? large_ : small_;
    say(std::to_string(read.channel), theme_.input_text);
    for (std::size_t a = first_; a < 3; ++a) {
      say(", ");
      say(std::to_string(read.at[a]), theme_.input_text);
    }
    say("] = ");
    line_.pieces.back().push_back({scene_.value_text(small_), theme_.text, Font::mono_medium});
    return line_;
  }

  const Theme& theme_;
  const ShuffleSpec& spec_;
  const ShuffleScene& scene_;
  const std::size_t first_;  ///< of the axes
  const bool crd_;
  const ShufflePlace large_ = scene_.focus();
  const ShufflePlace small_ = scene_.small_focus();
  FormulaLine line_;
};

double width_of(const TextMetrics& text, const std::vector<Span>& spans, double size) {
  double width = 0;
  for (const Span& span : spans) width += text.width(span.font, size, span.text);
  return width;
}

}  // namespace

std::string FormulaLine::text() const {
  std::string all;
  for (const auto& piece : pieces) {
    for (const Span& span : piece) all += span.text;
  }
  return all;
}

std::vector<FormulaLine> shuffle_formula(const Theme& theme, const ShuffleScene& scene) {
  return Formula(theme, scene).lines();
}

double add_formula(Figure& figure, const ViewInput& in, Point at, double width, const std::vector<FormulaLine>& lines) {
  const auto fits = [&](double size) {
    return std::ranges::all_of(lines, [&](const FormulaLine& line) {
      double total = 0;
      for (const auto& piece : line.pieces) total += width_of(in.text, piece, size);
      return total <= width;
    });
  };
  double size = 15;
  while (size > 12 && !fits(size)) --size;
  if (!fits(size)) size = 12;
  const double indent = 20;
  const double step = std::round(size * 1.6);
  const bool unbroken = fits(size);
  for (const FormulaLine& line : lines) {
    double x = at.x;
    // The result stands under what it is the result of.
    if (unbroken && &line == &lines.back() && lines.size() > 1) {
      const double equals = width_of(in.text, {{"= ", {}, Font::mono}}, size);
      const double below = width_of(in.text, (&line - 1)->pieces.front(), size) - equals;
      const double wide = width_of(in.text, line.pieces.front(), size);
      if (below + wide <= width) x += below;
    }
    for (const auto& piece : line.pieces) {
      const double wide = width_of(in.text, piece, size);
      if (x > at.x + indent && x + wide > at.x + width) {
        x = at.x + indent;
        at.y += step;
      }
      x = add_spans(figure, in.text, {x, at.y}, size, piece);
    }
    at.y += step;
  }
  return at.y;
}

}  // namespace tconv
