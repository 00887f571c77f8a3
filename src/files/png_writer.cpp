#include "files/png_writer.h"

#include <stdexcept>

#include "files/png_rows.h"

namespace tconv {

std::string png_bytes(int width, int height, std::span<const std::uint8_t> pixels, const PngOptions& options) {
  std::string out;
  PngRows rows(
      {.width = width,
       .height = height,
       .channels = options.channels,
       .bits = 8,
       .dpi = options.dpi,
       .texts = {{"Comment", options.text}}},
      [&](std::span<const std::byte> bytes) { out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size()); });
  if (pixels.size() != rows.row_bytes() * static_cast<std::size_t>(height))
    throw std::invalid_argument("png_bytes: " + std::to_string(pixels.size()) + " bytes of pixels for " +
                                std::to_string(width) + " × " + std::to_string(height) + " × " +
                                std::to_string(options.channels));
  for (int row = 0; row < height; ++row) {
    rows.add(pixels.subspan(static_cast<std::size_t>(row) * rows.row_bytes(), rows.row_bytes()));
  }
  rows.finish();
  return out;
}

}  // namespace tconv
