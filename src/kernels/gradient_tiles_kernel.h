#pragma once
// The gradient of the input by products of matrices, one for each point of the tiles (gradient_tiles_plan.h). Tiles do
// not depend on each other: threads take some each.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/buffer.h"
#include "kernels/engine.h"
#include "kernels/gradient_spread.h"
#include "kernels/gradient_tiles_plan.h"
#include "kernels/toom_cook_kernel.h"
#include "kernels/toom_cook_steps.h"

namespace tconv {

class GradientTilesKernel : public Kernel {
 public:
  /// `layer`: the forward plan. `weight`: as in Engine::prepare. `run` takes g as its input and writes dx.
  GradientTilesKernel(const LayerPlan& layer, ToomCookPlan plan, const float* weight);

  bool run(const float* grad_output, float* grad_input, const Team& team, const KeepGoing& keep_going) override;
  bool spread_specials() const override;
  std::string way() const override;

 private:
  struct Scratch {
    FloatBuffer values;  ///< see GradientSpread
    GradientSpreadScratch spread;
    FloatBuffer sums;    ///< [plane][tile][vector of the unit][lane]
    FloatBuffer rows;    ///< [row of input cells][point of x][tile][lane]
    FloatBuffer strip;   ///< of dx: [row][column][lane]
    bool finite = true;  ///< what was computed from points in this run
  };
  /// How a run is cut.
  struct Cut {
    ToomCookChunks chunks;
    bool together = false;  ///< all threads work at one chunk
  };
  void pack(const float* weight);
  void pack(const float* weight, std::int64_t group, std::int64_t unit, float* packed) const;
  Cut cut_for(const Team& team) const;
  void compute(std::int64_t group, std::int64_t unit, const ToomCookChunk& chunk, const FloatBuffer& values,
               float* grad_input, Scratch& scratch) const;
  void collect(const ToomCookChunk& chunk, std::int64_t row, int vector, int vectors, Scratch& scratch) const;
  void write(const ToomCookChunk& chunk, std::int64_t row, std::int64_t group, std::int64_t block, float* grad_input,
             Scratch& scratch) const;
  /// Without points, the sums are the cells, `step` floats from one to the next.
  void write_cells(const ToomCookChunk& chunk, std::int64_t group, std::int64_t block, const float* sums,
                   std::int64_t step, float* grad_input) const;

  int vectors_in(std::int64_t unit) const {
    return static_cast<int>(std::min<std::int64_t>(plan_.blocks_together, in_blocks_ - unit * plan_.blocks_together));
  }
  std::int64_t strip_row(const ToomCookChunk& chunk) const {
    return chunk.tiles * plan_.x.cells * plan_.x.spacing * lanes_ + toom_cook_line;
  }

  const LayerPlan layer_;
  const ToomCookPlan plan_;
  const ToomCookSteps& steps_;
  const std::int64_t lanes_;
  const std::int64_t chain_;
  const GradientSpread spread_;
  const std::size_t planes_;
  const std::int64_t in_blocks_;  ///< of a group, of as many channels as lanes
  const std::int64_t units_;
  std::vector<std::int64_t> weights_at_;  ///< by unit and plane
  std::int64_t group_weights_ = 0;
  FloatBuffer weights_;
  FloatBuffer no_bias_;
  FloatBuffer shared_values_;
  std::vector<Scratch> scratch_;  ///< by slot of the team
};

}  // namespace tconv
