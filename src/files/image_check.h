#pragma once
// Looks through the structure of an image file before any of it is decoded.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tconv {

struct ImageSize {
  std::int64_t width = 0;   ///< Pixels, as the file claims.
  std::int64_t height = 0;  ///< Pixels, as the file claims.
};

/// Walks the chunks of a PNG from its signature to IEND. Throws FileError for file `name` when it is cut short or a
/// critical chunk fails its checksum: the decoder would show such damage as picture.
ImageSize check_png(std::span<const std::byte> bytes, std::string_view name);

/// Walks the segments of a JPEG to its end marker. Throws FileError for file `name` when it is cut short, holds no
/// picture, or is coded in a way that is not read (lossless, arithmetic).
ImageSize check_jpeg(std::span<const std::byte> bytes, std::string_view name);

}  // namespace tconv
