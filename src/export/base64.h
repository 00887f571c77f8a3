#pragma once

#include <string>
#include <string_view>

namespace tconv {

/// Appends `bytes` in base64 (RFC 4648, padded, one line).
void append_base64(std::string& out, std::string_view bytes);

}  // namespace tconv
