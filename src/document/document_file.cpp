#include "document/document_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "document/document_json.h"
#include "files/atomic_file.h"
#include "files/byte_source.h"
#include "files/extension.h"
#include "files/file_error.h"
#include "files/npy.h"

namespace tconv {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_document = std::uint64_t{1} << 30;
constexpr std::uint64_t hash_start = 0xcbf29ce484222325U;

/// A multiplicative hash of whole words: 64 MB in some 10 ms, and the same on every run.
std::uint64_t hashed(std::span<const std::byte> bytes, std::uint64_t hash) {
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    hash = (hash ^ word ^ count) * 0x9e3779b97f4a7c15U;
    hash ^= std::rotr(hash, 29);
    bytes = bytes.subspan(count);
  }
  return hash;
}

std::uint64_t fingerprint_of_text(std::string_view text) { return hashed(std::as_bytes(std::span(text)), hash_start); }

std::string read_text(const fs::path& path) {
  ByteSource source(path);
  const auto bytes = read_all(source, largest_document);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The file itself where `path` is a link to it, be it there or not: its arrays lie beside it, not beside the link.
fs::path without_links(const fs::path& path) {
  const fs::path file = link_target(path);
  std::error_code error;
  const fs::path target = fs::weakly_canonical(file, error);
  return error ? file : target;
}

fs::path folder_of(const fs::path& target) { return target.has_parent_path() ? target.parent_path() : fs::path("."); }

/// As Unicode has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0U; };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned lead = byte(i++);
    if (lead < 0x80) continue;
    if (lead < 0xC2 || lead > 0xF4) return false;
    const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(i) < least || byte(i) > most) return false;
    for (const std::size_t end = i + (lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3); i < end; ++i) {
      if (byte(i) >> 6 != 2) return false;
    }
  }
  return true;
}

/// What the names of a scenario's arrays begin with.
std::string stem_of(const fs::path& target) {
  constexpr std::string_view extension = ".tconv.json";
  constexpr std::size_t longest = 180;  // what is added must fit into a file name, too
  std::string stem = target.filename().string();
  if (stem.ends_with(extension) && stem.size() > extension.size()) stem.resize(stem.size() - extension.size());
  // A file name is any bytes, a text in JSON is UTF-8.
  if (!is_utf8(stem)) {
    std::ranges::replace_if(
        stem, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '_');
  }
  std::size_t length = std::min(stem.size(), longest);
  while (length < stem.size() && static_cast<unsigned char>(stem[length]) >> 6 == 2) --length;
  stem.resize(length);
  return stem;
}

/// Whether `name` is <stem>.<role>.<8 hexadecimal digits>.npy: one that this program made.
bool is_array_name(std::string_view name, std::string_view stem) {
  constexpr std::array roles{".input.", ".kernel.", ".bias.", ".grad_output."};
  if (!name.starts_with(stem) || !name.ends_with(".npy")) return false;
  name.remove_prefix(stem.size());
  name.remove_suffix(4);
  for (const std::string_view role : roles) {
    if (!name.starts_with(role) || name.size() != role.size() + 8) continue;
    return std::ranges::all_of(name.substr(role.size()),
                               [](unsigned char c) { return std::isdigit(c) != 0 || (c >= 'a' && c <= 'f'); });
  }
  return false;
}

/// Eight hexadecimal digits from an array's numbers; other ones for another `attempt`, should they be taken.
std::string digits_of(const Tensor& array, std::uint64_t attempt) {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  const std::uint64_t hash =
      hashed(std::as_bytes(array.values()), fingerprint_of_text(array.shape().text())) + attempt * 0x10001;
  std::string text;
  for (int shift = 60; shift >= 32; shift -= 4) text += hexadecimal[(hash ^ hash << 32) >> shift & 15];
  return text;
}

/// Whether the file still holds the numbers that its name was made from: nobody else's work stands there by now.
bool is_as_written(const fs::path& path) try {
  constexpr std::uint64_t most_attempts = 16;
  const std::string name = path.stem().string();  // without ".npy"
  const Tensor array = read_npy(path);
  for (std::uint64_t attempt = 0; attempt < most_attempts; ++attempt) {
    if (name.ends_with(digits_of(array, attempt))) return true;
  }
  return false;
} catch (const std::exception&) {
  return false;
}

