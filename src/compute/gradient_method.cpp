#include "compute/gradient_method.h"

#include <array>

#include "kernels/prepared_gradients.h"

namespace tconv {
namespace {

std::optional<Tensor> fast_convolve(const LayerSpec& layer, const Tensor& grad_output, const Tensor& weight,
                                    const KeepGoing& keep_going) {
  const Shape shape = input_shape(layer);
  std::vector<float> result(static_cast<std::size_t>(shape.elements()));
  if (!PreparedInputGradient(layer, weight).run(grad_output.data(), result.data(), Team(), keep_going)) return {};
  return Tensor(shape, std::move(result));
}

std::optional<Tensor> fast_weight_gradient(const LayerSpec& layer, const Tensor& input, const Tensor& grad_output,
                                           const KeepGoing& keep_going) {
  const Shape shape = weight_shape(layer);
  std::vector<float> result(static_cast<std::size_t>(shape.elements()));
  if (!WeightGradient(layer).run(input.data(), grad_output.data(), result.data(), Team(), keep_going)) return {};
  return Tensor(shape, std::move(result));
}

constexpr std::array gradient_method_table{
    GradientMethod{"plain", &convolve, &weight_gradient},
    GradientMethod{"fast", &fast_convolve, &fast_weight_gradient},
};

}  // namespace

std::span<const GradientMethod> gradient_methods() { return gradient_method_table; }

}  // namespace tconv
