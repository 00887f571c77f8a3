#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "document/document.h"

namespace tconv {

/// Where a document came from, and what of it is on the disk.
struct OpenFile {
  std::filesystem::path path;     ///< absolute; empty: it has no file yet
  std::string name;               ///< on the screen; empty: it has none yet
  std::optional<Document> saved;  ///< as it was last opened or saved; empty: nothing of it is kept
  std::uint64_t fingerprint = 0;  ///< of the file when it was last read or written
};

}  // namespace tconv
