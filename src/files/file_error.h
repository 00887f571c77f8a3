#pragma once
// What file code throws, and how it words what it found.

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tconv {

/// A file that cannot be read or written. what() is one line for a person: the file, the rule and what was found,
/// then how to mend it: "w.npy: truncated data: need 64 bytes, have 60; copy or save the file again".
/// Only file code throws it; a program that meets it ends with exit code 3 or shows the line.
class FileError : public std::runtime_error {
 public:
  /// `file` is the name as the user gave it, `found` the rule with what was found, `mend` what to do ("" for nothing).
  FileError(std::string_view file, std::string_view found, std::string_view mend = {});
};

/// How to mend a file that is cut short or damaged.
inline constexpr std::string_view copy_again = "copy or save the file again";

/// The error for a failed system call: `doing` ("cannot be opened") and the system's words for `error_number`.
FileError system_file_error(std::string_view file, std::string_view doing, int error_number);

/// `text` in single quotes, cut to `limit` bytes, every byte that is not printable ASCII written as \xNN: safe to
/// print although it comes from a damaged file.
std::string quoted(std::string_view text, std::size_t limit = 48);

}  // namespace tconv
