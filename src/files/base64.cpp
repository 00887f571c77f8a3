#include "files/base64.h"

#include <array>
#include <cstdint>

namespace tconv {

namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  out.reserve(out.size() + (bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      three = three << 8U | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += i + k > bytes.size() ? '=' : base64_digits[three >> (18 - 6 * k) & 63U];
    }
  }
}

std::optional<std::string> from_base64(std::string_view letters) {
  if (letters.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = letters.ends_with("==") ? 2 : letters.ends_with("=") ? 1 : 0;
  std::array<int, 256> value{};
  value.fill(-1);
  for (std::size_t i = 0; i < base64_digits.size(); ++i)
    value[static_cast<std::uint8_t>(base64_digits[i])] = static_cast<int>(i);
  std::string bytes;
  bytes.reserve(letters.size() / 4 * 3);
  for (std::size_t i = 0; i < letters.size(); i += 4) {
    std::uint32_t three = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const bool pad = i + k >= letters.size() - padding;
      const int digit = pad ? 0 : value[static_cast<std::uint8_t>(letters[i + k])];
      if (digit < 0) return std::nullopt;
      three = three << 6U | static_cast<std::uint32_t>(digit);
    }
    for (const unsigned shift : {16U, 8U, 0U}) bytes += static_cast<char>(three >> shift & 0xffU);
  }
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace tconv
