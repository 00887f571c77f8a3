#include "files/image_check.h"

#include <array>
#include <optional>
#include <string>

#include "files/file_error.h"

namespace tconv {
namespace {

std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (const std::byte byte : bytes.subspan(at, count)) value = (value << 8) | std::to_integer<std::uint32_t>(byte);
  return value;
}

void require_bytes(std::span<const std::byte> bytes, std::size_t need, std::string_view what, std::string_view name) {
  if (bytes.size() < need)
    throw FileError(name,
                    "truncated " + std::string(what) + ": need at least " + std::to_string(need) + " bytes, have " +
                        std::to_string(bytes.size()),
                    copy_again);
}

// CRC-32 of the PNG specification, annex D.
std::uint32_t crc32(std::span<const std::byte> bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> entries{};
    for (std::uint32_t n = 0; n < entries.size(); ++n) {
      std::uint32_t value = n;
      for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0u);
      entries[n] = value;
    }
    return entries;
  }();
  std::uint32_t crc = ~0u;
  for (const std::byte byte : bytes) crc = table[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

// The decoder trusts the code counts of Huffman tables; more than 256 codes would run over its tables.
bool huffman_tables_fit(std::span<const std::byte> segment) {
  while (!segment.empty()) {
    constexpr std::size_t lengths = 16;
    if (segment.size() < 1 + lengths) return false;
    std::size_t codes = 0;
    for (const std::byte count : segment.subspan(1, lengths)) codes += std::to_integer<std::size_t>(count);
    if (codes > 256 || segment.size() < 1 + lengths + codes) return false;
    segment = segment.subspan(1 + lengths + codes);
  }
  return true;
}

// Where the next marker after entropy-coded data starts: 0xff followed by neither a stuffed zero nor a restart.
std::size_t skip_scan(std::span<const std::byte> bytes, std::size_t at) {
  for (; at + 1 < bytes.size(); ++at) {
    if (bytes[at] != std::byte{0xff}) continue;
    const auto code = std::to_integer<unsigned>(bytes[at + 1]);
    if (code != 0 && code != 0xff && (code < 0xd0 || code > 0xd7)) return at;
  }
  return bytes.size();
}

}  // namespace

ImageSize check_png(std::span<const std::byte> bytes, std::string_view name) {
  constexpr std::uint32_t header_type = 0x49484452, end_type = 0x49454e44;
  constexpr std::size_t frame = 12;  // Length, type and checksum around the data of each chunk.
  ImageSize size;
  for (std::size_t at = 8;;) {
    require_bytes(bytes, at + frame, "PNG image", name);
    const std::size_t length = big_endian(bytes, at, 4);
    const std::uint32_t type = big_endian(bytes, at + 4, 4);
    if (length > 0x7fffffff)
      throw FileError(
          name,
          "damaged PNG image: a chunk at byte " + std::to_string(at) + " claims " + std::to_string(length) + " bytes",
          copy_again);
    require_bytes(bytes, at + frame + length, "PNG image", name);
    if ((at == 8) != (type == header_type) || (at == 8 && length != 13))
      throw FileError(name, "damaged PNG image: its header chunk is not where it must be", copy_again);
    const bool critical = (type & 0x20000000u) == 0;
    if (critical && crc32(bytes.subspan(at + 4, 4 + length)) != big_endian(bytes, at + 8 + length, 4))
      throw FileError(name,
                      "damaged PNG image: the chunk at byte " + std::to_string(at) + " does not match its checksum",
                      copy_again);
    if (type == header_type) size = {big_endian(bytes, at + 8, 4), big_endian(bytes, at + 12, 4)};
    if (type == end_type) return size;
    at += frame + length;
  }
}

ImageSize check_jpeg(std::span<const std::byte> bytes, std::string_view name) {
  const auto code_at = [&](std::size_t at) { return std::to_integer<unsigned>(bytes[at]); };
  std::optional<ImageSize> size;
  for (std::size_t at = 2;;) {
    require_bytes(bytes, at + 2, "JPEG image", name);
    if (code_at(at) != 0xff)
      throw FileError(name, "damaged JPEG image: no marker at byte " + std::to_string(at), copy_again);
    const unsigned code = code_at(at + 1);
    if (code == 0xff) {  // Fill bytes may stand before a marker.
      ++at;
      continue;
    }
    at += 2;
    if (code == 0xd9) break;
    if (code == 0x01 || (code >= 0xd0 && code <= 0xd7)) continue;  // Markers that stand alone.
    require_bytes(bytes, at + 2, "JPEG image", name);
    const std::size_t length = big_endian(bytes, at, 2);
    require_bytes(bytes, at + length, "JPEG image", name);
    const bool frame = code >= 0xc0 && code <= 0xcf && code != 0xc4 && code != 0xc8 && code != 0xcc;
    if (frame && code > 0xc2)
      throw FileError(name, "this kind of JPEG image (lossless, arithmetic or hierarchical) is not read",
                      "save it as a baseline JPEG or as PNG");
    if (length < (frame ? 8u : 2u))
      throw FileError(name, "damaged JPEG image: a segment of " + std::to_string(length) + " bytes", copy_again);
    // As the decoder does: the first frame counts.
    if (frame && !size) size = {big_endian(bytes, at + 5, 2), big_endian(bytes, at + 3, 2)};
    if (code == 0xc4 && !huffman_tables_fit(bytes.subspan(at + 2, length - 2)))
      throw FileError(name, "damaged JPEG image: a Huffman table at byte " + std::to_string(at) + " does not fit",
                      copy_again);
    at += length;
    if (code == 0xda) at = skip_scan(bytes, at);
  }
  if (!size) throw FileError(name, "the JPEG image holds no picture", copy_again);
  return *size;
}

}  // namespace tconv
