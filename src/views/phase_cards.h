#pragma once
// The small convolutions as cards: sub-kernel, "× input", and the cells that it makes.

#include "views/plane_phases.h"
#include "views/value_map.h"

namespace tconv {

/// The ground of a phase's cells: steps of the output's colour, which the letters name.
Color phase_fill(const Theme& theme, std::int64_t index, std::int64_t count);

class PhaseCards {
 public:
  /// `output`: the plane that is shown; `done`: how many phases are interleaved in it.
  PhaseCards(const ViewInput& in, Figure& figure, const PlanePhases& phases, const PlaneView& output,
             std::int64_t done);

  /// The cards around the current phase from the top of `room` on, whose height does not matter; returns where they
  /// end.
  double draw(const Rect& room);

 private:
  struct Sizes;
  Sizes sizes_of(const std::vector<PlanePhase>& shown, double width) const;
  void draw_card(const Rect& card, const Sizes& sizes, const PlanePhase& phase);
  void draw_header(const Rect& card, const PlanePhase& phase);
  void draw_sub_kernel(const Rect& room, double side, const PlanePhase& phase);
  void draw_cells(const Rect& room, double side, const PlanePhase& phase);
  double draw_pages(Point at, std::int64_t first, std::int64_t end);
  /// Why there is nothing to draw of the sub-kernel, or of the cells; empty when there is.
  std::string no_kernel(const PlanePhase& phase) const;
  std::string no_cells(const PlanePhase& phase) const;
  void add_words(const Rect& room, const std::string& words);

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const PlanePhases& phases_;
  const PlaneView output_;
  const std::int64_t count_;
  const std::int64_t done_;
};

}  // namespace tconv
