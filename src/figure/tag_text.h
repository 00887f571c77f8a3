#pragma once
// Cells by name, as flags and scripts write them: "output/2,3" is row 2, column 3.

#include <optional>
#include <string>
#include <string_view>

#include "figure/figure.h"

namespace tconv {

/// "input/…", "output/…", "grad_input/…", "grad_output/…" with batch,channel,depth,row,col; "kernel/…" and
/// "grad_kernel/…" with in_channel,out_channel,depth,row,col; "product/<input>/<out_channel,depth,row,col of the tap>".
/// Empty for tags that are no cells of a layer.
std::string tag_text(const Tag& tag);

/// The tag that `text` names. Numbers may be left out from the front, "output/2,3" or "output/7": those are 0. Nothing
/// when it is none of the above.
std::optional<Tag> parse_tag(std::string_view text);

}  // namespace tconv
