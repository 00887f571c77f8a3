#pragma once
// The flags of everything that a person chooses about a picture.

#include "export/choice_flag.h"
#include "export/picture.h"

namespace tconv {

/// In the order of the help text.
const std::vector<ChoiceFlag<PictureChoices>>& picture_flags();

}  // namespace tconv
