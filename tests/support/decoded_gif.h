#pragma once
// Animated GIFs as a player shows them.

#include <filesystem>
#include <memory>
#include <vector>

#include "figure/color_map.h"

namespace tconv {

struct DecodedGif {
  struct Frame {
    std::shared_ptr<const Raster> shown;  ///< the whole canvas
    int ticks = 0;                        ///< hundredths of a second
    int left = 0, top = 0, width = 0, height = 0;
    int disposal = 0;
  };
  int loops = -1;  ///< -1: shown once; 0: for ever
  std::vector<Frame> frames;
};

/// A failure of the running test, and what could be read, when it is no GIF.
DecodedGif decoded_gif(const std::filesystem::path& path);

/// How far the frames are from the true pictures, which are as many.
struct GifError {
  double exact = 0;  ///< share of pixels
  int largest = 0;   ///< difference of a channel
  double mean = 0;   ///< of all channels' differences
};
/// Frames that last longer because the same picture was shown again stand for one picture each; `truth` is taken in
/// order, and equal neighbours in it count once.
GifError gif_error(const DecodedGif& gif, const std::vector<std::shared_ptr<const Raster>>& truth);

}  // namespace tconv
