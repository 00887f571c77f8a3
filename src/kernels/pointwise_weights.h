#pragma once
// The weights of the `pointwise` engine in the order in which its tiles read them.

#include <cstdint>
#include <vector>

#include "kernels/buffer.h"
#include "kernels/layer_plan.h"
#include "kernels/pointwise_tile.h"

namespace tconv {

/// Blocks of one size, neighbours.
struct PointwiseBlocks {
  std::int64_t first;    ///< block of a group
  std::int64_t count;    ///< blocks
  std::int64_t channel;  ///< the first's first output channel
  int outputs;           ///< of a block
  int width;             ///< of the shapes that compute it, at least `outputs`
  std::int64_t weights;  ///< where they begin, of a group
  std::int64_t bias;     ///< likewise
};

/// As few and as equal as can be, hence of one size or two.
std::vector<PointwiseBlocks> pointwise_blocks(const LayerPlan& plan);

/// The most that a shape has.
std::int64_t pointwise_vectors();
/// How many of `left` vectors of cells the next tile takes: never one where it and the next can have two.
inline std::int64_t next_pointwise_vectors(std::int64_t left, std::int64_t most) {
  if (left > most && left < 2 * most) return (left + 1) / 2;
  return left < most ? left : most;
}

class PointwiseWeights {
 public:
  PointwiseWeights(const LayerPlan& plan, const float* weight, const float* bias);

  std::int64_t blocks() const { return blocks_.back().first + blocks_.back().count; }
  int widest() const { return blocks_.front().width; }

  /// Some blocks of a group.
  struct Run {
    std::int64_t first;    ///< block
    std::int64_t channel;  ///< of the group's outputs
    int blocks;
    int outputs;
    const float* weights;
    const float* bias;
    void (*const* tiles)(const PointwiseTile&);  ///< by vectors less one
  };
  /// The blocks from `first` on that have its size, at most up to `last`.
  Run run_of(std::int64_t group, std::int64_t first, std::int64_t last) const;

 private:
  void pack(const LayerPlan& plan, const PointwiseBlocks& blocks, std::int64_t group, const float* weight,
            const float* bias);

  const std::int64_t channels_;  ///< input channels of a group
  const std::vector<PointwiseBlocks> blocks_;
  const std::int64_t most_vectors_;
  std::int64_t group_weights_ = 0;
  std::int64_t group_bias_ = 0;
  FloatBuffer weights_;
  FloatBuffer bias_;
  std::vector<void (*)(const PointwiseTile&)> tiles_;  ///< by element of `blocks_`, vectors
};

}  // namespace tconv
