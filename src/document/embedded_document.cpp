#include "document/embedded_document.h"

#include <algorithm>
#include <cctype>

#include "document/document_json.h"
#include "files/base64.h"
#include "files/byte_source.h"

namespace tconv {
namespace {

constexpr std::string_view marker = "tconv-scenario:";
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

std::string embedded_text(const Document& document) {
  const std::string json = to_json(document);
  if (json.size() > most_bytes) return "";
  std::string text(marker);
  append_base64(text, json);
  return text + end_mark;
}

std::optional<Document> embedded_document(std::string_view bytes, std::string_view name) {
  const std::size_t begin = bytes.find(marker);
  if (begin == std::string_view::npos) return std::nullopt;
  std::string letters;
  for (std::size_t i = begin + marker.size(); i < bytes.size() && bytes[i] != end_mark; ++i) {
    // A writer may have broken the line, as PDF does with a backslash.
    if (is_letter(bytes[i])) letters += bytes[i];
    if (letters.size() > 2 * most_bytes) return std::nullopt;
  }
  const auto json = from_base64(letters);
  if (!json || json->empty()) return std::nullopt;
  return parse_document(*json, name);
}

std::optional<Document> read_embedded_document(const std::filesystem::path& path) {
  constexpr std::uint64_t largest_file = std::uint64_t{1} << 28;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;  // a pipe can be read only once
  ByteSource source(path);
  const auto first = source.peek(8);
  if (!may_hold_one({reinterpret_cast<const char*>(first.data()), first.size()})) return std::nullopt;
  if (!source.size() || *source.size() > largest_file) return std::nullopt;
  const auto bytes = read_all(source, largest_file);
  return embedded_document({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, source.name());
}

}  // namespace tconv
