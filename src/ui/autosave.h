#pragma once
// Unsaved work, kept where the next start finds it when this one ends badly.
//
// <state>/autosave/<process>-<letters>/ belongs to one running program:
//   lock                  held (flock) as long as the program lives: a folder whose lock is free is left over
//   scenario.tconv.json   the document, and its large arrays beside it
//   origin                three lines: name, path ("" for none) and fingerprint of the file that it belongs to

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "ui/open_file.h"

namespace tconv {

/// An open file with a lock on it that ends with the process or this object.
class FileLock {
 public:
  FileLock() = default;
  /// Takes the lock, made if missing. `taken` says whether that went well or somebody else has it.
  enum class Outcome { taken, busy, unknown };
  Outcome take(const std::filesystem::path& path);
  void release();

  ~FileLock() { release(); }
  FileLock(FileLock&& other) noexcept : descriptor_(other.descriptor_) { other.descriptor_ = -1; }
  FileLock& operator=(FileLock&& other) noexcept;

 private:
  int descriptor_ = -1;
};

/// Unsaved work of a program that is no more. While this exists no other program offers it.
class Leftover {
 public:
  Document document;
  OpenFile file;     ///< what it belongs to; nothing of it counts as saved
  std::string time;  ///< "2025-01-31 14:05", local

  /// Forgets it for good.
  void remove();

 private:
  friend class Autosave;
  std::filesystem::path folder_;
  FileLock lock_;
};

class Autosave {
 public:
  static constexpr double quiet = 2;     ///< seconds without a change after which it is written
  static constexpr double longest = 10;  ///< seconds from a change to the disk while more follow

  /// With an empty folder nothing is ever kept. Destroying it leaves the work on the disk, as a crash would.
  explicit Autosave(const std::filesystem::path& state_folder);

  /// Once a frame, `seconds` after the one before. Returns a line when the work cannot be kept, else "".
  std::string tick(const Document& document, const OpenFile& file, bool modified, double seconds);
  /// As `tick`, for work that is not being changed: written at once.
  std::string keep(const Document& document, const OpenFile& file);
  /// Seconds until something will be written; empty: nothing is waiting.
  std::optional<double> due() const;
  /// Writes at once. Returns as `tick` does.
  std::string write(const Document& document, const OpenFile& file);
  /// Nothing needs to be kept any more.
  void clear();

  /// What earlier programs left, newest first. What cannot be read is put aside (renamed, "….broken") and what is from
  /// a newer version is left alone; `messages` gets a line for each.
  std::vector<Leftover> leftovers(std::vector<std::string>& messages) const;

 private:
  void make_folder();
  void inspect(const std::filesystem::path& folder, std::vector<Leftover>& found,
               std::vector<std::string>& messages) const;

  std::filesystem::path root_;    // <state>/autosave; empty: off
  std::filesystem::path folder_;  // this program's; empty: not made
  FileLock lock_;
  std::optional<Document> seen_;
  bool waiting_ = false;  // `seen_` is not written yet
  double idle_ = 0;       // since the last change
  double waited_ = 0;     // since the first change that is not written
};

}  // namespace tconv
