#pragma once
// What each frame of an animated GIF holds: not the whole picture, but what changed.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "export/animation.h"
#include "export/gif_palette.h"

namespace tconv {

/// Pictures as numbers in a palette, one byte a pixel.
struct IndexedPictures {
  int width = 0;
  int height = 0;
  std::vector<Color> colors;
  /// The number that stands for "nothing here", beyond `colors`; every canvas begins so.
  std::uint8_t nothing = 0;
  bool has_nothing = false;  ///< some picture has such pixels
  /// Writes picture `index` into `pixels`; callable from several threads at once.
  std::function<void(std::int64_t index, std::span<std::uint8_t> pixels)> fill;
};

/// One image in the file, laid over what is there.
struct GifFrame {
  std::int64_t index = 0;  ///< which picture is then seen
  int left = 0, top = 0, width = 0, height = 0;
  bool cleared = false;  ///< afterwards its rectangle becomes "nothing": something in it has to go
  int ticks = 0;         ///< hundredths of a second
};

/// The frames of one round. Pictures that look alike in a row become one frame. `repeats` says that the first follows
/// the last, whose traces are then cleared.
std::vector<GifFrame> gif_frames(const IndexedPictures& pictures, const std::vector<ShownFrame>& shown, bool repeats,
                                 const Progress& progress);

/// The file's first bytes: size, palette, and `repeats`.
std::string gif_head(const IndexedPictures& pictures, bool repeats);
/// The bytes of `frames[i]`; callable from several threads at once.
std::string gif_frame_bytes(const IndexedPictures& pictures, const std::vector<GifFrame>& frames, std::size_t i);
/// The file's last byte.
inline constexpr std::string_view gif_tail = ";";

}  // namespace tconv
