#pragma once
// Encodes pixels as PNG.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tconv {

struct PngOptions {
  int channels = 4;           ///< Bytes per pixel: 1 grey, 3 red green blue, 4 with straight (not premultiplied) alpha.
  std::optional<double> dpi;  ///< Pixels per inch, stored as whole pixels per metre; empty stores nothing.
  std::string text{};         ///< Latin letters kept before the pixels under "Comment"; empty stores nothing.
};

/// An 8-bit PNG of `width` × `height` pixels, at least 1 and at most 1,000,000 each. `pixels` holds rows from the top,
/// width · height · channels bytes, sRGB. Equal arguments give equal bytes (with one zlib): no time, no text.
/// Throws std::invalid_argument when the sizes do not fit together, std::runtime_error when libpng cannot go on.
std::string png_bytes(int width, int height, std::span<const std::uint8_t> pixels, const PngOptions& options = {});

}  // namespace tconv
