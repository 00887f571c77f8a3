#include "kernels/prepared_gradients.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/integers.h"
#include "kernels/direct_engine.h"
#include "kernels/exact_specials.h"
#include "kernels/gradient_channels.h"
#include "kernels/gradient_rows.h"
#include "kernels/gradient_tiles_kernel.h"
#include "kernels/matrix_tiles_engine.h"
#include "kernels/outer_tiles.h"
#include "kernels/plane_gradients.h"
#include "kernels/pointwise_engine.h"
#include "kernels/weight_gradient_channels.h"
#include "kernels/weight_gradient_matrix_tiles.h"
#include "kernels/weight_gradient_tiles.h"

namespace tconv {
namespace {

constexpr std::int64_t tiny_map = 64;              // cells of all samples
constexpr std::int64_t small_map = 1024;           // likewise, where stamps do not overlap: nothing is gathered twice
constexpr std::int64_t lines_weights = 16 * 1024;  // of a group: more, and threads that take lines wait for each other
constexpr std::int64_t large_matrix = 1 << 18;     // input by output channels: more suit products of matrices best

/// What every product of the definition takes on one core, with an instruction for each vector of them.
double plain_cycles(const LayerPlan& plan) {
  const double lanes = vector_lanes();
  const double vectors = std::ceil(static_cast<double>(plan.group_out()) / lanes);
  const double products = static_cast<double>(plan.batch * plan.in_channels * plan.input_cells() * plan.taps());
  return products * vectors / (2 * 0.85) + 1.2 * static_cast<double>(plan.input_size() + plan.output_size());
}

/// Channels in units of so many, by channels that there are.
double padded(std::int64_t channels, std::int64_t unit) {
  return static_cast<double>(ceil_div(channels, unit) * unit) / static_cast<double>(channels);
}

/// Whether vectors of input channels are all but as full as the products of matrices by cells, of which both sides are
/// padded.
bool channels_suit(const LayerPlan& plan) {
  if (plan.group_in() * plan.group_out() > large_matrix) return false;
  if (!weight_gradient_channels_estimate(plan).possible) return false;
  const OuterShape shape = best_outer_shape(plan.group_in(), plan.group_out());
  return padded(plan.group_in(), vector_lanes()) <=
         1.1 * padded(plan.group_in(), shape.rows) * padded(plan.group_out(), shape.vectors * vector_lanes());
}

bool stamps_suit(const LayerPlan& plan) {
  const bool overlap = plan.taps() > plan.z().stride * plan.y().stride * plan.x().stride;
  return plan.batch * plan.input_cells() <= (overlap ? tiny_map : small_map);
}

enum class PlainWay { lines, stamps, channels, cells };

/// Of those that compute every product of the definition.
PlainWay plain_way(const LayerPlan& plan) {
  // Outer products need some channels of both to pay for putting the cells in order; lines pad neither side.
  if (plan.group_in() < 16) return PlainWay::lines;
  if (plan.group_out() < 16 && plan.batch * plan.input_cells() > tiny_map) {
    const double most = plan.group_in() * plan.group_out() * plan.taps() > lines_weights ? 3 : 1.15;
    return padded(plan.group_in(), vector_lanes()) <= most && channels_suit(plan) ? PlainWay::channels
                                                                                  : PlainWay::lines;
  }
  if (stamps_suit(plan)) return PlainWay::stamps;
  return channels_suit(plan) ? PlainWay::channels : PlainWay::cells;
}

/// What it takes on one core. By channels is preferred to tiles that seem hardly faster: less of it is transforms,
/// which suffer more where caches are slow.
double plain_way_cycles(const LayerPlan& plan) {
  if (plain_way(plan) != PlainWay::channels) return plain_cycles(plan);
  return std::min(plain_cycles(plan), 0.85 * weight_gradient_channels_estimate(plan).cycles);
}

/// The best with vectors.
std::unique_ptr<WeightGradientWay> vector_way_for(const LayerSpec& layer) {
  const LayerPlan plan = plan_of(layer);
  if (pointwise_gradient_suits(plan)) return weight_gradient_pointwise(plan);
  // With fewer channels the transforms take longer than what they save.
  if (std::min(plan.group_in(), plan.group_out()) >= 8) {
    const std::vector<ToomCookPlan> cuts = weight_gradient_cuts(plan);
    const auto least = std::ranges::min_element(cuts, {}, &ToomCookPlan::cycles);
    if (least != cuts.end() && least->cycles < plain_way_cycles(plan)) return weight_gradient_by_tiles(plan, *least);
  }
  if (weight_gradient_planes_suit(plan)) return weight_gradient_by_planes(plan);
  switch (plain_way(plan)) {
    case PlainWay::lines:
      return weight_gradient_by_lines(layer);
    case PlainWay::stamps:
      return weight_gradient_by_stamps(layer);
    case PlainWay::channels:
      return weight_gradient_by_channels(plan);
    case PlainWay::cells:
      break;
  }
  return weight_gradient_by_cells(layer);
}

std::unique_ptr<WeightGradientWay> way_for(const LayerSpec& layer) {
  const LayerPlan plan = plan_of(layer);
  // With fewer channels there are ways that cost less than plain_cycles says.
  if (std::min(plan.group_in(), plan.group_out()) < 16) return vector_way_for(layer);
  const LayerPlan convolution = input_gradient_plan(layer);
  const Estimate tiles = weight_gradient_matrix_tiles_estimate(plan, convolution);
  double least = plain_cycles(plan);
  for (const ToomCookPlan& cut : weight_gradient_cuts(plan)) least = std::min(least, cut.cycles);
  if (tiles.possible && tiles.cycles < least) {
    return weight_gradient_by_matrix_tiles(plan, convolution, [layer] { return vector_way_for(layer); });
  }
  return vector_way_for(layer);
}

/// The way that expects the fewest cycles.
std::unique_ptr<Kernel> input_gradient_kernel(const LayerSpec& layer, const float* weight) {
  const LayerPlan plan = plan_of(layer);
  if (input_gradient_planes_suit(plan)) return input_gradient_by_planes(plan, weight);
  const LayerPlan convolution = input_gradient_plan(layer);
  const std::optional<ToomCookPlan> tiles = gradient_tiles_plan(plan);

  double least = direct_engine().estimate(convolution).cycles;
  std::function<std::unique_ptr<Kernel>()> make = [&] { return direct_kernel(convolution, weight, nullptr); };
  const auto consider = [&](bool possible, double cycles, const auto& other) {
    if (!possible || cycles >= least) return;
    least = cycles;
    make = other;
  };
  const auto consider_estimate = [&](const Estimate& estimate, const auto& other) {
    consider(estimate.possible, estimate.cycles, other);
  };
  consider(tiles.has_value(), tiles ? tiles->cycles : 0,
           [&] { return std::make_unique<GradientTilesKernel>(plan, *tiles, weight); });
  consider_estimate(pointwise_engine().estimate(convolution),
                    [&] { return pointwise_engine().prepare(convolution, weight, nullptr); });
  consider_estimate(matrix_tiles_engine().estimate(convolution),
                    [&] { return matrix_tiles_engine().prepare(convolution, weight, nullptr); });
  consider_estimate(gradient_channels_estimate(plan), [&] { return input_gradient_by_channels(plan, weight); });
  consider_estimate(gradient_rows_estimate(plan), [&] { return input_gradient_by_rows(plan, weight); });
  return make();
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
