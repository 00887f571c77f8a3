#include "kernels/prepared_layer.h"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

#include "kernels/exact_specials.h"

namespace tconv {
namespace {

std::string opinion(const Engine& engine, const Estimate& estimate) {
  std::string line(engine.id);
  if (!estimate.possible) return line + ": no, " + estimate.why;
  char number[32];
  std::snprintf(number, sizeof number, "%.3g", estimate.cycles / 1e6);
  return line + ": " + number + " million cycles, " + estimate.why;
}

}  // namespace

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
  if (!chosen) throw std::invalid_argument("no engine '" + std::string(engine) + "' can compute this layer");
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
