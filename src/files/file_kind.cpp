#include "files/file_kind.h"

#include <algorithm>
#include <utility>

namespace tconv {

using namespace std::string_view_literals;

FileKind file_kind(std::span<const std::byte> first_bytes) {
  const std::string_view bytes(reinterpret_cast<const char*>(first_bytes.data()), first_bytes.size());
  if (bytes.empty()) return FileKind::empty;
  static constexpr std::pair<std::string_view, FileKind> signatures[] = {
      {"\x93NUMPY"sv, FileKind::npy},
      {"\x89PNG\r\n\x1a\n"sv, FileKind::png},
      {"\xff\xd8\xff"sv, FileKind::jpeg},
      {"PK\x03\x04"sv, FileKind::zip},
      {"PK\x05\x06"sv, FileKind::zip},
      {"\xc2\x93NUMPY"sv, FileKind::text_converted_npy},
      {"\xef\xbf\xbdNUMPY"sv, FileKind::text_converted_npy},
      {"?NUMPY"sv, FileKind::text_converted_npy},
      {"version https://git-lfs"sv, FileKind::lfs_pointer},
      {"\x80\x02"sv, FileKind::pickle},
      {"\x80\x03"sv, FileKind::pickle},
      {"\x80\x04"sv, FileKind::pickle},
      {"\x80\x05"sv, FileKind::pickle},
      {"\x89HDF\r\n\x1a\n"sv, FileKind::hdf5},
      {"GIF8"sv, FileKind::other_image},
      {"BM"sv, FileKind::other_image},
      {"II*\0"sv, FileKind::other_image},
      {"MM\0*"sv, FileKind::other_image},
  };
  for (const auto& [signature, kind] : signatures) {
    if (bytes.starts_with(signature)) return kind;
  }
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP")) return FileKind::other_image;
  const auto is_text = [](char c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r' || c == '\t'; };
  return std::all_of(bytes.begin(), bytes.end(), is_text) ? FileKind::text : FileKind::other;
}

std::string_view kind_text(FileKind kind) {
  switch (kind) {
    case FileKind::empty:
      return "an empty file";
    case FileKind::npy:
      return "a .npy array";
    case FileKind::png:
      return "a PNG image";
    case FileKind::jpeg:
      return "a JPEG image";
    case FileKind::zip:
      return "a zip archive such as .npz";
    case FileKind::text_converted_npy:
      return "a .npy file that was changed by a text conversion";
    case FileKind::lfs_pointer:
      return "a Git LFS pointer, not the file itself";
    case FileKind::pickle:
      return "a Python pickle";
    case FileKind::hdf5:
      return "an HDF5 file";
    case FileKind::other_image:
      return "an image of another format";
    case FileKind::text:
      return "a text file";
    case FileKind::other:
      break;
  }
  return "a file of an unknown kind";
}

}  // namespace tconv
