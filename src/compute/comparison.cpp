#include "compute/comparison.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "compute/comparison_plan.h"
#include "compute/upsampling.h"
#include "core/pixel_shuffle.h"
#include "core/resize.h"
#include "document/verdict.h"

namespace tconv {
namespace {

using std::int64_t;

class Comparer {
 public:
  Comparer(const Scenario& scenario, const ComparisonPlan& plan, const KeepGoing& keep_going)
      : scenario_(scenario), plan_(plan), keep_going_(keep_going), weight_(weight_of(scenario)) {
    for (const AxisSpec& axis : plan.layer.spatial()) {
      size_.push_back(axis.input * axis.stride);
      strides_.push_back(axis.stride);
    }
  }

  /// False when told to stop.
  bool run(Comparison& result) {
    make_inputs(result);
    const Tensor input = plan_.part_of_input(result.input);
    if (!add_layer(result, input)) return false;
    if (std::ranges::any_of(strides_, [](int64_t stride) { return stride > 1; })) {
      if (!add_others(result, input)) return false;
    } else {
      result.notes.emplace_back("With stride 1 there is nothing to upsample: every other way is the same convolution.");
    }
    return measure(result);
  }

 private:
  static Upsampler named(std::string id, std::string label, std::string remark) {
    Upsampler one;
    one.id = std::move(id);
    one.label = std::move(label);
    one.remark = std::move(remark);
    return one;
  }

  bool stopped() const { return keep_going_ && !keep_going_(); }

  void make_inputs(Comparison& result) {
    const Shape small = input_shape(plan_.layer);
    Shape large = small;
    for (int a = 0; a < plan_.layer.dims; ++a) large[a + 2] = size_[static_cast<std::size_t>(a)];
    const LayerSpec& layer = plan_.layer;
    if (plan_.input_id == "own") {
      const Tensor own = plan_.sample_of(input_of(scenario_));
      result.input = plan_.shrink ? block_means(windowed(own, Sizes(size_.size(), 0), size_), strides_) : own;
      if (plan_.shrink && layer.in_channels == layer.out_channels) {
        result.truth = plan_.channels_of(windowed(own, Sizes(size_.size(), 0), size_));
      } else if (plan_.shrink) {
        result.notes.emplace_back("The layer changes the number of channels, so the input is no truth for its output.");
      }
      return;
    }
    const Pattern pattern{plan_.input_id, 1, {}};
    const std::array<int64_t, 3> one{1, 1, 1};
    // A pattern of three channels has colours.
    const bool comparable =
        layer.in_channels == layer.out_channels || (layer.in_channels != 3 && layer.out_channels != 3);
    if (plan_.shrink) {
      result.input = block_means(make_array(pattern, large, one), strides_);
    } else {
      result.input = make_array(pattern, small, one);
    }
    const bool picture = plan_.input_id == "test-card" || plan_.input_id == "landscape";
    if (!comparable || (!picture && !plan_.shrink)) return;
    Shape of_outputs = large;
    of_outputs[1] = layer.out_channels;
    result.truth = plan_.channels_of(make_array(pattern, of_outputs, one));
  }

  struct Placed {
    Sizes begin;
    std::array<double, 3> shift{};
  };
  /// Where the output begins so that it lies over the input, for a footprint whose middle is `drift` of an axis on.
  template <typename Drift>
  Placed placed(Drift drift) const {
    Placed result;
    for (std::size_t a = 0; a < size_.size(); ++a) {
      const double far = drift(plan_.layer.axes[a]);
      result.begin.push_back(crop_for(far));
      result.shift[a] = far - static_cast<double>(result.begin.back());
    }
    return result;
  }

  template <typename Compute>
  std::optional<Tensor> timed(Upsampler& one, Compute compute) const {
    const auto start = std::chrono::steady_clock::now();
    auto output = compute();
    one.milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    return output;
  }

