#include "document/embedded_document.h"

#include <algorithm>
#include <cctype>

#include "document/document_json.h"
#include "files/base64.h"
#include "files/byte_source.h"

namespace tconv {
namespace {

constexpr std::string_view marker = "tconv-scenario";
constexpr char end_mark = ';';
constexpr std::size_t most_bytes = std::size_t{1} << 20;

/// What pictures with a document in them begin with.
bool may_hold_one(std::string_view first) {
  return first.starts_with("\x89PNG") || first.starts_with("%PDF-") || first.starts_with("<?xml") ||
         first.starts_with("<svg") || first.starts_with("GIF8") || first.starts_with("RIFF") ||
         first.substr(std::min<std::size_t>(4, first.size())).starts_with("ftyp");
}

bool is_letter(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/' || c == '='; }

}  // namespace

std::string embedded_letters(std::string_view marker, std::string_view text) {
  std::string letters(marker);
  letters += ':';
  append_base64(letters, text);
  return letters + end_mark;
}

std::optional<std::string> find_embedded(std::string_view bytes, std::string_view marker) {
  const std::string start = std::string(marker) + ":";
  const std::size_t begin = bytes.find(start);
  if (begin == std::string_view::npos) return std::nullopt;
  std::string letters;
  for (std::size_t i = begin + start.size(); i < bytes.size() && bytes[i] != end_mark; ++i) {
    // A writer may have broken the line, as PDF does with a backslash.
    if (is_letter(bytes[i])) letters += bytes[i];
    if (letters.size() > 2 * most_bytes) return std::nullopt;
  }
  auto text = from_base64(letters);
  if (!text || text->empty()) return std::nullopt;
  return text;
}

namespace {

/// The bytes of a file that may hold something; nothing of other files.
std::optional<std::string> bytes_of(const std::filesystem::path& path) {
  constexpr std::uint64_t largest_picture = std::uint64_t{1} << 28;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;  // a pipe can be read only once
  ByteSource source(path);
  const auto first = source.peek(8);
  if (!may_hold_one({reinterpret_cast<const char*>(first.data()), first.size()})) return std::nullopt;
  if (!source.size() || *source.size() > largest_picture) return std::nullopt;
  const auto bytes = read_all(source, largest_picture);
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

std::optional<std::string> read_embedded(const std::filesystem::path& path, std::string_view marker) {
  const auto bytes = bytes_of(path);
  return bytes ? find_embedded(*bytes, marker) : std::nullopt;
}

std::string embedded_text(const Document& document) {
  const std::string json = to_json(document);
  return json.size() > most_bytes ? "" : embedded_letters(marker, json);
}

std::optional<Document> embedded_document(std::string_view bytes, std::string_view name) {
  const auto json = find_embedded(bytes, marker);
  return json ? std::optional(parse_document(*json, name)) : std::nullopt;
}

std::optional<Document> read_embedded_document(const std::filesystem::path& path) {
  const auto json = read_embedded(path, marker);
  return json ? std::optional(parse_document(*json, path.string())) : std::nullopt;
}

}  // namespace tconv