/// Writes arrays beside a scenario, and takes the new ones back unless all went well.
class ArrayWriter {
 public:
  ArrayWriter(fs::path folder, std::string stem) : folder_(std::move(folder)), stem_(std::move(stem)) {}
  ~ArrayWriter() {
    std::error_code ignored;
    for (const fs::path& path : made_) fs::remove(path, ignored);
  }
  ArrayWriter(const ArrayWriter&) = delete;
  ArrayWriter& operator=(const ArrayWriter&) = delete;

  std::string name_of(std::string_view role, const Tensor& array) {
    if (array.size() <= largest_inline_array) return "";
    for (std::uint64_t attempt = 0;; ++attempt) {
      const std::string name = stem_ + "." + std::string(role) + "." + digits_of(array, attempt) + ".npy";
      const fs::path path = folder_ / name;
      std::error_code ignored;
      if (!fs::exists(fs::symlink_status(path, ignored))) {
        write_npy(path, array);
        made_.push_back(path);
      } else if (!holds(path, array)) {
        continue;  // another array whose digits are the same, or a damaged one: not to be written over
      }
      names_.push_back(name);
      return name;
    }
  }

  void keep() { made_.clear(); }
  bool uses(const std::string& name) const { return std::ranges::find(names_, name) != names_.end(); }

 private:
  static bool holds(const fs::path& path, const Tensor& array) try {
    return fs::is_regular_file(path) && read_npy(path) == array;
  } catch (const std::exception&) {
    return false;
  }

  fs::path folder_;
  std::string stem_;
  std::vector<fs::path> made_;
  std::vector<std::string> names_;
};

/// Whether another scenario in the folder, a copy of `target` maybe, names the file.
bool named_elsewhere(const fs::path& target, const std::string& name) {
  std::error_code error;
  for (fs::directory_iterator item(folder_of(target), error), end; !error && item != end; item.increment(error)) {
    std::error_code ignored;
    if (!is_scenario_name(item->path()) || item->path() == target || !item->is_regular_file(ignored)) continue;
    try {
      if (read_text(item->path()).find(name) != std::string::npos) return true;
    } catch (const FileError&) {
      return true;  // what cannot be read may name it
    }
  }
  return false;
}

std::vector<std::string> arrays_on_disk(const fs::path& target) try {
  std::error_code ignored;
  return fs::is_regular_file(target, ignored) ? array_files(read_text(target)) : std::vector<std::string>();
} catch (const FileError&) {
  return {};
}

}  // namespace

bool is_scenario_name(const fs::path& path) { return lower_extension(path) == ".json"; }

StoredDocument read_stored_document(const fs::path& path) {
  const std::string text = read_text(path);
  return {parse_document(text, path.string(), folder_of(without_links(path))), fingerprint_of_text(text)};
}

Document read_document(const fs::path& path) { return read_stored_document(path).document; }

std::uint64_t write_document(const Document& document, const fs::path& path) {
  if (path.empty()) throw FileError("", "the file name is empty", "name a file");
  const fs::path target = without_links(path);
  const std::string stem = stem_of(target);
  const std::vector<std::string> before = arrays_on_disk(target);
  ArrayWriter arrays(folder_of(target), stem);
  const std::string text =
      to_json(document, [&](std::string_view role, const Tensor& array) { return arrays.name_of(role, array); });
  write_file_atomically(path, text);
  arrays.keep();
  for (const std::string& name : before) {
    const fs::path array = folder_of(target) / name;
    if (arrays.uses(name) || !is_array_name(name, stem) || !is_as_written(array) || named_elsewhere(target, name)) {
      continue;
    }
    std::error_code ignored;  // one file too many does no harm
    fs::remove(array, ignored);
  }
  return fingerprint_of_text(text);
}

std::optional<std::uint64_t> fingerprint_of(const fs::path& path) try {
  return fingerprint_of_text(read_text(path));
} catch (const FileError&) {
  return std::nullopt;
}

}  // namespace tconv
