#pragma once
// The map that the turned kernel slides over, and the kernel beside it.

#include <functional>
#include <optional>
#include <vector>

#include "views/insert_zeros_words.h"

namespace tconv {

/// Draws the parts of zero insertion. The other ways' results must be there, with the padded map in them
/// (`too_large_for_insertion`).
class InsertZerosMaps {
 public:
  /// `window`: the output cell whose window is framed, if any. `turned`: whether the kernel is turned before it slides,
  /// as it must be.
  InsertZerosMaps(const ViewInput& in, Figure& figure, std::optional<CellIndex> window, bool turned);

  // Each draws into `room`, its title above, and returns the rectangle that it took.
  Rect draw_map(const Rect& room, InsertionStage stage);
  Rect draw_kernel(const Rect& room);

  /// The height of the highest of all stages' maps in a room.
  double largest_height(const Rect& room) const;

  /// The cells of the shown plane at a stage. Those that are cropped are shown in two stages, dashed.
  struct Count {
    std::int64_t cells = 0;
    std::int64_t zeros = 0;    ///< inserted between the cells or as a border
    std::int64_t cropped = 0;  ///< input cells that the next stage lacks
    bool image = false;        ///< too many cells to draw each
  };
  Count count(InsertionStage stage) const;

  /// How many products of the shown slice of the kernel meet an input cell in the window.
  std::int64_t met_in_slice() const;

  /// "7 × 7 · channel 1 of 4 · slice 2 of 7": the map's title without its name.
  std::string plane_text(InsertionStage stage) const;

 private:
  struct Plane;
  Plane plane_at(InsertionStage stage) const;
  std::vector<float> spread_values(const Plane& plane) const;
  Rect draw_cells(const Rect& room, const Plane& plane);
  Rect draw_image(const Rect& room, const Plane& plane);
  void add_products(const CellGrid& grid, const Plane& plane);
  void frame_window(const std::function<Rect(std::int64_t row, std::int64_t col)>& cell_rect, double out);
  KernelTap tap_at(std::int64_t row, std::int64_t col) const;
  std::int64_t window_slice() const;

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const Interaction& state_;
  std::optional<CellIndex> window_;
  bool turned_;
};

/// Whether the padded map was not made because sliding over it takes too long.
bool too_large_for_insertion(const ViewInput& in);

/// Map, window and turned kernel for the output cell in focus: a card of the Linked view.
void add_insert_zeros_panel(Figure& figure, const ViewInput& in, const Rect& room);

}  // namespace tconv
