#include "kernels/prepared_gradients.h"

#include <algorithm>
#include <cmath>

#include "kernels/direct_engine.h"
#include "kernels/exact_specials.h"
#include "kernels/gradient_rows.h"
#include "kernels/gradient_tiles_kernel.h"
#include "kernels/plane_gradients.h"
#include "kernels/pointwise_engine.h"
#include "kernels/weight_gradient_tiles.h"

namespace tconv {
namespace {

constexpr std::int64_t tiny_map = 64;     // cells of all samples
constexpr std::int64_t small_map = 1024;  // likewise, where stamps do not overlap: nothing is gathered twice

/// What every product of the definition takes on one core, with an instruction for each vector of them.
double plain_cycles(const LayerPlan& plan) {
  const double lanes = vector_lanes();
  const double vectors = std::ceil(static_cast<double>(plan.group_out()) / lanes);
  const double products = static_cast<double>(plan.batch * plan.in_channels * plan.input_cells() * plan.taps());
  return products * vectors / (2 * 0.85) + 1.2 * static_cast<double>(plan.input_size() + plan.output_size());
}

std::unique_ptr<WeightGradientWay> way_for(const LayerSpec& layer) {
  const LayerPlan plan = plan_of(layer);
  if (pointwise_gradient_suits(plan)) return weight_gradient_pointwise(plan);
  // With fewer channels the transforms take longer than what they save.
  if (std::min(plan.group_in(), plan.group_out()) >= 8) {
    const std::vector<ToomCookPlan> cuts = weight_gradient_cuts(plan);
    const auto least = std::ranges::min_element(cuts, {}, &ToomCookPlan::cycles);
    if (least != cuts.end() && least->cycles < plain_cycles(plan)) return weight_gradient_by_tiles(plan, *least);
  }
  if (planes_suit(plan)) return weight_gradient_by_planes(plan);
  // Outer products need some channels of both to pay for putting the cells in order.
  const std::int64_t cells = plan.batch * plan.input_cells();
  if (plan.group_in() < 16 || (plan.group_out() < 16 && cells > tiny_map)) return weight_gradient_by_lines(layer);
  const bool overlap = plan.taps() > plan.z().stride * plan.y().stride * plan.x().stride;
  if (cells <= (overlap ? tiny_map : small_map)) return weight_gradient_by_stamps(layer);
  return weight_gradient_by_cells(layer);
}

std::unique_ptr<Kernel> input_gradient_kernel(const LayerSpec& layer, const float* weight) {
  const LayerPlan plan = plan_of(layer);
  if (planes_suit(plan)) return input_gradient_by_planes(plan, weight);
  const LayerPlan convolution = input_gradient_plan(layer);
  const double direct = direct_engine().estimate(convolution).cycles;
  const std::optional<ToomCookPlan> tiles = gradient_tiles_plan(plan);
  const double by_tiles = tiles ? tiles->cycles : direct;
  const Engine pointwise = pointwise_engine();
  const Estimate product = pointwise.estimate(convolution);
  if (product.possible && product.cycles < std::min(direct, by_tiles)) {
    return pointwise.prepare(convolution, weight, nullptr);
  }
  const Estimate rows = gradient_rows_estimate(plan);
  if (rows.possible && rows.cycles < std::min(direct, by_tiles)) return input_gradient_by_rows(plan, weight);
  if (by_tiles < direct) return std::make_unique<GradientTilesKernel>(plan, *tiles, weight);
  return direct_kernel(convolution, weight, nullptr);
}

}  // namespace

PreparedInputGradient::PreparedInputGradient(const LayerSpec& layer, const Tensor& weight)
    : kernel_(
          with_exact_specials(input_gradient_plan(layer), input_gradient_kernel(layer, weight.data()), weight, {})) {}

WeightGradient::WeightGradient(const LayerSpec& layer) : layer_(layer), way_(way_for(layer)) {}

bool WeightGradient::run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
                         const KeepGoing& keep_going) {
  return way_->run(input, grad_output, grad_weight, team, keep_going) &&
         make_specials_exact(layer_, input, grad_output, grad_weight, team, keep_going);
}

}  // namespace tconv
