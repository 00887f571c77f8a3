#pragma once
// Writes whole files so that a failure leaves what was there before.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace tconv {

/// Writes a file as a whole: to a temporary file in the same folder, then to the disk, then renamed over `path`.
/// Whoever reads `path` sees the old bytes or the new ones. On failure (no such folder, a folder in its place,
/// read-only, disk full) the temporary file is removed, an existing file stays as it was, and FileError names `path`
/// and the reason.
///
/// An existing file keeps its mode, and where permitted its owner; a symbolic link stays a link and its target is
/// replaced; other hard links keep the old bytes. What is not a regular file (/dev/stdout, /dev/null, a pipe) is
/// written to directly.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);
/// The pieces one after another, without a copy that joins them.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::span<const std::byte>> pieces);

/// The file that writing to `path` writes: where symbolic links lead, one by one, be there a file or not. Throws
/// FileError for a loop.
std::filesystem::path link_target(const std::filesystem::path& path);

}  // namespace tconv
