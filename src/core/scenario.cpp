#include "core/scenario.h"

#include <array>

namespace tconv {

Scenario example_scenario() {
  Scenario scenario;
  scenario.layer.axes.fill({.input = 2, .kernel = 3});
  scenario.input.id = "counting";
  scenario.kernel.id = "corners";
  return scenario;
}

Scenario with_fitting_ranks(Scenario scenario) {
  const auto fit = [&](Pattern& pattern, const char* id) {
    const bool fits = pattern.id != "custom" || pattern.values.shape().rank() == scenario.layer.dims + 2;
    if (!fits) pattern = {.id = id, .seed = 1, .values = {}};
  };
  fit(scenario.input, "counting");
  fit(scenario.kernel, "ones");
  fit(scenario.grad_output, "ones");
  return scenario;
}

std::vector<Problem> validate(const Scenario& scenario, const Limits& limits) {
  std::vector<Problem> problems = validate(scenario.layer, limits);
  const auto check = [&](const char* field, const Pattern& pattern, int rank) {
    if (!is_known_pattern(pattern.id)) {
      problems.push_back({field, -1, "must name a known pattern, such as \"ones\" or \"custom\"", pattern.id, {}});
    } else if (pattern.id == "custom" && pattern.values.shape().rank() != rank) {
      problems.push_back({field,
                          -1,
                          "must hold an array of rank " + std::to_string(rank),
                          "shape " + pattern.values.shape().text(),
                          {}});
    }
  };
  check("input", scenario.input, scenario.layer.dims + 2);
  check("kernel", scenario.kernel, scenario.layer.dims + 2);
  if (scenario.layer.bias) check("bias", scenario.bias, 3);
  check("grad_output", scenario.grad_output, scenario.layer.dims + 2);
  return problems;
}

namespace {

std::array<std::int64_t, 3> strides_by_axis(const LayerSpec& layer) {
  return {layer.axes[0].stride, layer.axes[1].stride, layer.axes[2].stride};
}

}  // namespace

Tensor input_of(const Scenario& scenario) {
  return make_array(scenario.input, input_shape(scenario.layer), strides_by_axis(scenario.layer));
}

Tensor weight_of(const Scenario& scenario) {
  return make_array(scenario.kernel, weight_shape(scenario.layer), strides_by_axis(scenario.layer));
}

Tensor bias_of(const Scenario& scenario) {
  if (!scenario.layer.bias) return {};
  const std::int64_t channels = scenario.layer.out_channels;
  return make_array(scenario.bias, Shape{1, 1, channels}, strides_by_axis(scenario.layer)).reshaped(Shape{channels});
}

Tensor grad_output_of(const Scenario& scenario) {
  return make_array(scenario.grad_output, output_shape(scenario.layer), strides_by_axis(scenario.layer));
}

}  // namespace tconv
