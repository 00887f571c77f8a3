#pragma once
// Where bytes go that are made bit by bit.

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>

#include "files/progress.h"

namespace tconv {

/// Takes the next bytes of a file; may throw (FileError for a full disk), which ends the writing.
using ByteSink = std::function<void(std::span<const std::byte>)>;

/// Hands bytes on in pieces that are quick to write, telling `progress` between them.
void send(std::span<const std::byte> bytes, const ByteSink& sink, const Progress& progress);
/// A few letters at once.
void send(std::string_view text, const ByteSink& sink);

}  // namespace tconv
