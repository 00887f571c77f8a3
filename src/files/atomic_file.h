#pragma once
// Writes whole files so that a failure leaves what was there before.

#include <cstddef>
#include <filesystem>
#include <memory>
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

/// A file that is written bit by bit and appears as a whole, by the same rules: it is there after `commit`, and without
/// it nothing has changed. What is not a regular file gets its bytes as they come.
class AtomicFile {
 public:
  /// Throws FileError when nothing can be written to `path`.
  explicit AtomicFile(const std::filesystem::path& path);
  AtomicFile(AtomicFile&&) noexcept;
  AtomicFile& operator=(AtomicFile&&) noexcept;
  ~AtomicFile();

  /// Throws FileError naming `path` and the reason (disk full, say).
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  /// The file beside `path` that holds the bytes until `commit`, for programs that write it by themselves; empty when
  /// `path` is written to directly.
  std::filesystem::path unfinished() const;

  /// All bytes are written: they are put on the disk and the file is closed. `commit` does it, too; many files that are
  /// to appear together are finished one by one, so that few are open at a time.
  void finish();
  /// Puts the file in its place.
  void commit();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Removes what AtomicFiles have not committed yet: for a program that ends on the spot. They must not be used after
/// it.
void remove_unfinished_files() noexcept;

/// The file that writing to `path` writes: where symbolic links lead, one by one, be there a file or not. Throws
/// FileError for a loop.
std::filesystem::path link_target(const std::filesystem::path& path);

}  // namespace tconv
