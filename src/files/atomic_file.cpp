#include "files/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "files/file_error.h"

namespace tconv {
namespace {

namespace fs = std::filesystem;

// The temporary files of this process, for `remove_unfinished_files`.
class Unfinished {
 public:
  static Unfinished& all() {
    static Unfinished& files = *new Unfinished;  // never destroyed: threads may still write while the program ends
    return files;
  }
  void add(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    names_.insert(name);
  }
  void forget(const std::string& name) {
    const std::scoped_lock lock(mutex_);
    names_.erase(name);
  }
  void remove() {
    const std::scoped_lock lock(mutex_);
    for (const std::string& name : names_) ::unlink(name.c_str());
    names_.clear();
  }

 private:
  std::mutex mutex_;
  std::set<std::string> names_;
};

// An open file that is closed, and when it is a temporary one removed, unless it was committed.
class OutputFile {
 public:
  OutputFile(int descriptor, std::string temporary) : descriptor_(descriptor), temporary_(std::move(temporary)) {
    if (!temporary_.empty()) Unfinished::all().add(temporary_);
  }
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (temporary_.empty()) return;
    ::unlink(temporary_.c_str());
    Unfinished::all().forget(temporary_);
  }

  // Each returns 0 or the error number.
  int write(std::span<const std::byte> rest) const {
    while (!rest.empty()) {
      const ssize_t count = ::write(descriptor_, rest.data(), rest.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return errno;
      rest = rest.subspan(static_cast<std::size_t>(count));
    }
    return 0;
  }

  int sync() const {
    // Some file systems cannot sync; the rename is still atomic there.
    if (::fsync(descriptor_) == 0 || errno == EINVAL || errno == ENOSYS || errno == ENOTSUP) return 0;
    return errno;
  }

  void take_mode_and_owner_of(const struct stat& existing) const {
    // Best effort: only root may give a file away. The owner goes first because a change of owner clears mode bits.
    if (::fchown(descriptor_, existing.st_uid, existing.st_gid) != 0) errno = 0;
    if (::fchmod(descriptor_, existing.st_mode & 07777) != 0) errno = 0;
  }

  // Network file systems report a full disk only here.
  int close() { return ::close(std::exchange(descriptor_, -1)) == 0 ? 0 : errno; }

  bool is_open() const { return descriptor_ >= 0; }
  const std::string& temporary() const { return temporary_; }

  int rename_to(const fs::path& target) {
    if (::rename(temporary_.c_str(), target.c_str()) != 0) return errno;
    Unfinished::all().forget(temporary_);
    temporary_.clear();
    return 0;
  }

 private:
  int descriptor_;
  std::string temporary_;
};

// /dev/stdout and its like lead to an open descriptor, maybe of a file that others go on writing to: that descriptor is
// to be written to, while a new file of that name would be lost to them.
std::optional<int> open_descriptor(const fs::path& path) {
  const std::string text = path.lexically_normal().string();
  if (text == "/dev/stdout") return STDOUT_FILENO;
  if (text == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!text.starts_with(folder)) continue;
    int descriptor = -1;
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data() + folder.size(), end, descriptor);
    if (result.ec == std::errc{} && result.ptr == end && descriptor >= 0) return descriptor;
  }
  return std::nullopt;
}

int open_temporary(const fs::path& folder, std::string& name) {
  std::random_device random;
  for (int tries = 0; tries < 100; ++tries) {
    // A name of its own and not one made from the target's, which may be as long as a name can be.
    name = (folder / (".tconv-" + std::to_string(::getpid()) + "-" + std::to_string(random()) + ".tmp")).string();
    const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor >= 0 || errno != EEXIST) return descriptor;
  }
  return -1;
}

}  // namespace

void remove_unfinished_files() noexcept { Unfinished::all().remove(); }

fs::path link_target(const fs::path& path) {
  // Not at once, since the last may dangle or lead to an open descriptor.
  fs::path target = path;
  for (int links = 0; !open_descriptor(target); ++links) {
    std::error_code problem;
    if (fs::symlink_status(target, problem).type() != fs::file_type::symlink) break;
    constexpr int most_links = 40;
    const fs::path next = fs::read_symlink(target, problem);
    if (problem) throw system_file_error(path.string(), "cannot be written", problem.value());
    if (links >= most_links) throw system_file_error(path.string(), "cannot be written", ELOOP);
    target = next.is_absolute() ? next : target.parent_path() / next;
  }
  return target;
}

class AtomicFile::Impl {
 public:
  explicit Impl(const fs::path& path) : path_(path) {
    if (path.empty()) throw FileError("", "the file name is empty", "name a file");
    target_ = link_target(path);
    if (const auto descriptor = open_descriptor(target_)) {
      // Text printed earlier through stdio comes first.
      std::fflush(nullptr);
      write_directly(::dup(*descriptor));
      return;
    }
    require(target_.has_filename() ? 0 : EISDIR);
    const bool exists = ::stat(target_.c_str(), &status_) == 0;
    require(exists || errno == ENOENT ? 0 : errno);
    require(exists && S_ISDIR(status_.st_mode) ? EISDIR : 0);
    if (exists && !S_ISREG(status_.st_mode)) {
      write_directly(::open(target_.c_str(), O_WRONLY | O_CLOEXEC));
      return;
    }
    // Renaming needs only a writable folder; a file that is marked read-only is meant to stay.
    require(exists && ::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0 ? errno : 0);
    replaces_ = exists;
    std::string temporary;
    const int descriptor = open_temporary(target_.parent_path(), temporary);
    require(descriptor < 0 ? errno : 0);
    file_.emplace(descriptor, std::move(temporary));
  }

  void write(std::span<const std::byte> bytes) { require(file_->write(bytes)); }
  const std::string& temporary() const { return file_->temporary(); }

  void finish() {
    if (!file_->is_open()) return;
    if (!temporary().empty()) {
      if (replaces_) file_->take_mode_and_owner_of(status_);
      require(file_->sync());
    }
    require(file_->close());
  }

  void commit() {
    finish();
    if (!temporary().empty()) require(file_->rename_to(target_));
  }

 private:
  void require(int problem) const {
    if (problem != 0) throw system_file_error(path_.string(), "cannot be written", problem);
  }

  void write_directly(int descriptor) {
    require(descriptor < 0 ? errno : 0);
    file_.emplace(descriptor, std::string());
  }

  fs::path path_;
  fs::path target_;
  struct stat status_ {};
  bool replaces_ = false;
  std::optional<OutputFile> file_;
};

AtomicFile::AtomicFile(const fs::path& path) : impl_(std::make_unique<Impl>(path)) {}
AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;
AtomicFile& AtomicFile::operator=(AtomicFile&&) noexcept = default;
AtomicFile::~AtomicFile() = default;

void AtomicFile::write(std::span<const std::byte> bytes) { impl_->write(bytes); }
void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text))); }
fs::path AtomicFile::unfinished() const { return impl_->temporary(); }
void AtomicFile::finish() { impl_->finish(); }
void AtomicFile::commit() { impl_->commit(); }

void write_file_atomically(const fs::path& path, std::span<const std::span<const std::byte>> pieces) {
  AtomicFile file(path);
  for (const std::span<const std::byte> piece : pieces) file.write(piece);
  file.commit();
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  write_file_atomically(path, std::span(&bytes, 1));
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text)));
}

}  // namespace tconv
