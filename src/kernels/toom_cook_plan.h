#pragma once
// How the `toom_cook` engine cuts a layer into tiles, and what that costs.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/layer_plan.h"

namespace tconv {

/// One axis. Cells i = spacing·u + r of one residue r are a line of their own, cut into tiles of `cells` neighbouring
/// u. Phases with `taps` taps (or fewer, but more than one) are computed from the `points` of a tile, those with one
/// from its cells, those with none not at all. "Padded" positions are o + P, which are never negative.
struct ToomCookAxis {
  struct Phase {
    std::vector<std::int64_t> taps;  ///< k, ascending; at most `taps` of the axis
    std::int64_t start = 0;          ///< D·(least k): the padded position that cell 0 reaches first, less than S
  };

  int cells = 1;                     ///< n, of a tile
  int taps = 1;                      ///< t: 1 without any points, 2 or 3
  bool plain = false;                ///< some phase has one tap, but not all
  std::int64_t spacing = 1;          ///< input cells between two neighbouring taps of a phase
  std::int64_t tiles = 1;            ///< of each residue
  std::vector<Phase> points_phases;  ///< with the axis' taps
  std::vector<Phase> plain_phases;   ///< with one tap where others have more

  int points() const { return cells + taps - 1; }
  /// Values that a tile is expanded to: the points, first cell 0, last cell n − 1, and the other cells if needed.
  int rows() const { return points() + (plain && cells > 2 ? cells - 2 : 0); }
  /// The row that holds a tile's cell.
  int row_of_cell(int cell) const {
    return cell == 0 || taps == 1 ? cell : cell == cells - 1 ? points() - 1 : points() + cell - 1;
  }
  std::int64_t reach(const AxisPlan& axis) const { return axis.stride * spacing * cells; }         ///< of a tile
  std::int64_t overlap(const AxisPlan& axis) const { return axis.stride * spacing * (taps - 1); }  ///< of two tiles
};

/// Phases that take the same points: those of y times those of x.
struct ToomCookClass {
  bool plain_y = false;
  bool plain_x = false;
  int phases = 0;
  int points_y = 1;  ///< or cells, when plain
  int points_x = 1;
  int weights_y = 1;  ///< different weights along the points: 1 when they are cells
  int weights_x = 1;
};

struct ToomCookPlan {
  ToomCookAxis y;
  ToomCookAxis x;
  std::vector<ToomCookClass> classes;
  int blocks_together = 1;  ///< blocks of as many output channels as a vector has lanes, computed together
  double cycles = 0;

  int planes() const { return y.rows() * x.rows(); }
  /// The plane of a class' point, or cell when plain.
  int plane_of(const ToomCookClass& cls, int i, int j) const {
    return (cls.plain_y ? y.row_of_cell(i) : i) * x.rows() + (cls.plain_x ? x.row_of_cell(j) : j);
  }
  /// Products for each tile, input channel and output channel.
  int products() const;
  std::int64_t tiles_in_strip() const { return x.tiles * x.spacing * y.spacing; }  ///< a strip: a row of tiles
};

// The steps to a plan.
/// An axis without its tiles; in words why there is none.
std::string toom_cook_phases(const AxisPlan& axis, ToomCookAxis& found);
/// Cuts it into tiles of so many cells.
void toom_cook_cut(const AxisPlan& axis, int cells, ToomCookAxis& found);
/// Of a plan whose axes are cut.
std::vector<ToomCookClass> toom_cook_classes(const ToomCookPlan& plan);

/// The cheapest cut of a layer, or in words why there is none.
struct ToomCookChoice {
  std::optional<ToomCookPlan> plan;
  std::string why;
};
ToomCookChoice toom_cook_choice(const LayerPlan& layer);
/// For people: the tiles, and how many products they save.
std::string toom_cook_words(const LayerPlan& layer, const ToomCookPlan& plan);

}  // namespace tconv
