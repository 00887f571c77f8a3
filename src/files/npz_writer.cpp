#include "files/npz_writer.h"

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "files/npy.h"

namespace tconv {
namespace {

// Source: PKWARE's APPNOTE.TXT, 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (its end).
constexpr std::uint32_t local_signature = 0x04034b50;
constexpr std::uint32_t entry_signature = 0x02014b50;
constexpr std::uint32_t end_signature = 0x06054b50;
constexpr std::uint16_t version = 20;
constexpr std::uint16_t first_day = 1 << 5 | 1;  // 1980-01-01
constexpr std::size_t local_size = 30;
constexpr std::size_t entry_size = 46;
constexpr std::size_t end_size = 22;

struct Entry {
  std::string name;
  std::string header;  ///< of the .npy file
  std::span<const std::byte> data;
  std::uint32_t checksum = 0;
  std::uint64_t offset = 0;

  std::uint64_t size() const { return header.size() + data.size(); }
};

void put16(std::string& out, std::uint64_t value) {
  out += static_cast<char>(value & 0xff);
  out += static_cast<char>(value >> 8 & 0xff);
}

void put32(std::string& out, std::uint64_t value) {
  put16(out, value & 0xffff);
  put16(out, value >> 16);
}

/// What the local header and the directory say alike.
void put_common(std::string& out, const Entry& entry) {
  put16(out, version);
  put16(out, 0);  // no flags
  put16(out, 0);  // stored as it is
  put16(out, 0);  // midnight
  put16(out, first_day);
  put32(out, entry.checksum);
  put32(out, entry.size());
  put32(out, entry.size());
  put16(out, entry.name.size());
  put16(out, 0);  // no extra field
}

std::string local_header(const Entry& entry) {
  std::string out;
  put32(out, local_signature);
  put_common(out, entry);
  return out + entry.name;
}

std::string directory_entry(const Entry& entry) {
  std::string out;
  put32(out, entry_signature);
  put16(out, version);
  put_common(out, entry);
  put16(out, 0);  // no comment
  put16(out, 0);  // one disk
  put16(out, 0);  // not said to be text
  put32(out, 0);  // no attributes of a file system
  put32(out, entry.offset);
  return out + entry.name;
}

std::uint32_t checksum_of(const Entry& entry, const Progress& progress) {
  uLong sum = crc32_z(0, reinterpret_cast<const Bytef*>(entry.header.data()), entry.header.size());
  constexpr std::size_t piece = std::size_t{1} << 22;
  for (std::size_t at = 0; at < entry.data.size(); at += piece) {
    progress.at(static_cast<double>(at) / static_cast<double>(entry.data.size()));
    const auto part = entry.data.subspan(at, std::min(piece, entry.data.size() - at));
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(part.data()), part.size());
  }
  return static_cast<std::uint32_t>(sum);
}

bool is_suitable(std::string_view name) {
  return !name.empty() && name.size() < 200 &&
         std::ranges::all_of(name, [](char c) { return c > ' ' && c <= '~' && c != '/' && c != '\\'; });
}

std::vector<Entry> entries_of(std::span<const NpzArray> arrays) {
  std::vector<Entry> entries;
  std::set<std::string_view> names;
  std::uint64_t offset = 0;
  std::uint64_t directory = end_size;
  for (const NpzArray& array : arrays) {
    if (!is_suitable(array.name) || !names.insert(array.name).second) {
      throw std::invalid_argument("write_npz: unsuitable or repeated name " + std::string(array.name));
    }
    Entry entry{std::string(array.name) + ".npy", npy_header_bytes(array.values.shape()),
                std::as_bytes(array.values.values())};
    entry.offset = offset;
    offset += local_size + entry.name.size() + entry.size();
    directory += entry_size + entry.name.size();
    entries.push_back(std::move(entry));
  }
  if (offset + directory > UINT32_MAX || entries.size() > UINT16_MAX) {
    throw std::runtime_error("an .npz archive holds up to 4 GiB and 65535 arrays here, these " +
                             std::to_string(entries.size()) + " take " + std::to_string((offset + directory) >> 20U) +
                             " MiB; write them one by one as .npy");
  }
  return entries;
}

}  // namespace

void write_npz(std::span<const NpzArray> arrays, const ByteSink& sink, const Progress& progress) {
  std::vector<Entry> entries = entries_of(arrays);
  double all = 0;
  for (const Entry& entry : entries) all += static_cast<double>(entry.size());
  double done = 0;
  std::string directory;
  std::uint64_t end = 0;
  for (Entry& entry : entries) {
    const double begin = done / all;
    done += static_cast<double>(entry.size());
    const double half = (begin + done / all) / 2;
    entry.checksum = checksum_of(entry, progress.share(begin, half));
    send(local_header(entry), sink);
    send(entry.header, sink);
    send(entry.data, sink, progress.share(half, done / all));
    directory += directory_entry(entry);
    end = entry.offset + local_size + entry.name.size() + entry.size();
  }
  const std::size_t directory_size = directory.size();
  put32(directory, end_signature);
  put32(directory, 0);  // disks
  put16(directory, entries.size());
  put16(directory, entries.size());
  put32(directory, directory_size);
  put32(directory, end);
  put16(directory, 0);  // no comment
  send(directory, sink);
  progress.at(1);
}

}  // namespace tconv
