#pragma once
// The flags of what a person chooses about an animation beyond its pictures.

#include "export/choice_flag.h"
#include "export/timeline.h"

namespace tconv {

/// In the order of the help text; those of picture_flags.h but `--step` belong to it, too.
const std::vector<ChoiceFlag<AnimationChoices>>& animation_flags();

/// The words of `Repeat`: "once", "loop", "ping-pong".
std::string_view repeat_name(Repeat repeat);

}  // namespace tconv
