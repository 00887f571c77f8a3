#pragma once
// What a file is, told by its first bytes and never by its name.

#include <cstddef>
#include <span>
#include <string_view>

namespace tconv {

enum class FileKind {
  empty,
  npy,
  png,
  jpeg,
  zip,
  text_converted_npy,
  lfs_pointer,
  pickle,
  hdf5,
  other_image,
  other,
  text
};

/// How many first bytes `file_kind` wants to see; fewer are fine.
inline constexpr std::size_t file_kind_bytes = 64;

FileKind file_kind(std::span<const std::byte> first_bytes);
/// The kind in words for a message: "a PNG image".
std::string_view kind_text(FileKind kind);

}  // namespace tconv
