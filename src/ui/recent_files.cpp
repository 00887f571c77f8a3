#include "ui/recent_files.h"

#include <algorithm>
#include <string>

#include "files/atomic_file.h"
#include "files/byte_source.h"
#include "files/file_error.h"
#include "files/state_folder.h"

namespace tconv {

namespace fs = std::filesystem;

RecentFiles::RecentFiles(const fs::path& folder) {
  if (folder.empty()) return;
  file_ = folder / "recent";
  paths_ = read();
}

std::vector<fs::path> RecentFiles::read() const try {
  constexpr std::uint64_t largest = 1 << 20;
  std::error_code ignored;
  if (file_.empty() || !fs::is_regular_file(file_, ignored)) return paths_;
  ByteSource source(file_);
  const auto bytes = read_all(source, largest);
  std::vector<fs::path> paths;
  std::string line;
  for (const std::byte byte : bytes) {
    if (byte != std::byte{'\n'}) {
      line += static_cast<char>(byte);
      continue;
    }
    const fs::path path(line);
    if (path.is_absolute() && std::ranges::find(paths, path) == paths.end()) paths.push_back(path);
    line.clear();
  }
  if (paths.size() > most) paths.resize(most);
  return paths;
} catch (const FileError&) {
  return paths_;
}

std::vector<fs::path> RecentFiles::list() const {
  std::vector<fs::path> there;
  std::ranges::copy_if(paths_, std::back_inserter(there), [](const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
  });
  return there;
}

void RecentFiles::add(const fs::path& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  if (error || whole.string().find('\n') != std::string::npos) return;
  paths_ = read();
  std::erase(paths_, whole);
  paths_.insert(paths_.begin(), whole);
  if (paths_.size() > most) paths_.resize(most);
  if (file_.empty() || !make_private_folder(file_.parent_path())) return;
  std::string text;
  for (const fs::path& each : paths_) text += each.string() + "\n";
  try {
    write_file_atomically(file_, text);
  } catch (const FileError&) {
    return;  // it is a convenience: not worth a message in the middle of other work
  }
}

}  // namespace tconv
