#pragma once
// The S_y × S_x phases of the output plane that is shown. A 3D layer has S_z times as many; a slice of its output has
// one phase along the depth.

#include <string>

#include "core/phases.h"
#include "views/view.h"

namespace tconv {

/// One phase of the shown plane.
struct PlanePhase {
  std::int64_t index;  ///< 0 … count − 1, row by row
  std::string letter;  ///< marks its cells in the interleaved output: "a" … "z", "aa" …
  AxisPhase z, y, x;   ///< of a 1D layer only x counts, of a 2D layer y and x

  /// Taps of one pair of channels, all slices of the kernel counted.
  std::int64_t taps() const;
  /// Cells of the shown plane.
  std::int64_t cells() const { return y.count * x.count; }
};

class PlanePhases {
 public:
  /// Of a legal layer. `slice`: of the output, its cell along the depth.
  PlanePhases(const LayerSpec& layer, std::int64_t slice);

  /// S_y·S_x of a legal layer.
  static std::int64_t count(const LayerSpec& layer);
  PlanePhase phase(std::int64_t index) const;
  /// The index of a cell's phase.
  std::int64_t index_at(std::int64_t row, std::int64_t col) const;

  /// "phase (0, 1)": as many numbers as the layer has axes.
  std::string name(const PlanePhase& phase) const;
  /// "rows 0, 2 × column 1", of a 1D layer "taps 0, 2", where it must be brief "{0, 2} × {1}": which taps it has; empty
  /// if none.
  std::string tap_places(const PlanePhase& phase, bool brief = false) const;
  /// "rows 0, 2, 4 × columns 1, 3": where its cells lie in the output; empty if nowhere.
  std::string cell_places(const PlanePhase& phase, bool brief = false) const;

 private:
  const LayerSpec& layer_;
  const std::array<AxisSpec, 3> axes_;
  const std::int64_t depth_phase_;
};

/// "1 tap", "4 taps".
std::string taps_text(std::int64_t count);

}  // namespace tconv
