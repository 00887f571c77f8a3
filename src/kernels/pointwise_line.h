#pragma once
// What layers of one tap do to a sample: every cell of the output is reached by one cell of the input or by none. The
// pairs of both, row by row, are a line of positions.

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/flat_map.h"
#include "kernels/layer_plan.h"

namespace tconv {

inline constexpr std::int64_t pointwise_cache_line = 16;  ///< floats

class PointwiseLine {
 public:
  /// None for a plan, forward or of a gradient, with another kernel than 1, or whose output no input reaches.
  static std::optional<PointwiseLine> of(const LayerPlan& plan);

  std::int64_t cells() const { return axes_[0].pairs * axes_[1].pairs * axes_[2].pairs; }  ///< positions of a sample

  /// A side whose cells of a sample lie one after the other, from `begin` of a channel on.
  struct Side {
    bool in_line;
    std::int64_t begin;
    std::int64_t step;  ///< from a cell to the next of its row
  };
  const Side& input() const { return input_; }
  const Side& output() const { return output_; }

  /// The positions [first, last) of a sample, row by row, for copy_pieces: where they are in a channel of the side.
  void list_input(std::int64_t first, std::int64_t last, std::vector<FlatMap::Piece>& pieces) const;
  void list_output(std::int64_t first, std::int64_t last, std::vector<FlatMap::Piece>& pieces) const;

  /// Where results go and what lies between them: together, those of all positions are the whole output.
  struct Place {
    std::int64_t at;      ///< the first position, of the stretch that is asked for
    std::int64_t length;  ///< positions; may be 0
    std::int64_t to;      ///< the first of `cells` neighbouring cells of a channel of the output
    std::int64_t before;  ///< cells before that of the first position; the others come `step` apart
    std::int64_t cells;
  };
  void list_places(std::int64_t first, std::int64_t last, std::vector<Place>& places) const;

 private:
  /// Cell input.of(p) of the input and output.of(p) of the output make pair p.
  struct Cells {
    std::int64_t first = 0, step = 1, extent = 1;

    std::int64_t of(std::int64_t pair) const { return first + pair * step; }
  };
  struct Axis {
    std::int64_t pairs = 1;
    Cells input;
    Cells output;

    bool whole() const { return pairs == input.extent && pairs == output.extent; }
    /// Output cells that a pair stands for: those up to the next, the first also for those before it.
    std::int64_t begin(std::int64_t pair) const { return pair == 0 ? 0 : output.of(pair); }
    std::int64_t end(std::int64_t pair) const { return pair + 1 == pairs ? output.extent : output.of(pair + 1); }
  };
  static Axis pairs_of(const AxisPlan& plan);
  void merge_rows();
  Side side_of(Cells Axis::*side) const;
  void list(Cells Axis::*side, std::int64_t first, std::int64_t last, std::vector<FlatMap::Piece>& pieces) const;
  /// visit(z, y, x of the first, at, length) for each row.
  template <typename Visit>
  void for_each_row(std::int64_t first, std::int64_t last, const Visit& visit) const;

  Axis axes_[3];  ///< z, y, x; whole rows that both sides have one after the other are one
  Side input_{};
  Side output_{};
};

/// Results of some channels, to be written to their places with the channel's bias between them.
struct PointwiseResults {
  const std::vector<PointwiseLine::Place>* places;
  std::int64_t step;   ///< the output's
  const float* from;   ///< by position
  std::int64_t pitch;  ///< from one channel to the next
  const float* bias;   ///< by channel
  int outputs;         ///< channels
  float* to;           ///< the first channel
  std::int64_t output_stride;
};
void write_places(const PointwiseResults& results);

}  // namespace tconv
