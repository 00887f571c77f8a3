#pragma once
// The output gradient at the points of some tiles: what the gradients of input and weight by tiles both begin with.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/buffer.h"
#include "kernels/layer_plan.h"
#include "kernels/toom_cook_kernel.h"
#include "kernels/toom_cook_plan.h"
#include "kernels/toom_cook_steps.h"

namespace tconv {

struct GradientSpreadScratch {
  FloatBuffer cells;     ///< of g: [row][column][lane]
  FloatBuffer expanded;  ///< [row][tile][point of x][lane]
};

/// Tiles of a chunk that begin with the same residue lie side by side, as those of ToomCookKernel.
class GradientSpread {
 public:
  GradientSpread(const LayerPlan& layer, const ToomCookPlan& plan);

  /// By plane: phases of all classes that come to it, a slot each.
  const std::vector<int>& slots() const { return slots_; }
  /// Of the class' phase 0; the next phases follow.
  int first_slot(std::size_t cls, int point) const { return first_slots_[cls][static_cast<std::size_t>(point)]; }
  /// Numbers of a tile and plane, for each of its slots all output channels of the group.
  std::int64_t columns(std::size_t plane) const { return slots_[plane] * layer_.group_out(); }

  std::int64_t tiles(const ToomCookChunk& chunk) const {
    return chunk.rows * chunk.tiles * plan_.y.spacing * plan_.x.spacing;
  }
  std::int64_t step() const { return step_; }  ///< floats from one tile to the next
  std::int64_t plane(const ToomCookChunk& chunk) const { return tiles(chunk) * step_ + toom_cook_line; }
  std::int64_t size(const ToomCookChunk& chunk) const { return plan_.planes() * plane(chunk); }

  /// A chunk's values come about in so many tasks, in any order.
  std::int64_t tasks(const ToomCookChunk& chunk) const { return samples(chunk) * pieces(chunk) * out_blocks_; }
  /// values: [plane][tile][slot, output channel], `size` floats; those behind a tile's columns stay as they are.
  void run(const float* grad_output, std::int64_t group, const ToomCookChunk& chunk, std::int64_t task,
           GradientSpreadScratch& scratch, float* values) const;

  /// That a chunk has rows of tiles of.
  std::int64_t samples(const ToomCookChunk& chunk) const {
    return (chunk.row + chunk.rows - 1) / plan_.y.tiles - chunk.row / plan_.y.tiles + 1;
  }

 private:
  /// Of a sample's rows, so that threads find enough tasks.
  std::int64_t pieces(const ToomCookChunk& chunk) const {
    constexpr std::int64_t enough = 8;  // tasks
    return std::clamp<std::int64_t>(enough / (samples(chunk) * out_blocks_), 1, std::min(chunk.rows, plan_.y.tiles));
  }
  void number_slots();
  std::int64_t gather(const float* grad_output, std::int64_t group, std::int64_t block, std::int64_t row,
                      std::int64_t rows, const ToomCookChunk& chunk, GradientSpreadScratch& scratch) const;

  const LayerPlan layer_;
  const ToomCookPlan plan_;
  const ToomCookSteps& steps_;
  const std::int64_t lanes_;
  const std::int64_t out_blocks_;  ///< of a group, of as many channels as lanes
  const std::int64_t reach_y_;     ///< rows of g from one tile to the next
  const std::int64_t reach_x_;
  const std::int64_t span_y_;  ///< rows of g that a tile needs
  const std::int64_t span_x_;
  std::vector<bool> used_rows_;                ///< by padded row modulo the stride: whether some phase reads it
  std::vector<std::vector<int>> first_slots_;  ///< by class, point
  const std::vector<int> slots_;
  std::int64_t step_ = 0;
};

}  // namespace tconv
