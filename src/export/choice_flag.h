#pragma once
// Choices described once: the command line reads them from these flags, and the window writes the command that makes
// the same file.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tconv {

/// One flag of a command for values of type Choices.
template <typename Choices>
struct ChoiceFlag {
  std::string_view name;   ///< "--width"
  std::string_view value;  ///< what it takes, "POINTS"; empty for a switch
  std::string_view help;
  /// Puts what was written behind the flag ("" for a switch) into the choices. Throws std::invalid_argument with the
  /// rule and what was found: "must be 64 to 20000, found 3".
  void (*read)(Choices&, std::string_view text);
  /// What to write for the choices, in order; empty when they are as they are without the flag.
  std::vector<std::string> (*write)(const Choices&);
  bool many = false;  ///< may be repeated
};

/// A number between two others. Throws std::invalid_argument.
double read_number(std::string_view text, double least, double most);
std::int64_t read_integer(std::string_view text, std::int64_t least, std::int64_t most);
/// The shortest text that reads back as the same number, whatever the locale.
std::string number_argument(double value);

/// The words of a command line that makes `choices` from the usual ones.
template <typename Choices>
std::vector<std::string> written_flags(const std::vector<ChoiceFlag<Choices>>& flags, const Choices& choices) {
  std::vector<std::string> words;
  for (const ChoiceFlag<Choices>& flag : flags) {
    for (std::string& text : flag.write(choices)) {
      words.emplace_back(flag.name);
      if (!flag.value.empty()) words.push_back(std::move(text));
    }
  }
  return words;
}

/// The words as one line for a shell: what a shell would take apart stands in quotes.
std::string shell_line(const std::vector<std::string>& words);

}  // namespace tconv
