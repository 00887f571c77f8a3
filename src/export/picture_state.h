#pragma once
// What a picture shows, inside the picture: opening it shows the same view at the same step.

#include <filesystem>
#include <optional>
#include <string>

#include "export/picture.h"

namespace tconv {

/// The document and the choices as letters that a file keeps.
std::string picture_state(const Document& document, const PictureChoices& choices);

/// The choices in a picture; nothing when it holds none, or such of another version.
std::optional<PictureChoices> read_picture_state(const std::filesystem::path& path);

}  // namespace tconv
