#include "compute/comparison_plan.h"

#include <algorithm>

#include "document/verdict.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t most_channels = 3;       // that are computed together: one, or the colours
constexpr int64_t smallest_picture = 16;   // cells on a side of a scenario's input that shows something
constexpr int64_t smallest_image = 8;      // likewise of own values
constexpr int64_t soon_done = 30'000'000;  // multiplications
constexpr int64_t smallest_usual = 8;      // cells on a side of a pattern
constexpr __int128 cap = static_cast<__int128>(1) << 62;

int64_t saturated(__int128 number) { return static_cast<int64_t>(std::min(cap, number)); }
int64_t times(int64_t a, int64_t b) { return saturated(static_cast<__int128>(a) * b); }

int64_t strides(const LayerSpec& layer) {
  int64_t product = 1;
  for (const AxisSpec& axis : layer.spatial()) product = times(product, axis.stride);
  return product;
}

int64_t cells(const LayerSpec& layer) {
  int64_t product = 1;
  for (const AxisSpec& axis : layer.spatial()) product = times(product, axis.input);
  return product;
}

/// Of a pattern on a map that is the program's own choice.
int64_t usual_cells(int dims) { return dims == 1 ? 96 : dims == 2 ? 48 : 16; }

class Planner {
 public:
  Planner(const Scenario& scenario, const ComparisonChoice& choice) : scenario_(scenario), choice_(choice) {
    plan_.shrink = choice.shrink;
    plan_.layer = scenario.layer;
    plan_.layer.batch = 1;
    plan_.layer.bias = false;
    for (AxisSpec& axis : plan_.layer.spatial()) axis.padding_begin = axis.padding_end = axis.output_padding = 0;
    plan_.batch = std::clamp<int64_t>(choice.batch, 0, scenario.layer.batch - 1);
    const int64_t outputs = scenario.layer.out_channels;
    if (outputs <= most_channels) {
      for (int64_t c = 0; c < outputs; ++c) plan_.channels.push_back(c);
    } else {
      plan_.channels.push_back(std::clamp<int64_t>(choice.out_channel, 0, outputs - 1));
    }
  }

  ComparisonPlan plan() {
    const auto axes = scenario_.layer.spatial();
    const auto at_least = [&](int64_t cells_on_a_side) {
      return std::ranges::all_of(axes, [=](const AxisSpec& axis) { return axis.input >= cells_on_a_side; });
    };
    const bool wide = at_least(smallest_picture);
    plan_.input_id = choice_.input;
    if (plan_.input_id.empty()) {
      const bool image = scenario_.input.id == "custom" && at_least(smallest_image);
      const bool own = (wide || image) && own_fits();
      plan_.input_id = own ? "own" : "test-card";
    }
    if (plan_.input_id == "own") {
      plan_own();
    } else {
      plan_pattern(wide);
    }
    return std::move(plan_);
  }

 private:
  void plan_own() {
    if (!set_own_size()) {
      refuse("The input is smaller than the stride on some axis: there is nothing left of it to shrink first.");
    } else if (too_much()) {
      refuse("The input is too large to send through every upsampler: that would take " + amount() +
             ". Choose the test card, which comes in a size that can be compared.");
    }
  }

  void plan_pattern(bool wide) {
    // The scenario's own size, where that shows something and can be done.
    if (wide && set_own_input() && !too_much()) return;
    // As large as is soon done; or, of what takes long, as small as may be.
    const int64_t usual = usual_cells(scenario_.layer.dims);
    for (int64_t size = usual; size >= 2; size /= 2) {
      for (AxisSpec& axis : plan_.layer.spatial()) axis.input = size;
      const bool possible = !too_much();
      if (possible && (plan_.work <= soon_done || size <= smallest_usual)) return;
    }
    refuse("This layer is too large to be compared, even on a map of 2 cells along each axis: that would take " +
           amount() + ".");
  }

  bool own_fits() { return set_own_size() && !too_much(); }

  bool set_own_input() {
    for (std::size_t a = 0; a < scenario_.layer.spatial().size(); ++a) {
      plan_.layer.axes[a].input = scenario_.layer.axes[a].input;
    }
    return true;
  }

