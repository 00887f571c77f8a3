#pragma once
// Pictures on the desktop's clipboard, through the tool that the desktop has for it.

#include <string_view>

#include "files/progress.h"

namespace tconv {

/// Puts a PNG onto the clipboard, through `wl-copy` on Wayland and `xclip` on X11: whoever pastes gets image/png.
/// Throws std::runtime_error with one line when there is no such desktop or tool, or when it fails; Cancelled.
void copy_png(std::string_view png, const Progress& progress);

}  // namespace tconv
