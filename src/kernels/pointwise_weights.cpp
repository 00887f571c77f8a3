#include "kernels/pointwise_weights.h"

#include <algorithm>

#include "core/integers.h"

namespace tconv {
namespace {

using std::int64_t;

PointwiseShape shape_of(int outputs, int64_t vectors) {
  PointwiseShape found{};
  for (const PointwiseShape& shape : pointwise_shapes()) {
    if (shape.vectors != vectors || shape.outputs < outputs) continue;
    if (found.run == nullptr || shape.outputs < found.outputs) found = shape;
  }
  return found;
}

}  // namespace

std::vector<PointwiseBlocks> pointwise_blocks(const LayerPlan& plan) {
  int most = 0;
  for (const PointwiseShape& shape : pointwise_shapes()) most = std::max(most, shape.outputs);
  const int64_t outputs = plan.group_out();
  const int64_t count = ceil_div(outputs, most);
  std::vector<PointwiseBlocks> blocks;
  PointwiseBlocks next{};
  for (const bool larger : {true, false}) {
    next.outputs = static_cast<int>(outputs / count + (larger ? 1 : 0));
    next.count = larger ? outputs % count : count - outputs % count;
    if (next.count == 0) continue;
    next.width = shape_of(next.outputs, 1).outputs;
    blocks.push_back(next);
    next.first += next.count;
    next.channel += next.count * next.outputs;
    next.weights += next.count * plan.group_in() * next.width;
    next.bias += next.count * next.width;
  }
  return blocks;
}

int64_t pointwise_vectors() {
  int most = 0;
  for (const PointwiseShape& shape : pointwise_shapes()) most = std::max(most, shape.vectors);
  return most;
}

PointwiseWeights::PointwiseWeights(const LayerPlan& plan, const float* weight, const float* bias)
    : channels_(plan.group_in()), blocks_(pointwise_blocks(plan)), most_vectors_(pointwise_vectors()) {
  for (const PointwiseBlocks& blocks : blocks_) {
    for (int64_t vectors = 1; vectors <= most_vectors_; ++vectors) {
      tiles_.push_back(shape_of(blocks.width, vectors).run);
    }
    group_weights_ += blocks.count * blocks.width * channels_;
    group_bias_ += blocks.count * blocks.width;
  }
  weights_ = FloatBuffer(plan.groups * group_weights_);
  bias_ = FloatBuffer(plan.groups * group_bias_);
  for (int64_t group = 0; group < plan.groups; ++group) {
    for (const PointwiseBlocks& blocks : blocks_) pack(plan, blocks, group, weight, bias);
  }
}

void PointwiseWeights::pack(const LayerPlan& plan, const PointwiseBlocks& blocks, int64_t group, const float* weight,
                            const float* bias) {
  float* to = weights_.data() + group * group_weights_ + blocks.weights;
  float* bias_to = bias_.data() + group * group_bias_ + blocks.bias;
  for (int64_t block = 0; block < blocks.count; ++block, bias_to += blocks.width) {
    const int64_t channel = blocks.channel + block * blocks.outputs;
    for (int64_t in = 0; in < channels_; ++in, to += blocks.width) {
      for (int out = 0; out < blocks.outputs; ++out) to[out] = weight[plan.weight_index(group, in, channel + out, 0)];
    }
    for (int out = 0; bias != nullptr && out < blocks.outputs; ++out) {
      bias_to[out] = bias[group * plan.group_out() + channel + out];
    }
  }
}

PointwiseWeights::Run PointwiseWeights::run_of(int64_t group, int64_t first, int64_t last) const {
  std::size_t index = 0;
  while (first >= blocks_[index].first + blocks_[index].count) ++index;
  const PointwiseBlocks& of = blocks_[index];
  const int64_t before = first - of.first;
  return {.first = first,
          .channel = of.channel + before * of.outputs,
          .blocks = static_cast<int>(std::min(last, of.first + of.count) - first),
          .outputs = of.outputs,
          .weights = weights_.data() + group * group_weights_ + of.weights + before * channels_ * of.width,
          .bias = bias_.data() + group * group_bias_ + of.bias + before * of.width,
          .tiles = tiles_.data() + index * static_cast<std::size_t>(most_vectors_)};
}

}  // namespace tconv
