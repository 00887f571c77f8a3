#pragma once
// Files built byte by byte, and what is expected of the errors about them.

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "files/file_error.h"

namespace tconv {

inline std::span<const std::byte> bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

/// `value` in `count` bytes.
inline std::string number_bytes(std::uint64_t value, std::size_t count, bool big_endian) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += static_cast<char>((value >> (8 * (big_endian ? count - 1 - i : i))) & 0xff);
  return out;
}

/// A .npy file with the header `dict` as it stands.
inline std::string npy_file(std::string_view dict, std::string_view data, int major = 1, int minor = 0) {
  std::string out = "\x93NUMPY";
  out += static_cast<char>(major);
  out += static_cast<char>(minor);
  out += number_bytes(dict.size(), major == 1 ? 2 : 4, false);
  return out + std::string(dict) + std::string(data);
}

inline std::string npy_dict(std::string_view descr, std::string_view shape, bool fortran_order = false) {
  return "{'descr': '" + std::string(descr) + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
         ", 'shape': " + std::string(shape) + ", }\n";
}

/// Runs `action`, which must throw a FileError of one line that holds each of `words`.
template <typename Action>
void expect_file_error(Action action, const std::vector<std::string>& words) {
  try {
    action();
    ADD_FAILURE() << "no error; expected one with " << words.front();
  } catch (const FileError& error) {
    const std::string line = error.what();
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    for (const std::string& word : words) EXPECT_NE(line.find(word), std::string::npos) << line << "\nlacks: " << word;
  }
}

}  // namespace tconv
