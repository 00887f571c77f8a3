#pragma once
// The files of assets/ and shaders/, compiled into the program so that it runs from any folder.

#include <optional>
#include <string_view>
#include <vector>

namespace tconv {

/// The bytes of an embedded file by its path with forward slashes, "color_maps/viridis.csv"; empty if there is none.
/// The view is valid for the whole run.
std::optional<std::string_view> embedded_file(std::string_view name);

/// The names that start with `prefix` ("" for all), in byte order.
std::vector<std::string_view> embedded_names(std::string_view prefix);

}  // namespace tconv
