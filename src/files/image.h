#pragma once
// Reads PNG and JPEG images as feature maps.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

#include "core/tensor.h"

namespace tconv {

class ByteSource;

/// Pixels; a wider or higher image is refused before it is decoded.
inline constexpr std::int64_t max_image_side = 16384;

/// A PNG or JPEG image as a tensor (1, C, height, width) of values in 0..1: C is 1 for a grey image and 3 (red, green,
/// blue) for a colour one, also for a palette of greys.
///
/// 8-bit values are v / 255; 16-bit PNGs keep their precision as v / 65535. Transparency is composed over white, on the
/// stored values without linearising them. Colour profiles, gamma and a camera's rotation mark are ignored.
/// Throws FileError for anything else: not such an image, cut short, damaged, larger than `max_image_side`.
Tensor read_image(const std::filesystem::path& path);
/// The same for bytes in memory; `name` stands for the file in messages.
Tensor parse_image(std::span<const std::byte> bytes, std::string_view name);
/// The same from a source at its beginning.
Tensor read_image(ByteSource& source);

/// Whether the first bytes of `path` are those of a PNG or JPEG. Never throws; false for what cannot be read, and for
/// pipes and devices, from which nothing is taken.
bool looks_like_image(const std::filesystem::path& path);

/// A .npy array or an image, told by its content and not by its name; also from a pipe. Throws FileError.
Tensor read_array(const std::filesystem::path& path);

}  // namespace tconv
