#pragma once
// Where a program keeps what it remembers between two runs.

#include <filesystem>

namespace tconv {

/// $XDG_STATE_HOME/tconv-studio, without that variable ~/.local/state/tconv-studio; empty where there is no home. The
/// folder need not exist. Source: XDG Base Directory Specification 0.8, which has relative paths ignored.
std::filesystem::path user_state_folder();

/// Makes a folder of that path and those above it, as far as they are missing, for this user only. Returns whether it
/// is there.
bool make_private_folder(const std::filesystem::path& path);

}  // namespace tconv
