#pragma once
// What the pixel-shuffle view is about, without drawing: which shuffle the sliders ask for, which part of it is in
// sight, and which cell the cursor means.

#include <optional>
#include <string>
#include <vector>

#include "core/pixel_shuffle.h"
#include "figure/color_map.h"
#include "views/view.h"

namespace tconv {

inline constexpr std::string_view shuffle_order_choice = "pixel-shuffle/order";          ///< "crd", "dcr"
inline constexpr std::string_view shuffle_direction_choice = "pixel-shuffle/direction";  ///< "shuffle", "unshuffle"
inline constexpr std::string_view shuffle_start_choice = "pixel-shuffle/start";          ///< "random", "icnr"

/// A rectangle of cells from the first row and column on.
struct CellCount {
  std::int64_t rows = 1;
  std::int64_t cols = 1;

  bool operator==(const CellCount&) const = default;
};

/// r is the stride of the layer's last axis, the small maps have the size of its input, the large ones r times that
/// for each output channel. Of a 3D layer one slice of the large map is shown, and the r² channels that it comes from.
class ShuffleScene {
 public:
  static constexpr std::int64_t largest_factor = 256;                 ///< drawn; a larger stride is cut to it
  static constexpr std::int64_t most_channels_a_side = 8;             ///< drawn of the r × r
  static constexpr std::int64_t most_values = std::int64_t{1} << 20;  ///< cells of a large map that is an image

  explicit ShuffleScene(const ViewInput& in);

  const ShuffleSpec& spec() const { return spec_; }
  bool unshuffle() const { return unshuffle_; }
  bool factor_cut() const { return factor_cut_; }

  std::int64_t channel() const { return channel_; }  ///< of the large side
  std::int64_t slice() const { return slice_; }      ///< of its z axis
  std::int64_t small_slice() const;
  std::array<std::int64_t, 3> small_size() const { return small_; }  ///< (z, y, x) of one small map
  std::array<std::int64_t, 3> large_size() const;

  CellCount group() const;           ///< r × r, or 1 × r: the super-pixel within the shown slice
  CellCount shown_channels() const;  ///< the part of it whose channels are drawn
  CellCount small_cells() const;     ///< that are drawn of a small map
  CellCount large_cells() const;     ///< that are drawn of the large map
  bool is_image() const { return image_; }
  bool cropped() const;  ///< less than the whole large map is drawn

  /// The small cell behind a cell of the shown large plane.
  ShufflePlace small_of(std::int64_t row, std::int64_t col) const;
  /// The channel whose cells go to place (row, col) of the super-pixel.
  std::int64_t channel_at(std::int64_t row, std::int64_t col) const { return small_of(row, col).channel; }

  /// The cell that the cursor is about, on the large side; without a cursor one near the middle.
  const ShufflePlace& focus() const { return focus_; }
  ShufflePlace small_focus() const { return shuffle_source(spec_, focus_); }
  bool focus_in_sight() const;

  /// "2.6": channel and index of a small cell; as an image its number.
  std::string value_text(const ShufflePlace& small) const;

  /// The numbers of an image: the scenario's input enlarged by linear interpolation, so that each small map is every
  /// r-th of its cells. Empty unless `is_image`.
  const Tensor& large_values() const { return large_values_; }  ///< (1, 1, z, y, x) as the layer has axes
  const Tensor& small_values() const { return small_values_; }  ///< (1, r^d, z, y, x)
  /// The channel of `small_values` that stands for a small channel of the shuffle.
  std::int64_t image_channel(std::int64_t channel) const;

 private:
  std::int64_t small_value_channel(std::int64_t channel) const;

  ShuffleSpec spec_;
  bool unshuffle_ = false;
  bool factor_cut_ = false;
  bool image_ = false;
  std::int64_t channel_ = 0;
  std::int64_t slice_ = 0;
  std::array<std::int64_t, 3> small_{1, 1, 1};
  ShufflePlace focus_;
  Tensor large_values_;
  Tensor small_values_;
};

}  // namespace tconv
