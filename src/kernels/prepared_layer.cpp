#include "kernels/prepared_layer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "kernels/exact_specials.h"

namespace tconv {
namespace {

std::string opinion(const Engine& engine, const Estimate& estimate) {
  const std::string line = std::string(engine.id) + ": ";
  return line + (estimate.possible ? cycles_in_words(estimate.cycles) + ", " : "no: ") + estimate.why;
}

/// The reason of the engine that is wanted, of each if it is all the same, and those that can.
std::string refusal(std::string_view wanted, const LayerPlan& plan) {
  std::string can;
  std::string cannot;
  for (const Engine& engine : listed_engines()) {
    const Estimate estimate = engine.estimate(plan);
    if (estimate.possible) {
      can += (can.empty() ? "" : ", ") + std::string(engine.id);
    } else if (wanted.empty() || wanted == engine.id) {
      cannot += (cannot.empty() ? "" : "; ") + std::string(engine.id) + " is " + estimate.why;
    }
  }
  if (wanted.empty()) return "no engine can compute this layer: " + cannot;
  if (cannot.empty()) cannot = "there is no engine '" + std::string(wanted) + "'";
  return cannot + (can.empty() ? "; no other engine can either" : "; possible: " + can);
}

}  // namespace

std::string cycles_in_words(double cycles) {
  constexpr std::array<const char*, 4> units{"", " thousand", " million", " billion"};
  std::size_t unit = 0;
  for (; cycles >= 999.5 && unit + 1 < units.size(); ++unit) cycles /= 1000;  // what would be written as 1000
  char text[32];
  const int digits = unit == 0 || cycles >= 99.95 ? 0 : 1;
  std::snprintf(text, sizeof text, "%.*f", digits, unit == 0 ? std::max(1.0, cycles) : cycles);
  return text + std::string(units[unit]) + (unit == 0 && text == std::string_view("1") ? " cycle" : " cycles");
}

PreparedLayer::PreparedLayer(const LayerSpec& layer, const Tensor& weight, const Tensor& bias,
                             std::string_view engine) {
  const LayerPlan plan = plan_of(layer);
  const float* added = bias.empty() ? nullptr : bias.data();
  std::optional<Engine> chosen;
  double least = 0;
  for (const Engine& candidate : listed_engines()) {
    const Estimate estimate = candidate.estimate(plan);
    opinions_.push_back(opinion(candidate, estimate));
    if (!estimate.possible || (!engine.empty() && engine != candidate.id)) continue;
    if (chosen && least <= estimate.cycles) continue;
    chosen = candidate;
    least = estimate.cycles;
  }
  if (!chosen) throw std::invalid_argument(refusal(engine, plan));
  engine_ = chosen->id;
  kernel_ = with_exact_specials(plan, chosen->prepare(plan, weight.data(), added), weight, bias);
}

bool PreparedLayer::possible(const LayerSpec& layer) {
  const LayerPlan plan = plan_of(layer);
  return std::ranges::any_of(listed_engines(), [&](const Engine& e) { return e.estimate(plan).possible; });
}

std::vector<std::string> PreparedLayer::explanation() const {
  std::vector<std::string> lines{std::string(engine_) + " on " + instruction_set() + ": " + kernel_->way()};
  lines.insert(lines.end(), opinions_.begin(), opinions_.end());
  return lines;
}

std::optional<Tensor> fast_transposed_conv(const LayerSpec& layer, const Tensor& input, const Tensor& weight,
                                           const Tensor& bias, const KeepGoing& keep_going) {
  if (!PreparedLayer::possible(layer)) return scatter_add(layer, input, weight, bias, keep_going);
  PreparedLayer prepared(layer, weight, bias);
  const Shape shape = output_shape(layer);
  std::vector<float> output(static_cast<std::size_t>(shape.elements()));
  if (!prepared.run(input.data(), output.data(), Team(), keep_going)) return std::nullopt;
  return Tensor(shape, std::move(output));
}

}  // namespace tconv
