#pragma once
// Bytes as letters, RFC 4648: padded, one line.

#include <optional>
#include <string>
#include <string_view>

namespace tconv {

/// Appends `bytes` in base64.
void append_base64(std::string& out, std::string_view bytes);

/// The bytes; empty for what is not base64.
std::optional<std::string> from_base64(std::string_view letters);

}  // namespace tconv
