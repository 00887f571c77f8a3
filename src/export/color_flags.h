#pragma once
// The flags of how numbers become colours. Unlike a picture's choices they belong to the document and are saved with
// it.

#include "document/document.h"
#include "export/choice_flag.h"

namespace tconv {

/// In the order of the help text.
const std::vector<ChoiceFlag<Presentation>>& color_flags();

}  // namespace tconv
