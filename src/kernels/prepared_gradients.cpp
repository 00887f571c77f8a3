#include "kernels/prepared_gradients.h"

#include "kernels/direct_engine.h"

namespace tconv {
namespace {

/// Outer products fill vectors with output channels and need some input channels to pay for putting the cells in order.
bool has_many_channels(const LayerSpec& layer) {
  const std::int64_t in = layer.in_channels / layer.groups;
  const std::int64_t out = layer.out_channels / layer.groups;
  return in >= 16 && out >= 16;
}

}  // namespace

PreparedInputGradient::PreparedInputGradient(const LayerSpec& layer, const Tensor& weight)
    : kernel_(direct_kernel(input_gradient_plan(layer), weight.data(), nullptr)) {}

WeightGradient::WeightGradient(const LayerSpec& layer)
    : way_(has_many_channels(layer) ? weight_gradient_by_cells(layer) : weight_gradient_by_lines(layer)) {}

}  // namespace tconv
