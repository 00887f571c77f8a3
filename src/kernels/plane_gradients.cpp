#include "kernels/plane_gradients.h"

#include <algorithm>
#include <array>

#include "kernels/buffer.h"
#include "kernels/plane_steps.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t most_plane_cells = 160 * 1024;  // of a plane of g, which one thread works on
constexpr int64_t most_split_floats = 1 << 20;    // of each thread: large strides split a row into many zeros

/// What is outside of g stays 0 from plane to plane.
void make_room(FloatBuffer& split, const PlaneShape& shape) {
  const int64_t size = shape.split_size(vector_lanes());
  if (split.size() >= size) return;
  split.reserve(size);
  std::ranges::fill(split.span(), 0.0F);
}

class InputGradientByPlanes : public Kernel {
 public:
  InputGradientByPlanes(const LayerPlan& layer, const float* weight)
      : layer_(layer), shape_(layer), weight_(weight, weight + layer.weight_size()) {}

  bool run(const float* grad_output, float* grad_input, const Team& team, const KeepGoing& keep_going) override {
    split_.resize(static_cast<std::size_t>(team.threads()));
    return team.share(layer_.batch * layer_.groups, keep_going, [&](int64_t plane, int slot) {
      FloatBuffer& split = split_[static_cast<std::size_t>(slot)];
      make_room(split, shape_);
      convolve_plane(shape_, grad_output + plane * layer_.output_cells(),
                     weight_.data() + plane % layer_.groups * layer_.taps(), split.data(),
                     grad_input + plane * layer_.input_cells());
    });
  }

  std::string way() const override { return "plane by plane, split by the stride"; }

 private:
  const LayerPlan layer_;
  const PlaneShape shape_;
  const std::vector<float> weight_;
  std::vector<FloatBuffer> split_;  ///< by slot of the team
};

class WeightGradientByPlanes : public WeightGradientWay {
 public:
  explicit WeightGradientByPlanes(const LayerPlan& layer) : layer_(layer), shape_(layer) {}

  bool run(const float* input, const float* grad_output, float* grad_weight, const Team& team,
           const KeepGoing& keep_going) override {
    split_.resize(static_cast<std::size_t>(team.threads()));
    return team.share(layer_.groups, keep_going, [&](int64_t group, int slot) {
      FloatBuffer& split = split_[static_cast<std::size_t>(slot)];
      make_room(split, shape_);
      std::array<double, most_plane_kernel * most_plane_kernel> sums{};
      for (int64_t sample = 0; sample < layer_.batch; ++sample) {
        const int64_t plane = sample * layer_.groups + group;
        correlate_plane(shape_, grad_output + plane * layer_.output_cells(), input + plane * layer_.input_cells(),
                        split.data(), sums.data());
      }
      for (int64_t tap = 0; tap < layer_.taps(); ++tap) {
        grad_weight[group * layer_.taps() + tap] = static_cast<float>(sums[static_cast<std::size_t>(tap)]);
      }
    });
  }

 private:
  const LayerPlan layer_;
  const PlaneShape shape_;
  std::vector<FloatBuffer> split_;  ///< by slot of the team
};

}  // namespace

bool planes_suit(const LayerPlan& layer) {
  const AxisPlan& z = layer.z();
  const bool flat = z.input == 1 && z.output == 1 && z.kernel == 1 && z.padding == 0;
  return flat && layer.groups > 1 && layer.group_in() == 1 && layer.group_out() == 1 &&
         (layer.y().dilation == 1 || layer.y().kernel == 1) && (layer.x().dilation == 1 || layer.x().kernel == 1) &&
         layer.y().kernel <= most_plane_kernel && layer.x().kernel <= most_plane_kernel &&
         layer.output_cells() <= most_plane_cells && PlaneShape::chains_suit(layer.x().input, vector_lanes()) &&
         PlaneShape(layer).split_size(vector_lanes()) <= most_split_floats;
}

std::unique_ptr<Kernel> input_gradient_by_planes(const LayerPlan& layer, const float* weight) {
  return std::make_unique<InputGradientByPlanes>(layer, weight);
}

std::unique_ptr<WeightGradientWay> weight_gradient_by_planes(const LayerPlan& layer) {
  return std::make_unique<WeightGradientByPlanes>(layer);
}

}  // namespace tconv
