#pragma once
// The map that the turned kernel slides over, and the kernel beside it.

#include <optional>

#include "views/view.h"

namespace tconv {

/// How far zero insertion has come.
enum class InsertionStage { input, zeros_between, border, slide };

/// Draws the parts of zero insertion; the results with the other ways must be there.
class InsertZerosMaps {
 public:
  /// Switches off the turning of the kernel: what goes wrong then.
  static constexpr const char* unturned_option = "insert-zeros/unturned";

  /// `window`: the output cell whose window is framed, if any.
  InsertZerosMaps(const ViewInput& in, Figure& figure, std::optional<CellIndex> window);

  // Each draws into `room`, its title above, and returns the rectangle that it took.
  Rect draw_map(const Rect& room, InsertionStage stage);
  Rect draw_kernel(const Rect& room);

  /// How many of the window's products meet an input cell, and how many products there are.
  std::int64_t met() const;
  std::int64_t products() const;
  bool turned() const;

  /// Which slice of the map is drawn at a stage, and how many there are: one for 1D and 2D.
  std::int64_t slice(InsertionStage stage) const;
  std::int64_t slices(InsertionStage stage) const;

  /// The drawn slice of the padded map: its size and how many of its cells are zeros.
  std::int64_t padded_cells() const;
  std::int64_t zero_cells() const;

 private:
  struct Plane;
  Plane plane_at(InsertionStage stage) const;
  /// Of the window, from its first: where the kernel slice on show lies.
  std::int64_t kernel_slice() const;
  void frame_window(const Rect& map, double cell, double step, double gap);

  const ViewInput& in_;
  Figure& figure_;
  const LayerSpec& layer_;
  const Interaction& state_;
  std::optional<CellIndex> window_;
};

/// Map, window and turned kernel for the output cell in focus: a card of the Linked view.
void add_insert_zeros_panel(Figure& figure, const ViewInput& in, const Rect& room);

}  // namespace tconv
