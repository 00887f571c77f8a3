#include "support/decoded_gif.h"

#include <gif_lib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace tconv {
namespace {

int loops_of(const GifFileType& gif) {
  if (gif.ImageCount < 1) return -1;
  const SavedImage& first = gif.SavedImages[0];
  for (int i = 0; i + 1 < first.ExtensionBlockCount; ++i) {
    const ExtensionBlock& block = first.ExtensionBlocks[i];
    const ExtensionBlock& data = first.ExtensionBlocks[i + 1];
    if (block.Function != APPLICATION_EXT_FUNC_CODE || block.ByteCount != 11 || data.ByteCount != 3) continue;
    if (std::equal(block.Bytes, block.Bytes + 11, "NETSCAPE2.0")) return data.Bytes[1] + 256 * data.Bytes[2];
  }
  return -1;
}

}  // namespace

DecodedGif decoded_gif(const std::filesystem::path& path) {
  DecodedGif decoded;
  int problem = 0;
  GifFileType* const gif = DGifOpenFileName(path.c_str(), &problem);
  if (gif == nullptr || DGifSlurp(gif) != GIF_OK) {
    ADD_FAILURE() << path << ": " << GifErrorString(gif == nullptr ? problem : gif->Error);
    return decoded;
  }
  decoded.loops = loops_of(*gif);
  const auto width = static_cast<std::size_t>(gif->SWidth);
  std::vector<std::uint8_t> canvas(width * static_cast<std::size_t>(gif->SHeight) * 4);
  for (int i = 0; i < gif->ImageCount; ++i) {
    const SavedImage& image = gif->SavedImages[i];
    const GifImageDesc& place = image.ImageDesc;
    GraphicsControlBlock control{};
    EXPECT_EQ(DGifSavedExtensionToGCB(gif, i, &control), GIF_OK);
    const ColorMapObject& colors = place.ColorMap != nullptr ? *place.ColorMap : *gif->SColorMap;
    const auto pixel = [&](int x, int y) {
      return canvas.data() +
             (static_cast<std::size_t>(place.Top + y) * width + static_cast<std::size_t>(place.Left + x)) * 4;
    };
    for (int y = 0; y < place.Height; ++y) {
      for (int x = 0; x < place.Width; ++x) {
        const int number = image.RasterBits[y * place.Width + x];
        if (number == control.TransparentColor) continue;
        const GifColorType color = colors.Colors[number];
        std::uint8_t* const p = pixel(x, y);
        p[0] = color.Red;
        p[1] = color.Green;
        p[2] = color.Blue;
        p[3] = 255;
      }
    }
    const std::shared_ptr<Raster> shown = blank_raster(gif->SWidth, gif->SHeight);
    shown->rgba = canvas;
    decoded.frames.push_back(
        {shown, control.DelayTime, place.Left, place.Top, place.Width, place.Height, control.DisposalMode});
    if (control.DisposalMode != DISPOSE_BACKGROUND) continue;
    for (int y = 0; y < place.Height; ++y) std::fill_n(pixel(0, y), place.Width * 4, std::uint8_t{0});
  }
  DGifCloseFile(gif, &problem);
  return decoded;
}

GifError gif_error(const DecodedGif& gif, const std::vector<std::shared_ptr<const Raster>>& truth) {
  GifError error;
  double pixels = 0;
  double exact = 0;
  double sum = 0;
  std::size_t frame = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (i > 0 && truth[i]->rgba == truth[i - 1]->rgba) continue;
    if (frame == gif.frames.size() || gif.frames[frame].shown->rgba.size() != truth[i]->rgba.size()) {
      ADD_FAILURE() << "picture " << i << " is missing or has another size";
      return error;
    }
    const std::vector<std::uint8_t>& shown = gif.frames[frame++].shown->rgba;
    const std::vector<std::uint8_t>& wanted = truth[i]->rgba;
    for (std::size_t p = 0; p < shown.size(); p += 4) {
      int largest = 0;
      for (std::size_t c = p; c < p + 3; ++c) {
        const int difference = std::abs(shown[c] - wanted[c]);
        largest = std::max(largest, difference);
        sum += difference;
      }
      error.largest = std::max(error.largest, largest);
      exact += largest == 0 ? 1 : 0;
      ++pixels;
    }
  }
  EXPECT_EQ(frame, gif.frames.size());
  error.exact = exact / pixels;
  error.mean = sum / (3 * pixels);
  return error;
}

}  // namespace tconv
