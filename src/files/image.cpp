#include "files/image.h"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "files/byte_source.h"
#include "files/file_error.h"
#include "files/file_kind.h"
#include "files/image_check.h"
#include "files/npy.h"

// Zeroed memory makes what is decoded from a damaged file the same each time.
#define STBI_MALLOC(size) std::calloc(1, size)
#define STBI_REALLOC(memory, size) std::realloc(memory, size)
#define STBI_FREE(memory) std::free(memory)
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_NO_STDIO
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#include <stb_image.h>
#pragma GCC diagnostic pop

namespace tconv {
namespace {

constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 30;

struct Freed {
  void operator()(void* pixels) const { std::free(pixels); }
};

// The decoder's interleaved pixels, `stored` values each (the last is alpha when their number is even), as planes.
template <typename Value>
Tensor planes(const Value* pixels, int width, int height, int stored) {
  constexpr float full = sizeof(Value) == 1 ? 255.0f : 65535.0f;
  const auto count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const auto step = static_cast<std::size_t>(stored);
  const bool has_alpha = stored % 2 == 0;
  const std::size_t channels = has_alpha ? step - 1 : step;
  std::vector<float> values(channels * count);
  for (std::size_t channel = 0; channel < channels; ++channel) {
    float* const plane = values.data() + channel * count;
    for (std::size_t i = 0; i < count; ++i) {
      const float value = static_cast<float>(pixels[i * step + channel]) / full;
      const float alpha = has_alpha ? static_cast<float>(pixels[i * step + channels]) / full : 1.0f;
      plane[i] = alpha < 1.0f ? value * alpha + (1.0f - alpha) : value;
    }
  }
  return Tensor(Shape{1, static_cast<std::int64_t>(channels), height, width}, std::move(values));
}

template <typename Value, typename Load>
Tensor decode(std::span<const std::byte> bytes, std::string_view name, Load load) {
  int width = 0;
  int height = 0;
  int stored = 0;
  const auto* const data = reinterpret_cast<const stbi_uc*>(bytes.data());
  const std::unique_ptr<Value, Freed> pixels(load(data, static_cast<int>(bytes.size()), &width, &height, &stored, 0));
  if (!pixels)
    throw FileError(name, std::string("the image cannot be decoded: ") + stbi_failure_reason(),
                    "open it in an image program and save it as PNG");
  return planes(pixels.get(), width, height, stored);
}

void require_size(ImageSize size, std::string_view name) {
  const std::string text = std::to_string(size.width) + " × " + std::to_string(size.height) + " pixels";
  if (size.width < 1 || size.height < 1) throw FileError(name, "the image has " + text, "save it again");
  if (size.width > max_image_side || size.height > max_image_side)
    throw FileError(name,
                    "the image has " + text + "; at most " + std::to_string(max_image_side) + " per side are read",
                    "scale or crop it");
  // The decoder holds the pixels about twice, with four values each; the tensor adds up to three floats.
  constexpr std::uint64_t bytes_per_pixel = 2 * 4 * 2 + 3 * sizeof(float);
  require_memory(name, static_cast<std::uint64_t>(size.width * size.height) * bytes_per_pixel);
}

}  // namespace

Tensor parse_image(std::span<const std::byte> bytes, std::string_view name) try {
  const FileKind kind = file_kind(bytes.first(std::min(bytes.size(), file_kind_bytes)));
  if (kind != FileKind::png && kind != FileKind::jpeg)
    throw FileError(name, "not a PNG or JPEG image: it is " + std::string(kind_text(kind)),
                    "save the image as PNG or JPEG");
  if (bytes.size() > max_file_bytes)
    throw FileError(name, "the image file has more than " + std::to_string(max_file_bytes) + " bytes",
                    "make it smaller");
  const ImageSize size = kind == FileKind::png ? check_png(bytes, name) : check_jpeg(bytes, name);
  require_size(size, name);
  const auto* const data = reinterpret_cast<const stbi_uc*>(bytes.data());
  if (stbi_is_16_bit_from_memory(data, static_cast<int>(bytes.size())) != 0)
    return decode<stbi_us>(bytes, name, stbi_load_16_from_memory);
  return decode<stbi_uc>(bytes, name, stbi_load_from_memory);
} catch (const std::bad_alloc&) {
  throw FileError(name, "not enough memory for the image", "scale or crop it");
}

Tensor read_image(ByteSource& source) {
  // A wrong kind is told before the whole file is read.
  const FileKind kind = file_kind(source.peek(file_kind_bytes));
  if (kind != FileKind::png && kind != FileKind::jpeg) return parse_image(source.peek(file_kind_bytes), source.name());
  return parse_image(read_all(source, max_file_bytes), source.name());
}

Tensor read_image(const std::filesystem::path& path) {
  ByteSource source(path);
  return read_image(source);
}

bool looks_like_image(const std::filesystem::path& path) try {
  if (!std::filesystem::is_regular_file(path)) return false;
  ByteSource source(path);
  const FileKind kind = file_kind(source.peek(file_kind_bytes));
  return kind == FileKind::png || kind == FileKind::jpeg;
} catch (const std::exception&) {
  return false;
}

Tensor read_array(const std::filesystem::path& path) {
  ByteSource source(path);
  const FileKind kind = file_kind(source.peek(file_kind_bytes));
  if (kind == FileKind::png || kind == FileKind::jpeg) return read_image(source);
  if (kind == FileKind::other_image)
    throw FileError(source.name(), "an image, but neither PNG nor JPEG", "save it as PNG or JPEG");
  return read_npy(source);
}

}  // namespace tconv