  /// Divides every channel by what a flat input of ones becomes on average.
  void finish(Comparison& result, Upsampler one, const LayerSpec& layer, const Tensor& weight, Tensor output,
              const Cost& cost) const {
    if (evenness_is_quick(layer)) one.flat = flat_evenness(layer, weight).worst;
    one.cost = cost;
    double cells = static_cast<double>(layer.out_channels);
    for (const int64_t size : size_) cells *= static_cast<double>(size);
    one.products_per_cell = static_cast<double>(cost.multiplications) / cells;
    std::vector<float> values(output.values().begin(), output.values().end());
    const auto plane = values.size() / plan_.channels.size();
    for (std::size_t c = 0; c < plan_.channels.size(); ++c) {
      const Gain gain = gain_of(layer, weight, plan_.channels[c]);
      one.scaled = one.scaled && gain.usable;
      if (!gain.usable) continue;
      for (std::size_t i = c * plane; i < (c + 1) * plane; ++i) {
        values[i] = static_cast<float>(static_cast<double>(values[i]) / gain.mean);
      }
    }
    one.output = Tensor(output.shape(), std::move(values));
    if (std::ranges::any_of(one.shift, [](double shift) { return shift != 0; })) {
      one.remark += one.remark.empty() ? "half a cell off" : ", half a cell off";
    }
    result.upsamplers.push_back(std::move(one));
  }

  bool add_transposed(Comparison& result, Upsampler one, const LayerSpec& layer, const Tensor& weight,
                      const Tensor& input) const {
    LayerSpec uncropped = layer;
    for (AxisSpec& axis : uncropped.spatial()) axis.padding_begin = axis.padding_end = axis.output_padding = 0;
    one.label = "Transposed conv " + short_name(uncropped);
    LayerSpec sized = plan_.layer;
    const LayerSpec part_layer = [&] {
      LayerSpec part = plan_.part;
      for (std::size_t a = 0; a < size_.size(); ++a) {
        part.axes[a].kernel = sized.axes[a].kernel = layer.axes[a].kernel;
        part.axes[a].dilation = sized.axes[a].dilation = layer.axes[a].dilation;
      }
      return part;
    }();
    Placed place;
    for (std::size_t a = 0; a < size_.size(); ++a) {
      const AxisSpec& axis = sized.axes[a];
      const double far = static_cast<double>(stamp_extent(axis) - 1 - (axis.stride - 1)) / 2;
      place.begin.push_back(crop_for(far));
      place.shift[a] = far - static_cast<double>(place.begin.back());
    }
    one.shift = place.shift;
    const Tensor part_weight = plan_.part_of_weight(sized, weight);
    const auto output =
        timed(one, [&] { return painted(part_layer, input, part_weight, place.begin, size_, keep_going_); });
    if (!output) return false;
    finish(result, std::move(one), sized, weight, *output, cost_of(sized));
    return true;
  }

  bool add_layer(Comparison& result, const Tensor& input) {
    Upsampler one = named("layer", {}, "the current layer");
    std::string own;
    bool differs = false;
    for (std::size_t a = 0; a < size_.size(); ++a) {
      AxisSpec axis = scenario_.layer.axes[a];
      axis.input = plan_.layer.axes[a].input;
      const int64_t size = output_size(axis);
      differs = differs || size != size_[a];
      own += (own.empty() ? "" : " × ") + std::to_string(size);
    }
    if (differs) {
      std::string shown;
      for (const int64_t size : size_) shown += (shown.empty() ? "" : " × ") + std::to_string(size);
      result.notes.push_back("The layer itself gives " + own + "; its uncropped output is shown cropped or filled to " +
                             shown + ", like all others, in the same place.");
    }
    return add_transposed(result, std::move(one), scenario_.layer, weight_, input);
  }

  bool add_others(Comparison& result, const Tensor& input) {
    if (const auto cure = even_cure(scenario_.layer)) {
      Scenario cured = scenario_;
      cured.layer = *cure;
      if (weight_shape(*cure).checked_elements().value_or(INT64_MAX) <= largest_compared) {
        Upsampler one = named("cure", {}, "its even cure");
        if (!add_transposed(result, std::move(one), *cure, weight_of(cured), input)) return false;
      }
    }
    return add_resized(result, input, ResizeMode::nearest) && add_resized(result, input, ResizeMode::bilinear) &&
           add_shuffle(result, input);
  }

