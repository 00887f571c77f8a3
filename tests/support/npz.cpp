#include "support/npz.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <limits>
#include <span>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "files/npy.h"

namespace tconv::test {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t entry_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::size_t local_size = 30;
constexpr std::size_t entry_size = 46;
constexpr std::size_t end_size = 22;
constexpr std::uint32_t in_zip64_extra = 0xffffffff;

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

Bytes slice(Bytes bytes, std::size_t offset, std::size_t size) {
  if (offset > bytes.size() || size > bytes.size() - offset) fail("cut short");
  return bytes.subspan(offset, size);
}

std::uint64_t little_endian(Bytes bytes, std::size_t offset, std::size_t size) {
  std::uint64_t value = 0;
  const Bytes digits = slice(bytes, offset, size);
  for (std::size_t i = size; i > 0; --i) value = value << 8 | std::to_integer<std::uint64_t>(digits[i - 1]);
  return value;
}

std::uint16_t u16(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(little_endian(bytes, offset, 2));
}

std::uint32_t u32(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(little_endian(bytes, offset, 4));
}

std::string text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

std::uint32_t crc32(Bytes bytes) {
  std::uint32_t crc = 0xffffffff;
  for (const std::byte byte : bytes) {
    crc ^= std::to_integer<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

/// The sizes in a local header's zip64 field, which numpy always adds: it does not know yet how long an array gets.
struct Zip64Sizes {
  std::uint64_t plain = 0;
  std::uint64_t packed = 0;
};

Zip64Sizes zip64_sizes(Bytes extra) {
  while (!extra.empty()) {
    const Bytes field = slice(extra, 4, u16(extra, 2));
    if (u16(extra, 0) == 1) return {little_endian(field, 0, 8), little_endian(field, 8, 8)};
    extra = extra.subspan(4 + field.size());
  }
  fail("no zip64 sizes");
}

/// What the central directory says of one file.
struct Entry {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint32_t crc = 0;
  std::uint32_t packed = 0;
  std::uint32_t plain = 0;
  std::uint32_t offset = 0;
  std::string name;
};

Bytes stored_bytes(Bytes archive, const Entry& entry) {
  if (entry.method != 0) fail("compressed (method " + std::to_string(entry.method) + ")");
  // Bit 11 says that the name is UTF-8. All others (encryption, sizes after the data, patches) change the layout.
  if ((entry.flags & ~0x0800u) != 0) fail("zip flags " + std::to_string(entry.flags));
  if (entry.packed != entry.plain) fail("stored, but with two sizes");

  const Bytes header = slice(archive, entry.offset, local_size);
  if (u32(header, 0) != local_signature) fail("no local header");
  const Bytes name = slice(archive, entry.offset + local_size, u16(header, 26));
  const Bytes extra = slice(archive, entry.offset + local_size + name.size(), u16(header, 28));
  Zip64Sizes sizes{u32(header, 22), u32(header, 18)};
  if (sizes.plain == in_zip64_extra && sizes.packed == in_zip64_extra) sizes = zip64_sizes(extra);
  if (u16(header, 6) != entry.flags || u16(header, 8) != entry.method || u32(header, 14) != entry.crc ||
      sizes.packed != entry.packed || sizes.plain != entry.plain || text(name) != entry.name) {
    fail("local header and directory differ");
  }
  const Bytes data = slice(archive, entry.offset + local_size + name.size() + extra.size(), entry.plain);
  if (crc32(data) != entry.crc) fail("wrong checksum");
  return data;
}

std::map<std::string, Tensor> parse_npz(Bytes archive) {
  // savez writes no comment, so the end record is the last thing of the file and need not be searched.
  if (archive.size() < end_size) fail("too short for a zip archive");
  const std::size_t end_offset = archive.size() - end_size;
  const Bytes end = archive.subspan(end_offset);
  if (u32(end, 0) != end_signature || u16(end, 20) != 0) fail("no zip end record");
  const std::size_t count = u16(end, 10);
  if (u16(end, 4) != 0 || u16(end, 6) != 0 || u16(end, 8) != count) fail("in several parts");
  const std::size_t directory_size = u32(end, 12);
  const std::size_t directory_offset = u32(end, 16);
  if (directory_offset + directory_size != end_offset) fail("directory not where it should be");

  std::map<std::string, Tensor> arrays;
  Bytes directory = slice(archive, directory_offset, directory_size);
  for (std::size_t i = 0; i < count; ++i) {
    const Bytes header = slice(directory, 0, entry_size);
    if (u32(header, 0) != entry_signature) fail("no directory entry");
    Entry entry{
        u16(header, 8), u16(header, 10), u32(header, 16), u32(header, 20), u32(header, 24), u32(header, 42), {}};
    entry.name = text(slice(directory, entry_size, u16(header, 28)));
    const std::size_t trailing = std::size_t{u16(header, 30)} + u16(header, 32);
    directory = directory.subspan(slice(directory, 0, entry_size + entry.name.size() + trailing).size());

    constexpr std::string_view suffix = ".npy";
    if (!entry.name.ends_with(suffix)) fail("\"" + entry.name + "\" is no .npy file");
    const std::string name = entry.name.substr(0, entry.name.size() - suffix.size());
    Tensor array;
    try {
      array = parse_npy(stored_bytes(archive, entry), entry.name);
    } catch (const std::exception& error) {
      fail(entry.name + ": " + error.what());
    }
    if (!arrays.emplace(name, std::move(array)).second) fail("\"" + entry.name + "\" twice");
  }
  if (!directory.empty()) fail("more in the directory than its count says");
  return arrays;
}

std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) fail("cannot be opened");
  const std::streamoff size = file.tellg();
  if (size < 0) fail("cannot be read");
  std::vector<std::byte> bytes(static_cast<std::size_t>(size));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), size);
  if (file.gcount() != size) fail("cannot be read");
  return bytes;
}

}  // namespace

std::map<std::string, Tensor> read_npz(const std::filesystem::path& path) {
  try {
    return parse_npz(read_bytes(path));
  } catch (const std::exception& error) {
    fail(path.string() + ": " + error.what());
  }
}

}  // namespace tconv::test
