#pragma once
// The flags of everything that a person chooses about a picture.

#include "export/choice_flag.h"
#include "export/picture.h"

namespace tconv {

/// In the order of the help text.
const std::vector<ChoiceFlag<PictureChoices>>& picture_flags();
/// Those of them that its numbers depend on: what is shown, not how.
const std::vector<ChoiceFlag<PictureChoices>>& data_flags();

}  // namespace tconv