  std::string kernel_text() const {
    const auto axes = scenario_.layer.spatial();
    std::string text = "K" + std::to_string(axes[0].kernel);
    if (std::ranges::any_of(axes, [&](const AxisSpec& axis) { return axis.kernel != axes[0].kernel; })) {
      for (std::size_t a = 1; a < axes.size(); ++a) text += "×" + std::to_string(axes[a].kernel);
    }
    return text;
  }

  bool add_resized(Comparison& result, const Tensor& input, ResizeMode mode) const {
    const bool nearest = mode == ResizeMode::nearest;
    const std::string name = nearest ? "Nearest" : plan_.layer.dims == 2 ? "Bilinear" : "Linear";
    Upsampler one =
        named(nearest ? "nearest" : "bilinear", name + " + conv " + kernel_text(), nearest ? "Odena's cure" : "smooth");
    const Placed place = placed([](const AxisSpec& axis) { return static_cast<double>(axis.kernel - 1) / 2; });
    one.shift = place.shift;
    const LayerSpec whole = as_convolution(plan_.layer, size_);
    const Tensor weight = plan_.part_of_weight(plan_.layer, weight_);
    const auto output = timed(one, [&] {
      return painted(as_convolution(plan_.part, size_), resize(input, size_, mode), weight, place.begin, size_,
                     keep_going_);
    });
    if (!output) return false;
    finish(result, std::move(one), whole, weight_, *output, cost_of_resize_then_conv(plan_.layer));
    return true;
  }

  bool add_shuffle(Comparison& result, const Tensor& input) const {
    Upsampler one = named("shuffle", "Conv " + kernel_text() + " + pixel shuffle", "started with ICNR");
    int64_t group = 1;
    for (const int64_t stride : strides_) group *= stride;
    const Tensor weight = plan_.part_of_weight(plan_.layer, weight_);
    if (weight.size() > largest_compared / group) {
      result.notes.emplace_back("Pixel shuffle is left out: its filters would be too many.");
      return true;
    }
    const Placed place = placed([](const AxisSpec& axis) {
      return static_cast<double>(axis.kernel - 1) / 2 * static_cast<double>(axis.stride);
    });
    one.shift = place.shift;
    // Of the small map as many cells as the window of the large one touches.
    Sizes small;
    Sizes small_begin;
    Sizes begin;
    Sizes large;
    for (std::size_t a = 0; a < size_.size(); ++a) {
      small_begin.push_back(place.begin[a] / strides_[a]);
      begin.push_back(place.begin[a] % strides_[a]);
      small.push_back((begin[a] + size_[a] + strides_[a] - 1) / strides_[a]);
      large.push_back(small[a] * strides_[a]);
    }
    Sizes cells;
    for (const AxisSpec& axis : plan_.layer.spatial()) cells.push_back(axis.input);
    LayerSpec filters = as_convolution(plan_.part, cells);
    filters.out_channels *= group;
    const Tensor all = repeated(weight, group);
    const auto output = timed(one, [&]() -> std::optional<Tensor> {
      const auto low = painted(filters, input, all, small_begin, small, keep_going_);
      if (!low) return std::nullopt;
      const bool alike = std::ranges::all_of(strides_, [&](int64_t stride) { return stride == strides_[0]; });
      // Blocks that are no cubes have no shuffle in the core; of equal filters any one fills the block.
      if (alike) return windowed(pixel_shuffle(*low, strides_[0]), begin, size_);
      return windowed(resize(every_channel(*low, group), large, ResizeMode::nearest), begin, size_);
    });
    if (!output) return false;
    finish(result, std::move(one), as_convolution(plan_.layer, cells), weight_, *output,
           cost_of_conv_then_shuffle(plan_.layer));
    return true;
  }

