#include "kernels/prepared_gradients.h"

#include "kernels/direct_engine.h"
#include "kernels/exact_specials.h"

namespace tconv {
namespace {

constexpr std::int64_t tiny_map = 64;     // cells of all samples
constexpr std::int64_t small_map = 1024;  // likewise, where stamps do not overlap: nothing is gathered twice

std::unique_ptr<WeightGradientWay> way_for(const LayerSpec& layer) {
  const LayerPlan plan = plan_of(layer);
  // Outer products need some input channels to pay for putting the cells in order.
  if (plan.group_in() < 16) return weight_gradient_by_lines(layer);
  const bool overlap = plan.taps() > plan.z().stride * plan.y().stride * plan.x().stride;
  if (plan.batch * plan.input_cells() <= (overlap ? tiny_map : small_map)) return weight_gradient_by_stamps(layer);
  if (plan.group_out() < 16) return weight_gradient_by_lines(layer);
  return weight_gradient_by_cells(layer);
}

}  // namespace

PreparedInputGradient::PreparedInputGradient(const LayerSpec& layer, const Tensor& weight)
    : kernel_(with_exact_specials(input_gradient_plan(layer),
                                  direct_kernel(input_gradient_plan(layer), weight.data(), nullptr), weight, {})) {}

WeightGradient::WeightGradient(const LayerSpec& layer) : layer_(layer), way_(way_for(layer)) {}

bool WeightGradient::run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
                         const KeepGoing& keep_going) {
  return way_->run(input, grad_output, grad_weight, team, keep_going) &&
         make_specials_exact(layer_, input, grad_output, grad_weight, team, keep_going);
}

}  // namespace tconv
