#pragma once
// Which colours an animated GIF has, one list for the whole animation.

#include <cstdint>
#include <span>
#include <vector>

#include "figure/geometry.h"
#include "files/progress.h"

namespace tconv {

/// A colour that occurs in the animation.
struct ColorUse {
  std::uint32_t rgb = 0;    ///< 0xRRGGBB
  std::uint64_t count = 0;  ///< pixels, of all pictures together
  std::uint64_t flat = 0;   ///< those that lie in plain areas, of each picture that they are new in
};

struct GifPalette {
  std::vector<Color> colors;
  /// For each of the colours in use, which of the palette it becomes.
  std::vector<std::uint8_t> index_of_use;
};

/// At most `most` colours for `uses`, which must be sorted by `rgb` and of different colours. All of them when they are
/// so few. Else the colours of plain areas come first, up to half of the palette: what a person sees as "that colour"
/// stays exactly that. Then whatever would be visibly far from its stand-in, shades at the edges of letters and lines
/// nearly all, then what is seen most. Each is a colour of the pictures and no mean of several, so that its pixels stay
/// exact. A colour becomes the nearest chosen one, in every picture the same: nothing flickers.
GifPalette gif_palette(std::span<const ColorUse> uses, std::size_t most, const Progress& progress);

}  // namespace tconv
