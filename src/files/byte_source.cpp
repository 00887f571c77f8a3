#include "files/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "files/file_error.h"

namespace tconv {

namespace {

int opened(const std::filesystem::path& path) {
  if (path.empty()) throw FileError(path.string(), "the file name is empty", "name a file");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw system_file_error(path.string(), "cannot be opened", errno);
  return descriptor;
}

}  // namespace

ByteSource::ByteSource(const std::filesystem::path& path) : ByteSource(opened(path), path.string()) {}

// Not by the name /dev/stdin: a socket, which some programs pipe through, cannot be opened by name.
ByteSource ByteSource::standard_input() {
  const int descriptor = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) throw system_file_error("standard input", "cannot be read", errno);
  return {descriptor, "standard input"};
}

ByteSource::ByteSource(int descriptor, std::string_view name) : name_(name), descriptor_(descriptor) {
  struct stat status {};
  int problem = 0;
  if (::fstat(descriptor_, &status) != 0)
    problem = errno;
  else if (S_ISDIR(status.st_mode))
    problem = EISDIR;
  if (problem != 0) {
    ::close(descriptor_);
    throw system_file_error(name_, "cannot be read", problem);
  }
  if (S_ISREG(status.st_mode)) size_ = static_cast<std::uint64_t>(status.st_size);
}

ByteSource::ByteSource(std::span<const std::byte> bytes, std::string_view name)
    : name_(name), size_(bytes.size()), memory_(bytes) {}

ByteSource::~ByteSource() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::size_t ByteSource::read_source(std::span<std::byte> into) {
  if (descriptor_ < 0) {
    const std::size_t count = std::min(into.size(), memory_.size());
    std::copy_n(memory_.begin(), count, into.begin());
    memory_ = memory_.subspan(count);
    return count;
  }
  std::size_t done = 0;
  while (done < into.size()) {
    const ssize_t got = ::read(descriptor_, into.data() + done, into.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw system_file_error(name_, "cannot be read", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

std::span<const std::byte> ByteSource::peek(std::size_t count) {
  const std::size_t held = peeked_.size();
  if (held < count) {
    peeked_.resize(count);
    peeked_.resize(held + read_source(std::span(peeked_).subspan(held)));
  }
  return std::span<const std::byte>(peeked_).first(std::min(count, peeked_.size()));
}

std::size_t ByteSource::read(std::span<std::byte> into) {
  const std::size_t held = std::min(into.size(), peeked_.size());
  std::copy_n(peeked_.begin(), held, into.begin());
  peeked_.erase(peeked_.begin(), peeked_.begin() + static_cast<std::ptrdiff_t>(held));
  const std::size_t count = held + read_source(into.subspan(held));
  position_ += count;
  return count;
}

std::vector<std::byte> read_all(ByteSource& source, std::uint64_t limit) {
  const auto refuse = [&](const std::string& found) {
    throw FileError(source.name(), found + ", more than the " + std::to_string(limit) + " that are read from a file",
                    "make it smaller");
  };
  if (source.size().value_or(0) > limit) refuse(std::to_string(*source.size()) + " bytes");
  require_memory(source.name(), source.size().value_or(0));
  std::vector<std::byte> bytes;
  constexpr std::size_t step = std::size_t{1} << 20;
  if (source.size()) bytes.reserve(static_cast<std::size_t>(*source.size()) + step);
  for (;;) {
    const std::size_t held = bytes.size();
    bytes.resize(held + step);
    const std::size_t got = source.read(std::span(bytes).subspan(held));
    bytes.resize(held + got);
    if (bytes.size() > limit) refuse("over " + std::to_string(limit) + " bytes");
    if (got < step) return bytes;
  }
}

std::optional<std::uint64_t> free_memory_bytes() {
  std::optional<std::uint64_t> free;
  std::ifstream system("/proc/meminfo");
  for (std::string line; std::getline(system, line);) {
    if (line.starts_with("MemAvailable:")) free = std::strtoull(line.c_str() + 13, nullptr, 10) * 1024;
  }
  // In a container the ceiling is lower than what the machine has.
  std::ifstream container("/sys/fs/cgroup/memory.max");
  std::uint64_t ceiling = 0;
  if (container >> ceiling) free = std::min(free.value_or(ceiling), ceiling);
  return free;
}

void require_memory(std::string_view name, std::uint64_t bytes_needed) {
  constexpr std::uint64_t always_there = std::uint64_t{16} << 20;
  if (bytes_needed <= always_there) return;
  const auto free = free_memory_bytes();
  if (!free || bytes_needed <= *free) return;
  const auto mebibytes = [](std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; };
  throw FileError(name, "needs " + mebibytes(bytes_needed) + " of memory, " + mebibytes(*free) + " are free",
                  "save a smaller part of it");
}

}  // namespace tconv
