#pragma once
// The weights of the engine `wide_stride`, in the order in which its tiles read them.

#include <cstdint>
#include <vector>

#include "core/integers.h"
#include "kernels/buffer.h"
#include "kernels/layer_plan.h"
#include "kernels/wide_stride_row.h"

namespace tconv {

/// The output rows of one phase of z and one of y. Their terms are ordered (z tap, y tap, input channel, level).
struct WidePhases {
  std::int64_t z = 0;
  std::int64_t y = 0;
  std::int64_t first_term = 0;
  std::int64_t terms = 0;
};

class WidePack {
 public:
  /// `most_channels`: of the output, in a tile. `weight`: see Engine::prepare.
  WidePack(const LayerPlan& plan, const WideRow& row, std::int64_t most_channels, const float* weight);

  const std::vector<WidePhases>& phases() const { return phases_; }
  std::int64_t tiles() const { return tiles_; }        ///< of a group's output channels
  std::int64_t channels() const { return channels_; }  ///< of a tile
  std::int64_t channels_of(std::int64_t tile) const;   ///< the last tile may have fewer
  /// Terms of one tap of z and of y.
  std::int64_t terms_of_tap() const { return plan_.group_in() * static_cast<std::int64_t>(row_.levels.size()); }
  /// By term of some phases: floats from the packed inputs of the same quotients (in z and y; see
  /// WideRow::first_input) of the group's first channel.
  const std::int64_t* inputs(const WidePhases& phases) const { return inputs_.data() + phases.first_term; }
  /// Floats from a channel's packed inputs to the next one's: an odd number of cache lines, so that the same place of
  /// all channels does not fall to a few places of the cache.
  std::int64_t input_channel() const {
    const std::int64_t lines = ceil_div(plan_.z().input * plan_.y().input * row_.row_length, 16);
    return 16 * (lines + (lines % 2 == 0 ? 1 : 0));
  }
  /// (term, output channel of the tile, number) of the first window.
  const float* weights(std::int64_t group, std::int64_t tile, const WidePhases& phases) const;
  /// Floats from a variant's weights to the next one's; 0: they share.
  std::int64_t next_window(std::int64_t tile, const WidePhases& phases) const;

 private:
  void add_phases(std::int64_t z, std::int64_t y);
  float* pack_window(const WidePhases& phases, std::int64_t window, const float* weight, std::int64_t channels,
                     float* to) const;
  std::int64_t before(std::int64_t group, std::int64_t tile) const;

  LayerPlan plan_;
  WideRow row_;
  std::int64_t tiles_;
  std::int64_t channels_;
  std::vector<WidePhases> phases_;
  std::vector<std::int64_t> inputs_;
  FloatBuffer weights_;  ///< (group, tile, phases, window, term, output channel of the tile, number)
};

}  // namespace tconv
