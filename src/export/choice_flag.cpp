#include "export/choice_flag.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "files/file_error.h"

namespace tconv {

using std::int64_t;

namespace {

template <typename Number>
Number read_between(std::string_view text, Number least, Number most, const char* kind) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && number >= least && number <= most) return number;
  if (!whole) throw std::invalid_argument(std::string("must be ") + kind + ", found " + quoted(text));
  throw std::invalid_argument("must be " + number_argument(static_cast<double>(least)) + " to " +
                              number_argument(static_cast<double>(most)) + ", found " + std::string(text));
}

}  // namespace

double read_number(std::string_view text, double least, double most) {
  return read_between(text, least, most, "a number");
}

int64_t read_integer(std::string_view text, int64_t least, int64_t most) {
  return read_between(text, least, most, "a whole number");
}

std::string number_argument(double value) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

std::string shell_line(const std::vector<std::string>& words) {
  constexpr std::string_view harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=:,./@%";
  std::string line;
  for (const std::string& word : words) {
    if (!line.empty()) line += ' ';
    if (!word.empty() && word.find_first_not_of(harmless) == std::string::npos) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace tconv