  /// False when blocks of S cells leave nothing.
  bool set_own_size() {
    set_own_input();
    if (!plan_.shrink) return true;
    bool left = true;
    for (AxisSpec& axis : plan_.layer.spatial()) {
      axis.input /= axis.stride;
      left = left && axis.input >= 1;
      axis.input = std::max<int64_t>(1, axis.input);
    }
    return left;
  }

  /// Sets `part` and `work`, too.
  bool too_much() {
    plan_.part = plan_.layer;
    if (plan_.channels.size() == 1 && plan_.layer.out_channels > 1) {
      plan_.part.in_channels = plan_.layer.in_channels / plan_.layer.groups;
      plan_.part.out_channels = plan_.part.groups = 1;
    }
    outputs_ = times(times(cells(plan_.part), strides(plan_.part)), static_cast<int64_t>(plan_.channels.size()));
    const int64_t inputs = times(cells(plan_.layer), plan_.layer.in_channels);
    const int64_t shrunk = times(inputs, plan_.shrink ? strides(plan_.layer) : 1);
    LayerSpec cure = plan_.part;
    if (const auto cured = even_cure(scenario_.layer)) {
      for (std::size_t a = 0; a < cure.spatial().size(); ++a) cure.axes[a].kernel = cured->axes[a].kernel;
    }
    __int128 work = cost_of(plan_.part).multiplications;
    work += cost_of(cure).multiplications;
    work += static_cast<__int128>(2) * cost_of_resize_then_conv(plan_.part).multiplications;
    work += cost_of_conv_then_shuffle(plan_.part).multiplications;
    work += static_cast<__int128>(40) * (outputs_ + shrunk);  // resizing, measuring, drawing test pictures
    plan_.work = saturated(work);
    return outputs_ > largest_compared || shrunk > 2 * largest_compared || plan_.work > longest_comparison;
  }

  std::string amount() const {
    const auto text = [](int64_t number) {
      if (number >= 1'000'000'000'000) return std::string("more than 1,000 billion");
      if (number >= 1'000'000'000) return std::to_string(number / 1'000'000'000) + " billion";
      return std::to_string(number / 1'000'000) + " million";
    };
    if (outputs_ > largest_compared) return "outputs of " + text(outputs_) + " numbers each";
    return text(plan_.work) + " multiplications";
  }

  void refuse(std::string why) { plan_.refused = std::move(why); }

  const Scenario& scenario_;
  const ComparisonChoice& choice_;
  ComparisonPlan plan_;
  int64_t outputs_ = 0;
};

/// `count` of the entries along axis `axis` (0 or 1), from `first` on.
Tensor sliced(const Tensor& from, int axis, int64_t first, int64_t count) {
  Shape shape = from.shape();
  if (first == 0 && count == shape[axis]) return from;
  const int64_t outer = axis == 0 ? 1 : shape[0];
  const int64_t inner = from.size() / (outer * shape[axis]);
  const int64_t whole = shape[axis] * inner;
  shape[axis] = count;
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(shape.elements()));
  for (int64_t o = 0; o < outer; ++o) {
    const float* begin = from.data() + o * whole + first * inner;
    values.insert(values.end(), begin, begin + count * inner);
  }
  return {shape, std::move(values)};
}

}  // namespace

Tensor ComparisonPlan::sample_of(const Tensor& input) const { return sliced(input, 0, batch, 1); }

Tensor ComparisonPlan::part_of_input(const Tensor& input) const {
  if (part.in_channels == layer.in_channels) return input;
  const int64_t group = channels[0] / (layer.out_channels / layer.groups);
  return sliced(input, 1, group * part.in_channels, part.in_channels);
}

Tensor ComparisonPlan::channels_of(const Tensor& output) const {
  return sliced(output, 1, channels[0], static_cast<int64_t>(channels.size()));
}

Tensor ComparisonPlan::part_of_weight(const LayerSpec& whole, const Tensor& weight) const {
  if (part.out_channels == whole.out_channels) return weight;
  const int64_t per_group = whole.out_channels / whole.groups;
  const int64_t inputs = whole.in_channels / whole.groups;
  return sliced(sliced(weight, 0, channels[0] / per_group * inputs, inputs), 1, channels[0] % per_group, 1);
}

ComparisonPlan plan_comparison(const Scenario& scenario, const ComparisonChoice& choice) {
  return Planner(scenario, choice).plan();
}

}  // namespace tconv
