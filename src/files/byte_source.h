#pragma once
// Bytes read in order from a file, a pipe or memory.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tconv {

/// A stream of bytes that can be looked into before it is read, so that one open file (also a pipe, which can be read
/// only once) is first recognised and then decoded. Memory used: what is peeked.
class ByteSource {
 public:
  /// Opens a file, pipe or device. Throws FileError when it is missing, a directory or not readable.
  explicit ByteSource(const std::filesystem::path& path);
  /// Reads from `bytes`, which must outlive the source; `name` stands for the file in messages.
  ByteSource(std::span<const std::byte> bytes, std::string_view name);
  /// What is piped into this program, whatever kind of pipe.
  static ByteSource standard_input();
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  const std::string& name() const { return name_; }
  /// All bytes from the beginning on; empty for a pipe or device, whose end is not known in advance.
  std::optional<std::uint64_t> size() const { return size_; }
  /// Bytes handed out by `read` so far.
  std::uint64_t position() const { return position_; }

  /// The next bytes without taking them: `count` of them, fewer only at the end. Valid until the next call.
  std::span<const std::byte> peek(std::size_t count);
  /// Fills `into` from the stream and returns how many bytes it got, fewer than asked only at the end. Throws FileError
  /// when the system cannot read on.
  std::size_t read(std::span<std::byte> into);

 private:
  ByteSource(int descriptor, std::string_view name);
  std::size_t read_source(std::span<std::byte> into);

  std::string name_;
  std::optional<std::uint64_t> size_;
  std::uint64_t position_ = 0;
  std::vector<std::byte> peeked_;
  std::span<const std::byte> memory_;
  int descriptor_ = -1;
};

/// Everything that is left of `source`; FileError when that is more than `limit` bytes.
std::vector<std::byte> read_all(ByteSource& source, std::uint64_t limit);

/// Memory that can be had without swapping, in bytes; empty where the system does not tell.
std::optional<std::uint64_t> free_memory_bytes();
/// Throws FileError for file `name` when more than `free_memory_bytes` is needed (a few MiB are taken to be there).
void require_memory(std::string_view name, std::uint64_t bytes_needed);

}  // namespace tconv
