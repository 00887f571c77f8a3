#pragma once
// Scenario files on the disk: the text (see document_json.h) and, beside it, arrays that are too large for a text.
//
// An array of more than `largest_inline_array` numbers becomes a file <stem>.<role>.<hash>.npy in the scenario's
// folder: the scenario's name without ".tconv.json", the array's key, eight hexadecimal digits made from its numbers.
// New numbers have a new name, and the text that names them is written last and as a whole: whenever a save ends, the
// scenario on the disk is the old one or the new one with all that belongs to it.

#include <cstdint>
#include <filesystem>
#include <optional>

#include "document/document.h"

namespace tconv {

inline constexpr std::int64_t largest_inline_array = 1024;  ///< numbers

/// Whether a file's name ends as a scenario's does, ".json" in capitals or not.
bool is_scenario_name(const std::filesystem::path& path);

/// What was read, and a number that tells whether the file's text is still the same.
struct StoredDocument {
  Document document;
  std::uint64_t fingerprint = 0;
};

/// Throws FileError (NewerDocument for a later version) with one line that names `path`.
StoredDocument read_stored_document(const std::filesystem::path& path);
Document read_document(const std::filesystem::path& path);

/// Writes a scenario over whatever is at `path`; returns the fingerprint of its text. Throws FileError; what was there
/// before is whole then, and no new file is left. Array files of this name that the scenario at `path` named and does
/// not name any more are removed, unless another .json file in the folder names them or they hold other numbers by now.
std::uint64_t write_document(const Document& document, const std::filesystem::path& path);

/// Empty when `path` cannot be read.
std::optional<std::uint64_t> fingerprint_of(const std::filesystem::path& path);

}  // namespace tconv