  bool measure(Comparison& result) {
    // As far from the border as zeros from beyond it reach, for any of them; on small maps there is no such place.
    const auto from = static_cast<std::size_t>(3 - plan_.layer.dims);
    for (std::size_t a = 0; a < size_.size(); ++a) {
      const AxisSpec& axis = plan_.layer.axes[a];
      const int64_t reach = std::max(stamp_extent(axis), axis.kernel + axis.stride) * axis.stride;
      const int64_t wanted = std::min(size_[a], reach) / 2 + axis.stride;
      result.margin[from + a] = 4 * wanted < size_[a] ? wanted : 0;
    }
    for (Upsampler& one : result.upsamplers) {
      if (stopped()) return false;
      if (!result.truth.empty() && one.scaled) one.psnr = psnr(one.output, result.truth, result.margin);
      one.difference = mean_difference(one.output, result.upsamplers[0].output);
      one.rms_difference = root_mean_square(one.difference, result.margin);
      auto spectrum = spectrum_of(one.output);
      if (!spectrum) return false;
      one.spectrum = *std::move(spectrum);
    }
    set_range(result);
    if (std::ranges::any_of(result.upsamplers, [](const Upsampler& one) { return !one.scaled; })) {
      result.notes.emplace_back(
          "The kernel's taps sum to nothing, or nearly: the outputs are shown as they are, not brought to one "
          "brightness.");
    }
    if (scenario_.layer.bias) result.notes.emplace_back("The bias is left out: it shifts all of them alike.");
    return !stopped();
  }

  std::optional<LogSpectrum> spectrum_of(const Tensor& output) const {
    const Shape& shape = output.shape();
    const int rank = shape.rank();
    const int64_t cols = shape[rank - 1];
    const int64_t rows = rank >= 4 ? shape[rank - 2] : 1;
    const int64_t slice = rank >= 5 ? shape[2] / 2 : 0;
    const auto plane = static_cast<std::size_t>(rows * cols);
    return log_spectrum(output.values().subspan(static_cast<std::size_t>(slice) * plane, plane), rows, cols,
                        keep_going_);
  }

  static void widen(Comparison& result, std::span<const float> values, bool& any) {
    for (const float value : values) {
      if (!std::isfinite(value)) continue;
      const auto number = static_cast<double>(value);
      result.low = any ? std::min(result.low, number) : number;
      result.high = any ? std::max(result.high, number) : number;
      any = true;
    }
  }

  /// Black and white are the ends of the input; where that is flat, or a single cell, of all outputs.
  void set_range(Comparison& result) const {
    bool any = false;
    widen(result, result.input.values(), any);
    if (!result.truth.empty()) widen(result, result.truth.values(), any);
    const bool scaled = std::ranges::all_of(result.upsamplers, [](const Upsampler& one) { return one.scaled; });
    if (scaled && result.low < result.high && plan_.input_id != "impulse" && plan_.input_id != "ones") return;
    any = false;
    for (const Upsampler& one : result.upsamplers) widen(result, one.output.values(), any);
  }

  const Scenario& scenario_;
  const ComparisonPlan& plan_;
  const KeepGoing& keep_going_;
  Tensor weight_;
  Sizes size_;  ///< of the outputs, I·S
  Sizes strides_;
};

}  // namespace

ComparisonKey comparison_key(const Scenario& scenario, const ComparisonChoice& choice) {
  const ComparisonPlan plan = plan_comparison(scenario, choice);
  ComparisonKey key{scenario, choice, plan.work};
  key.scenario.traversal = {};
  key.scenario.grad_output = {};
  key.scenario.bias = {};
  if (plan.input_id != "own") key.scenario.input = {};
  key.choice.input = plan.input_id;
  key.choice.batch = plan.input_id == "own" ? plan.batch : 0;
  key.choice.out_channel = plan.channels[0];
  return key;
}

std::optional<Comparison> compare(const ComparisonKey& key, const KeepGoing& keep_going) {
  const ComparisonPlan plan = plan_comparison(key.scenario, key.choice);
  Comparison result;
  result.key = key;
  result.refused = plan.refused;
  result.layer = plan.layer;
  result.channels = plan.channels;
  if (!plan.refused.empty()) return result;
  if (!Comparer(key.scenario, plan, keep_going).run(result)) return std::nullopt;
  return result;
}

}  // namespace tconv
