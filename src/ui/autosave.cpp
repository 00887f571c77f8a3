#include "ui/autosave.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <ctime>
#include <sstream>

#include "document/document_file.h"
#include "document/document_json.h"
#include "files/atomic_file.h"
#include "files/byte_source.h"
#include "files/state_folder.h"

namespace tconv {
namespace {

namespace fs = std::filesystem;

constexpr const char* scenario_name = "scenario.tconv.json";
constexpr const char* origin_name = "origin";
constexpr const char* lock_name = "lock";
constexpr std::string_view broken = ".broken";

/// The scenario goes first: what is left of a removal that was cut short is not taken for unsaved work.
void remove_folder(const fs::path& folder) {
  std::error_code ignored;
  fs::remove(folder / scenario_name, ignored);
  fs::remove_all(folder, ignored);
}

std::string origin_text(const OpenFile& file) {
  const std::string path = file.path.string();
  const bool one_line = (file.name + path).find('\n') == std::string::npos;  // otherwise it is recovered without a name
  return (one_line ? file.name + "\n" + path : std::string("\n")) + "\n" + std::to_string(file.fingerprint) + "\n";
}

std::string text_of(const fs::path& path) try {
  constexpr std::uint64_t largest = 1 << 16;
  ByteSource source(path);
  const auto bytes = read_all(source, largest);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
} catch (const FileError&) {
  return "";
}

OpenFile read_origin(const fs::path& path) {
  std::istringstream lines(text_of(path));
  std::string name;
  std::string origin;
  OpenFile file;
  if (!std::getline(lines, name) || !std::getline(lines, origin) || !(lines >> file.fingerprint)) return {};
  file.name = std::move(name);
  if (fs::path(origin).is_absolute()) file.path = std::move(origin);
  return file;
}

std::time_t time_of(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_mtime : 0;
}

std::string time_text(std::time_t time) {
  std::tm local{};
  std::array<char, 32> text{};
  if (::localtime_r(&time, &local) == nullptr) return "";
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &local)};
}

/// For file systems that know no locks.
bool process_lives(const fs::path& folder) {
  const std::string name = folder.filename().string();
  pid_t process = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), process);
  return read.ec == std::errc{} && process > 0 && (::kill(process, 0) == 0 || errno == EPERM);
}

}  // namespace

FileLock::Outcome FileLock::take(const fs::path& path) {
  release();
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor_ < 0) return Outcome::unknown;
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return Outcome::taken;
  const bool busy = errno == EWOULDBLOCK;
  release();
  return busy ? Outcome::busy : Outcome::unknown;
}

void FileLock::release() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

void Leftover::remove() {
  if (!folder_.empty()) remove_folder(folder_);
  folder_.clear();
  lock_.release();
}

Autosave::Autosave(const fs::path& state_folder) {
  if (!state_folder.empty()) root_ = state_folder / "autosave";
}

void Autosave::make_folder() {
  if (!make_private_folder(root_)) throw FileError(root_.string(), "this folder cannot be made");
  // Locked before it has a name that others look at.
  std::string made = (root_ / (".new-" + std::to_string(::getpid()) + "-XXXXXX")).string();
  if (::mkdtemp(made.data()) == nullptr) throw system_file_error(root_.string(), "cannot be written", errno);
  lock_.take(fs::path(made) / lock_name);
  const fs::path folder = root_ / fs::path(made).filename().string().substr(5);
  std::error_code error;
  fs::rename(made, folder, error);
  if (error) throw system_file_error(folder.string(), "cannot be made", error.value());
  folder_ = folder;
}

std::string Autosave::write(const Document& document, const OpenFile& file) try {
  if (root_.empty()) return "";
  waiting_ = false;
  seen_ = document;
  std::error_code ignored;
  if (folder_.empty() || !fs::is_directory(folder_, ignored)) make_folder();
  // The document of one file never stands beside the name of another.
  const fs::path origin = folder_ / origin_name;
  const bool same = text_of(origin) == origin_text(file);
  if (!same) fs::remove(origin, ignored);
  write_document(document, folder_ / scenario_name);
  if (!same) write_file_atomically(origin, origin_text(file));
  return "";
} catch (const FileError& error) {
  return std::string("Unsaved work is not being kept: ") + error.what();
}

std::string Autosave::tick(const Document& document, const OpenFile& file, bool modified, double seconds) {
  if (root_.empty()) return "";
  if (!modified) {
    clear();
    return "";
  }
  waited_ += seconds;
  idle_ += seconds;
  if (!seen_ || *seen_ != document) {
    if (!waiting_) waited_ = 0;
    seen_ = document;
    waiting_ = true;
    idle_ = 0;
  }
  return waiting_ && (idle_ >= quiet || waited_ >= longest) ? write(document, file) : "";
}

std::string Autosave::keep(const Document& document, const OpenFile& file) {
  return seen_ && *seen_ == document && !waiting_ ? "" : write(document, file);
}

std::optional<double> Autosave::due() const {
  if (!waiting_) return std::nullopt;
  return std::max(0.0, std::min(quiet - idle_, longest - waited_));
}

void Autosave::clear() {
  seen_.reset();
  waiting_ = false;
  if (folder_.empty()) return;
  remove_folder(folder_);
  folder_.clear();
  lock_.release();
}

void Autosave::inspect(const fs::path& folder, std::vector<Leftover>& found, std::vector<std::string>& messages) const {
  Leftover leftover;
  const FileLock::Outcome outcome = leftover.lock_.take(folder / lock_name);
  if (outcome == FileLock::Outcome::busy) return;
  if (outcome == FileLock::Outcome::unknown && process_lives(folder)) return;
  const fs::path scenario = folder / scenario_name;
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(scenario, ignored))) return remove_folder(folder);
  try {
    leftover.document = read_document(scenario);
    leftover.file = read_origin(folder / origin_name);
    leftover.time = time_text(time_of(scenario));
    leftover.folder_ = folder;
    found.push_back(std::move(leftover));
  } catch (const NewerDocument& error) {
    messages.push_back(std::string("Unsaved work of a newer program: ") + error.what());
  } catch (const std::exception& error) {
    fs::path aside = folder;
    for (int i = 1; fs::exists(fs::symlink_status(aside, ignored)); ++i) {
      aside = folder.string() + (i > 1 ? "-" + std::to_string(i) : "") + std::string(broken);
    }
    std::error_code problem;
    fs::rename(folder, aside, problem);
    messages.push_back(std::string("Unsaved work cannot be recovered: ") + error.what() +
                       (problem ? "" : "; kept in " + aside.string()));
  }
}

std::vector<Leftover> Autosave::leftovers(std::vector<std::string>& messages) const {
  std::vector<Leftover> found;
  if (root_.empty()) return found;
  std::vector<fs::path> folders;
  std::error_code error;
  for (fs::directory_iterator item(root_, error), end; !error && item != end; item.increment(error)) {
    std::error_code ignored;
    const std::string name = item->path().filename().string();
    const bool skip = name.starts_with('.') || name.ends_with(broken) || item->path() == folder_;
    if (!skip && item->is_directory(ignored) && !item->is_symlink(ignored)) folders.push_back(item->path());
  }
  std::ranges::sort(folders, [](const fs::path& a, const fs::path& b) {
    const std::time_t of_a = time_of(a / scenario_name);
    const std::time_t of_b = time_of(b / scenario_name);
    return of_a != of_b ? of_a > of_b : a < b;
  });
  for (const fs::path& folder : folders) inspect(folder, found, messages);
  return found;
}

}  // namespace tconv
