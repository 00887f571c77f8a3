#include "kernels/prepared_gradients.h"

#include "kernels/direct_engine.h"

namespace tconv {

PreparedInputGradient::PreparedInputGradient(const LayerSpec& layer, const Tensor& weight)
    : kernel_(direct_kernel(input_gradient_plan(layer), weight.data(), nullptr)) {}

}  // namespace tconv
