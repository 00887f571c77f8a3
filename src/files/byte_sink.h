#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "files/progress.h"

namespace tconv {

/// Where bytes go as they are made. Throws what its owner throws (FileError for a file).
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// Hands bytes on in pieces that are quick to write, telling `progress` between them.
void send(std::span<const std::byte> bytes, const ByteSink& sink, const Progress& progress);
/// A few letters at once.
void send(std::string_view text, const ByteSink& sink);

}  // namespace tconv
