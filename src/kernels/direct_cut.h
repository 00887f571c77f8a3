#pragma once
// A layer cut for tiles of one shape: its inputs as lines, its phases as classes, and both arrays in the order in which
// the tiles read them.

#include <cstdint>
#include <vector>

#include "kernels/buffer.h"
#include "kernels/direct_plan.h"

namespace tconv {

/// Some positions of the lines of a group's input channels: all lines of a channel, then the next channel's.
struct DirectInputs {
  FloatBuffer floats;
  const float* at = nullptr;  ///< position `begin` of the first line
  std::int64_t stride = 0;    ///< from line to line
  std::int64_t begin = 0;

  std::vector<FlatMap::Piece> pieces;  // scratch
  std::vector<FlatMap::Piece> next_pieces;
};

class DirectCut {
 public:
  DirectCut(const LayerPlan& plan, const DirectShape& shape, FlatMap::Lines lines);

  const LayerPlan& plan() const { return plan_; }  ///< that for the shape
  const FlatMap& map() const { return map_; }
  const std::vector<DirectClass>& classes() const { return classes_; }
  /// Of output channels of a group, as many as the shape has outputs.
  std::int64_t blocks() const { return blocks_; }
  /// Lines of a channel that some tap reads: a stride larger than the kernel leaves most out. The others are not
  /// packed.
  std::int64_t lines() const { return static_cast<std::int64_t>(planes_.size()); }
  std::int64_t tile_floats() const;  ///< results of one tile

  /// (group, class, block, C_in/G, phase taps of the class, outputs), with zeros for outputs that there are not.
  FloatBuffer pack_weights(const float* weight) const;
  std::int64_t group_weights() const { return group_weights_; }
  /// A block's weights of one class: C_in/G × so many.
  std::int64_t channel_weights(const DirectClass& cls) const { return cls.phase_taps * shape_.outputs; }
  /// (group, block, outputs), zeros likewise; all zeros for null.
  FloatBuffer pack_bias(const float* bias) const;

  /// A window of a group's input; `first_position`: of the first tile that reads it, which is then aligned.
  void pack_inputs(const float* input, std::int64_t group, const FlatMap::Window& window, std::int64_t first_position,
                   DirectInputs& inputs) const;
  /// What a class reads of lines that are `stride` floats apart.
  void list_terms(const DirectClass& cls, std::int64_t stride, std::vector<DirectTerm>& terms) const;

 private:
  std::int64_t line_of(std::int64_t plane) const;
  void pack_weights(const DirectClass& cls, std::int64_t group, const float* weight, float* packed) const;

  const LayerPlan plan_;
  const DirectShape shape_;
  const FlatMap map_;
  std::vector<DirectClass> classes_;
  std::vector<std::int64_t> planes_;  ///< of the lines, ascending
  std::int64_t blocks_;
  std::int64_t group_weights_ = 0;
};

}  // namespace tconv
