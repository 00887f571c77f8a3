#include "gpu/shader_source.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "compute/backend.h"

namespace tconv {
namespace {

struct Line {
  std::string text;
  std::string origin;
};
using Lines = std::vector<Line>;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

class Assembler {
 public:
  Assembler(const ShaderConstants& constants, const ShaderFiles& files) : constants_(constants), files_(files) {}

  ShaderSource assemble(std::string_view name) {
    read("shaders/" + std::string(name) + ".comp", std::string(name) + ".comp");
    expand(0, lines_.size());
    return std::move(source_);
  }

 private:
  void read(const std::string& path, const std::string& shown) {
    const auto text = files_(path);
    if (!text) throw BackendError("the shader " + path + " is missing");
    std::string_view rest = *text;
    for (int number = 1; !rest.empty(); ++number) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      add_line(rest.substr(0, end), shown + ":" + std::to_string(number));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  void add_line(std::string_view text, const std::string& origin) {
    const auto words = words_of(text);
    if (!words.empty() && words[0] == "#include") {
      const std::string_view quoted = words.size() == 2 ? words[1] : "";
      if (quoted.size() < 3 || quoted.front() != '"' || quoted.back() != '"') refuse(origin, "not an #include");
      const std::string file(quoted.substr(1, quoted.size() - 2));
      if (included_.insert(file).second) read("shaders/include/" + file, file);
      return;
    }
    lines_.push_back({std::string(text), origin});
    if (!words.empty() && words[0] == "#version") {
      for (const auto& [name, value] : constants_) {
        // Not in parentheses where it need not be: a layout takes a number only.
        const std::string number = std::to_string(value);
        lines_.push_back({"#define " + name + " " + (value < 0 ? "(" + number + ")" : number), ""});
      }
    }
  }

  /// Writes the lines [first, last); returns the place after the last one.
  void expand(std::size_t first, std::size_t last) {
    for (std::size_t at = first; at < last; ++at) {
      const auto words = words_of(lines_[at].text);
      const std::string_view directive = words.empty() ? "" : words[0];
      if (directive == "#end") refuse(lines_[at].origin, "#end without #unroll");
      if (directive != "#unroll") {
        write(lines_[at].text, lines_[at].origin);
        continue;
      }
      if (words.size() != 3) refuse(lines_[at].origin, "#unroll needs a name and a count");
      const std::size_t end = end_of(at, last);
      const std::int64_t count = count_of(words[2], lines_[at].origin);
      for (std::int64_t i = 0; i < count; ++i) {
        write("{ const int " + std::string(words[1]) + " = " + std::to_string(i) + ";", lines_[at].origin);
        expand(at + 1, end);
        write("}", lines_[end].origin);
      }
      at = end;
    }
  }

  std::size_t end_of(std::size_t unroll, std::size_t last) const {
    int depth = 0;
    for (std::size_t at = unroll; at < last; ++at) {
      const auto words = words_of(lines_[at].text);
      if (words.empty()) continue;
      if (words[0] == "#unroll") ++depth;
      if (words[0] == "#end" && --depth == 0) return at;
    }
    refuse(lines_[unroll].origin, "#unroll without #end");
  }

  std::int64_t count_of(std::string_view word, const std::string& origin) const {
    if (const auto number = number_in(word)) return *number;
    const auto constant = constants_.find(std::string(word));
    if (constant == constants_.end()) refuse(origin, "#unroll: no constant " + std::string(word));
    return constant->second;
  }

  void write(std::string_view text, const std::string& origin) {
    source_.text += text;
    source_.text += '\n';
    source_.origins.push_back(origin);
  }

  [[noreturn]] static void refuse(const std::string& origin, const std::string& trouble) {
    throw BackendError("the shader " + origin + ": " + trouble);
  }

  const ShaderConstants& constants_;
  const ShaderFiles& files_;
  std::set<std::string> included_;
  Lines lines_;
  ShaderSource source_;
};

}  // namespace

std::string constants_text(const ShaderConstants& constants) {
  std::string text;
  for (const auto& [name, value] : constants) text += (text.empty() ? "" : " ") + name + "=" + std::to_string(value);
  return text;
}

ShaderSource shader_source(std::string_view name, const ShaderConstants& constants, const ShaderFiles& files) {
  return Assembler(constants, files).assemble(name);
}

std::string first_error(std::string_view log, const ShaderSource& source) {
  std::string_view line;
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    const std::string_view next = trimmed(log.substr(0, end));
    log.remove_prefix(std::min(end + 1, log.size()));
    const bool is_error = next.find("error") != std::string_view::npos;
    if (line.empty() || is_error) line = next;
    if (is_error) break;
  }
  // Mesa writes "0:12(5): error: …", NVIDIA "0(12) : error C1008: …", others "ERROR: 0:12: …".
  for (const std::string_view before : {"0:", "0("}) {
    const std::size_t at = line.find(before);
    if (at == std::string_view::npos) continue;
    const auto number = number_in(line.substr(at + before.size()));
    if (!number || *number < 1 || *number > static_cast<std::int64_t>(source.origins.size())) continue;
    const std::string& origin = source.origins[static_cast<std::size_t>(*number - 1)];
    return (origin.empty() ? "" : origin + ": ") + std::string(line);
  }
  return line.empty() ? "no reason given" : std::string(line);
}

}  // namespace tconv
