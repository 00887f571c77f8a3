#include "views/gradient_words.h"

#include "figure/layout.h"
#include "views/linking.h"
#include "views/wording.h"

namespace tconv {
namespace {

using std::int64_t;

std::string number(float value) { return number_text(static_cast<double>(value), 3); }

/// A factor: "2", "(−1)".
std::string factor(float value) {
  const std::string text = number(value);
  return value < 0 ? "(" + text + ")" : text;
}

class BackwardWords {
 public:
  BackwardWords(const ViewInput& in, std::size_t most)
      : in_(in), layer_(in.results.scenario.layer), ways_(*in.results.ways), most_(most) {}

  std::string operator()(const InputCell& tag) const { return of_input(tag.cell); }
  std::string operator()(const GradInputCell& tag) const { return of_input(tag.cell); }
  std::string operator()(const KernelTap& tag) const { return of_tap(tag); }
  std::string operator()(const GradKernelTap& tag) const { return of_tap(tag); }
  std::string operator()(const OutputCell& tag) const { return of_output(tag.cell); }
  std::string operator()(const GradOutputCell& tag) const { return of_output(tag.cell); }
  std::string operator()(const Multiplication& one) const {
    const CellIndex out = output_of(layer_, one);
    const std::string x = named("x", one.input);
    const std::string w = tap_name("w", one);
    const std::string g = named("g", out);
    return x + "·" + w + " = " + factor(x_of(one)) + "·" + factor(w_of(one)) + " is part of " + named("y", out) +
           ". On the way back " + g + "·" + w + " = " + factor(g_of(one)) + "·" + factor(w_of(one)) + " is part of " +
           named("dx", one.input) + ", and " + x + "·" + g + " = " + factor(x_of(one)) + "·" + factor(g_of(one)) +
           " of " + tap_name("dw", one) + ".";
  }
  template <typename Other>
  std::string operator()(const Other&) const {
    return {};
  }

 private:
  float x_of(const Multiplication& one) const { return in_.results.input[flat_input(layer_, one.input)]; }
  float w_of(const Multiplication& one) const {
    return in_.results.weight[flat_weight(layer_, one.input.channel, one.out_channel, one.tap)];
  }
  float g_of(const Multiplication& one) const { return ways_.grad_output[flat_output(layer_, output_of(layer_, one))]; }

  /// "dx (1)", with several channels "dx[2] (1)".
  std::string named(const std::string& name, const CellIndex& cell) const {
    const bool several = layer_.in_channels > 1 || layer_.out_channels > 1;
    return name + (several ? "[" + std::to_string(cell.channel) + "] " : " ") + place_text(layer_, cell.at);
  }
  template <typename Tap>
  std::string named_tap(const std::string& name, int64_t in, int64_t out, const Tap& tap) const {
    const bool several = layer_.in_channels > 1 || layer_.out_channels > 1;
    return name + (several ? "[" + std::to_string(in) + " → " + std::to_string(out) + "] " : " ") +
           place_text(layer_, tap);
  }
  std::string tap_name(const std::string& name, const Multiplication& one) const {
    return named_tap(name, one.input.channel, one.out_channel, one.tap);
  }

  /// "2·1 + 3·(−1) + … (12 terms)"; empty without a term.
  template <typename Term>
  std::string sum(const ListedMultiplications& list, const Term& term) const {
    std::string text;
    for (const Multiplication& one : list.first) text += (text.empty() ? "" : " + ") + term(one);
    if (list.count > static_cast<int64_t>(list.first.size())) {
      text += " + … (" + std::to_string(list.count) + " terms)";
    }
    return text;
  }
  ListedMultiplications listed(const Tag& tag) const {
    return list_multiplications(layer_, *multiplications_of(tag), most_);
  }

  std::string of_input(const CellIndex& cell) const {
    const std::string terms = sum(listed(InputCell{cell}), [&](const Multiplication& one) {
      return factor(g_of(one)) + "·" + factor(w_of(one));
    });
    if (terms.empty()) return named("dx", cell) + " = 0: what this cell paints is cropped";
    return named("dx", cell) + " = ∑ g·w = " + terms + " = " +
           number_text(static_cast<double>(ways_.gradients->input[flat_input(layer_, cell)]), 5);
  }

  template <typename Tap>
  std::string of_tap(const Tap& tag) const {
    if (!joined(layer_, tag.in_channel, tag.out_channel)) return {};
    const std::string terms =
        sum(listed(tag), [&](const Multiplication& one) { return factor(x_of(one)) + "·" + factor(g_of(one)); });
    const std::string name = named_tap("dw", tag.in_channel, tag.out_channel, tag.tap);
    if (terms.empty()) return name + " = 0: what this tap paints is cropped";
    const int64_t flat = flat_weight(layer_, tag.in_channel, tag.out_channel, tag.tap);
    return name + " = ∑ x·g = " + terms + " = " + number_text(static_cast<double>(ways_.gradients->weight[flat]), 5);
  }

  std::string of_output(const CellIndex& cell) const {
    const ListedMultiplications list = listed(OutputCell{cell});
    const std::string g = named("g", cell) + " = " + number(ways_.grad_output[flat_output(layer_, cell)]);
    if (list.count == 0) return g + " reaches nothing: no input cell paints " + named("y", cell);
    const std::string ways =
        sum(list, [&](const Multiplication& one) { return factor(x_of(one)) + "·" + factor(w_of(one)); });
    const Multiplication& one = list.first.front();
    return named("y", cell) + " = " + (layer_.bias ? "bias + " : "") + ways + ". " + g +
           " goes back the same ways: times each w into its dx, times each x into its dw, such as " +
           factor(g_of(one)) + "·" + factor(w_of(one)) + " into " + named("dx", one.input) + ".";
  }

  const ViewInput& in_;
  const LayerSpec& layer_;
  const Ways& ways_;
  const std::size_t most_;
};

}  // namespace

std::string backward_text(const ViewInput& in, const Tag& tag, std::size_t most) {
  return std::visit(BackwardWords(in, most), tag);
}

}  // namespace tconv
