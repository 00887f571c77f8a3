#pragma once

#include <filesystem>
#include <string>

namespace tconv {

/// ".png" for "Map.PNG".
std::string lower_extension(const std::filesystem::path& path);

}  // namespace tconv
