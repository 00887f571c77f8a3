#pragma once

#include <cstddef>
#include <functional>
#include <span>

namespace tconv {

/// Where bytes go as they are made. Throws what its owner throws (FileError for a file).
using ByteSink = std::function<void(std::span<const std::byte>)>;

}  // namespace tconv
