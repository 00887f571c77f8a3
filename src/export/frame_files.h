#pragma once
// Names of numbered files, for animations that are many files: those of one round in the order in which they are shown,
// with ping-pong the way back too. How long each lasts is up to whoever joins them, so the hold adds no file.
//
// They appear together: each is finished under another name before the first gets its own. Should the disk or a person
// come between even these renamings, those before are new, the rest is as it was, and the error names the file.

#include <cstdint>
#include <filesystem>

namespace tconv {

/// The file of frame `position` of `count`: "{frame}" in the file's name becomes the number, from 0, with zeros before
/// it so that all are as long, three digits at least: "p_{frame}.png" gives p_000.png, p_001.png … A name without it
/// gets "_{frame}" before its extension. "{frame}" in the folder's name stays.
std::filesystem::path frame_file(const std::filesystem::path& path, std::int64_t position, std::int64_t count);

}  // namespace tconv
