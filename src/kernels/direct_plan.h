#pragma once
// How the `direct` engine cuts a layer into tiles.

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/direct_tiles.h"
#include "kernels/flat_map.h"
#include "kernels/layer_plan.h"

namespace tconv {

struct DirectChoice {
  DirectShape shape{};
  FlatMap::Lines lines = FlatMap::Lines::run_on;
  double cycles = 0;  ///< of one core, without what all choices share (memory)
};

/// The choice that expects the fewest cycles.
DirectChoice best_direct_choice(const LayerPlan& plan);

/// For people: "7 output channels × 2 phases × 32 neighbouring cells".
std::string tile_words(const DirectShape& shape);

/// The plan with the rows of a map that is not upsampled taken together, when the shape does.
LayerPlan for_shape(LayerPlan plan, const DirectShape& shape);

/// Phases that are computed together: one of z, as many of y as the shape has from `y` on, all of x or only `x`.
struct DirectClass {
  std::int64_t z = 0;
  std::int64_t y = 0;
  std::int64_t x = 0;
  /// Places on the lines of one input channel that taps read, and the phases they count for (see DirectTerm), in the
  /// order of their weights.
  struct Read {
    std::int64_t plane;
    std::int64_t offset;
    std::uint32_t phases;
  };
  std::vector<Read> reads;
  std::int64_t phase_taps = 0;      ///< the reads' phases, all together
  std::int64_t channels_apart = 1;  ///< see DirectTile
  std::int64_t weights = 0;         ///< where those of group 0 begin
};

/// How many there are at the most, of shapes of one phase.
double direct_class_count(const LayerPlan& plan);

/// Those that have cells; `plan` is that for the shape.
std::vector<DirectClass> direct_classes(const LayerPlan& plan, const DirectShape& shape, const FlatMap& map);

/// Sets what DirectTerm says of rows in a class' terms, for a shape of a pattern.
void mark_rows(const DirectShape& shape, std::vector<DirectTerm>& terms);

/// Calls use(tap of z, of y, of x; phase bit) for each tap of a class.
template <typename Use>
void for_each_tap(const LayerPlan& plan, const DirectShape& shape, const DirectClass& cls, const Use& use) {
  for (const AxisPlan::Tap& z : plan.z().phases[static_cast<std::size_t>(cls.z)]) {
    for (int row = 0; row < shape.phases_y; ++row) {
      for (const AxisPlan::Tap& y : plan.y().phases[static_cast<std::size_t>(cls.y + row)]) {
        for (int column = 0; column < shape.phases_x; ++column) {
          for (const AxisPlan::Tap& x : plan.x().phases[static_cast<std::size_t>(cls.x + column)]) {
            use(z, y, x, row * shape.phases_x + column);
          }
        }
      }
    }
  }
}

}  // namespace tconv
