#pragma once
// The files that were opened and saved last, remembered from one run to the next.

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <vector>

namespace tconv {

class RecentFiles {
 public:
  static constexpr std::size_t most = 10;

  /// Kept in `folder`/recent, one absolute path a line, newest first; with an empty folder in memory only.
  explicit RecentFiles(const std::filesystem::path& folder = {});

  /// Newest first; without those that are missing now.
  std::vector<std::filesystem::path> list() const;
  /// Puts a file first. Another window's entries are kept; a list that cannot be written stays in memory.
  void add(const std::filesystem::path& path);

 private:
  std::vector<std::filesystem::path> read() const;

  std::filesystem::path file_;
  std::vector<std::filesystem::path> paths_;
};

}  // namespace tconv
