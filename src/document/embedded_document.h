#pragma once
// A document inside an exported picture, so that opening the picture brings it back: a marker and the scenario's text
// in base64, letters that a PNG's text chunk, an SVG's metadata and a PDF's keywords all keep as they are.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "document/document.h"

namespace tconv {

/// `text` as letters behind a marker: "<marker>:<base64>;".
std::string embedded_letters(std::string_view marker, std::string_view text);
/// The text behind the first such marker in a file's bytes; nothing when there is none.
std::optional<std::string> find_embedded(std::string_view bytes, std::string_view marker);
/// Likewise of a PNG, SVG, PDF, GIF, WebP or MP4 on the disk, told by its first bytes; nothing for other files.
std::optional<std::string> read_embedded(const std::filesystem::path& path, std::string_view marker);

/// The text to put into a file; empty when the document's own arrays are too large to ride along (beyond 1 MiB).
std::string embedded_text(const Document& document);

/// The document in a file's bytes, if there is one. Throws FileError, naming `name`, for one that cannot be read (a
/// newer version, say).
std::optional<Document> embedded_document(std::string_view bytes, std::string_view name);

/// Likewise of a PNG, SVG, PDF, GIF, WebP or MP4 on the disk, told by its first bytes; nothing for other files.
std::optional<Document> read_embedded_document(const std::filesystem::path& path);

}  // namespace tconv
