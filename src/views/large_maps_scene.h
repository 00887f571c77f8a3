#pragma once
// What the Large maps view and its panel share: which part of the map is shown, in which numbers and colours.

#include <optional>
#include <string>
#include <vector>

#include "figure/color_scale.h"
#include "views/view.h"

namespace tconv {

/// The large map that an interaction asks for: ViewChoices "large/side" and "large/way" (cpu, gpu, both), the output
/// channel on show.
LargeMapChoice large_map_choice(const Interaction& interaction);

/// Sides that are offered, in cells; 0 is the scenario's own size.
std::span<const std::int64_t> large_map_sides();

/// "cpu", "gpu", "both"; empty for `automatic`.
std::string_view way_id(LargeMapWay way);

struct LargeMapsScene {
  const ViewInput& in;
  const LargeMapState& state;  ///< of a map that is not refused
  std::int64_t rows;           ///< of the whole map
  std::int64_t cols;
  Rect window;  ///< the cells that the viewport shows: x, w in columns; y, h in rows
  ColorScale scale;

  LargeMapsScene(const ViewInput& input, const LargeMapState& of);

  /// The means that are known of the window, and which part of them it is.
  struct Shown {
    std::vector<float> values;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
    Rect window;            ///< of these means
    std::int64_t step = 1;  ///< cells of a mean on a side
    bool all = true;        ///< no block is missing that shall be shown more finely
  };
  Shown shown() const;
  /// Whether the window's device has the map and draws it; pictures without a window are drawn from means.
  bool on_device() const { return in.interactive && state.device != nullptr; }
  /// Whether the processor's map is on show, too, or alone.
  bool on_processor() const { return !on_device() || state.way == LargeMapWay::both; }
  std::int64_t shown_step() const;  ///< of those means
  /// Cells on a side of which a pixel of the window shows the mean, about.
  std::int64_t pixel_cells() const;

  LargeMapLook look() const;  ///< that the window asks for

  /// The cell under the cursor: row and column.
  std::optional<std::array<std::int64_t, 2>> focus() const;
};

}  // namespace tconv
