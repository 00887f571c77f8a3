#include "kernels/plane_gradients.h"

#include <algorithm>
#include <vector>

#include "kernels/plane_steps.h"
#include "kernels/shares.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t most_plane_cells = 160 * 1024;  // of a plane of g, which one thread works on

/// work(piece) for every piece in [0, pieces), of which all together are the layer's planes.
bool share_planes(const LayerPlan& layer, int64_t pieces, const Team& team, const KeepGoing& keep_going,
                  const auto& work) {
  const double vectors = static_cast<double>(layer.input_size()) / vector_lanes();
  const double cycles = vectors * static_cast<double>(layer.taps() + layer.y().stride * layer.x().stride);
  const int64_t shares = shares_of(cycles, pieces, team.threads());
  return team.share(shares, keep_going, [&](int64_t share, int) {
    const PartRange range = parts_of(share, shares, pieces);
    for (int64_t piece = range.first; piece < range.last; ++piece) work(piece);
  });
}

class InputGradientByPlanes : public Kernel {
 public:
  InputGradientByPlanes(const LayerPlan& layer, const float* weight)
      : layer_(layer), shape_(layer), loops_(*plane_loops_for(shape_)), weight_(weight, weight + layer.weight_size()) {}

  bool run(const float* grad_output, float* grad_input, const Team& team, const KeepGoing& keep_going) override {
    return share_planes(layer_, layer_.batch * layer_.groups, team, keep_going, [&](int64_t plane) {
      loops_.convolve(shape_, grad_output + plane * layer_.output_cells(),
                      weight_.data() + plane % layer_.groups * layer_.taps(),
                      grad_input + plane * layer_.input_cells());
    });
  }

  std::string way() const override { return "plane by plane, split by the stride in registers"; }

 private:
  const LayerPlan layer_;
  const PlaneShape shape_;
  const PlaneLoops loops_;
  const std::vector<float> weight_;
};

class WeightGradientByPlanes : public WeightGradientWay {
 public:
  explicit WeightGradientByPlanes(const LayerPlan& layer)
      : layer_(layer), shape_(layer), loops_(*plane_loops_for(shape_)) {}

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    const int64_t taps = layer_.taps();
    return share_planes(layer_, layer_.groups, team, keep_going, [&](int64_t group) {
      std::vector<double> sums(static_cast<std::size_t>(taps));
      for (int64_t sample = 0; sample < layer_.batch; ++sample) {
        const int64_t plane = sample * layer_.groups + group;
        loops_.correlate(shape_, grad_output + plane * layer_.output_cells(), input + plane * layer_.input_cells(),
                         sums.data());
      }
      std::ranges::transform(sums, grad_weight + group * taps, [](double sum) { return static_cast<float>(sum); });
    });
  }

 private:
  const LayerPlan layer_;
  const PlaneShape shape_;
  const PlaneLoops loops_;
};

}  // namespace

bool input_gradient_planes_suit(const LayerPlan& layer) {
  const AxisPlan& z = layer.z();
  const bool flat = z.input == 1 && z.output == 1 && z.kernel == 1 && z.padding == 0;
  return flat && layer.groups > 1 && layer.group_in() == 1 && layer.group_out() == 1 &&
         (layer.y().dilation == 1 || layer.y().kernel == 1) && (layer.x().dilation == 1 || layer.x().kernel == 1) &&
         layer.output_cells() <= most_plane_cells && plane_loops_for(PlaneShape(layer)) != nullptr;
}

bool weight_gradient_planes_suit(const LayerPlan& layer) {
  return input_gradient_planes_suit(layer) && plane_loops_for(PlaneShape(layer))->correlate != nullptr;
}

std::unique_ptr<Kernel> input_gradient_by_planes(const LayerPlan& layer, const float* weight) {
  return std::make_unique<InputGradientByPlanes>(layer, weight);
}

std::unique_ptr<WeightGradientWay> weight_gradient_by_planes(const LayerPlan& layer) {
  return std::make_unique<WeightGradientByPlanes>(layer);
}

}  // namespace tconv
