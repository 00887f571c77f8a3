#pragma once
// The three maps of painting: input, kernel as the brush, and the output with the running sums.

#include <vector>

#include "views/value_map.h"

namespace tconv {

/// Draws the maps of a legal layer whose results are ready. Every function draws into `room`, with the title above it,
/// and returns the y where the map ends.
class PaintMaps {
 public:
  static constexpr double largest_output_cell = 92;

  PaintMaps(const ViewInput& in, Figure& figure);

  double draw_input(const Rect& room);
  double draw_kernel(const Rect& room);
  double draw_output(const Rect& room);

 private:
  const Theme& theme() const { return in_.theme; }
  void title(const Rect& room, Color color, const std::string& name, const std::string& rest);
  std::vector<PlaneView> planes(const Tensor& tensor, std::int64_t channels, std::int64_t shown,
                                std::int64_t slice) const;
  double draw_large(const Rect& room, const std::vector<PlaneView>& shown, const Tag& first);
  double draw_large_output(const Rect& room, const CellIndex& origin);
  void draw_value_cells(const GridLayout& grid, const PlaneView& plane, const CellIndex& origin);
  CellRange landing(const Stamp& stamp, std::size_t axis) const;
  void add_frame(const GridLayout& grid, const Stamp& stamp, Color color, double width, bool dashed);
  void draw_footprints(const GridLayout& grid);
  void draw_focus(const GridLayout& grid);

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const Frame& frame_;
  const Interaction& state_;
  const CellIndex focus_;
};

}  // namespace tconv
