#include "files/file_error.h"

#include <cerrno>
#include <system_error>

namespace tconv {
namespace {

void append_escaped(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\x";
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

// A file name may hold a line break; the message must stay one line. Bytes above 127 are UTF-8 and stay.
std::string one_line(std::string_view name) {
  if (name.empty()) return "''";
  std::string out;
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte == 0x7f)
      append_escaped(out, byte);
    else
      out += character;
  }
  return out;
}

std::string sentence(std::string_view file, std::string_view found, std::string_view mend) {
  std::string out = one_line(file) + ": " + std::string(found);
  if (!mend.empty()) out += "; " + std::string(mend);
  return out;
}

std::string_view mend_for(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return "check the path";
    case EACCES:
    case EPERM:
      return "change its permissions or choose another place";
    case ENOSPC:
    case EDQUOT:
      return "free some space or choose another place";
    case EISDIR:
      return "name a file in it";
    case EROFS:
      return "choose another place";
    default:
      return {};
  }
}

}  // namespace

FileError::FileError(std::string_view file, std::string_view found, std::string_view mend)
    : std::runtime_error(sentence(file, found, mend)) {}

FileError system_file_error(std::string_view file, std::string_view doing, int error_number) {
  const std::string reason = std::generic_category().message(error_number);
  return FileError(file, std::string(doing) + ": " + reason, mend_for(error_number));
}

std::string quoted(std::string_view text, std::size_t limit) {
  std::string out = "'";
  for (const char character : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte >= 0x7f)
      append_escaped(out, byte);
    else
      out += character;
  }
  return out + (text.size() > limit ? "…'" : "'");
}

}  // namespace tconv
